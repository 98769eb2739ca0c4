import assert from "node:assert/strict";
import { test } from "node:test";
import { source } from "./source.mjs";

const { Border } = await source("border");

// Lines of Go's path table: side, mode, name. The numbers are wire.gen.ts's.
const Wire = 0;
const Page = 2;
const [Single, Forwarded, Listed, Numbered, Branch, Second, Watched] = [2, 3, 5, 6, 7, 8, 9];
const Args = 5;
const lines = [
  `${Wire}0`,
  `${Wire}${Forwarded}action`,
  `${Wire}${Branch}data`,
  `${Wire}${Branch}response`,
  `${Wire}${Watched}response/event_id`,
  `${Page}${Branch}content`,
  `${Page}${Second}leaveContent`,
  `${Page}${Forwarded}roomId`,
  `4${Single}type`,
  `4${Single}state_key`,
  `4${Single}sender`,
  `5${Branch}content`,
  `5${Listed}roomIds`,
  `4${Single}room_id`,
  `4${Single}event_id`,
  `${Wire}${Numbered}requestId`,
];
const [Number_, Text, Kept, Opaque, Serial] = [4, 5, 6, 7, 9];

/** A border over memory that nobody reads but the test. */
function border(contents = {}) {
  const mem = { buffer: new ArrayBuffer(1 << 16) };
  const words = new Int32Array(mem.buffer);
  const [header, inbox, text] = [0, 1024, 32768];
  words.set([inbox, 1024, text, 16384, inbox, text], header);
  const made = new Border({
    content: (call, second) => contents[call]?.[second ? 1 : 0],
    holds: (type, stateKey) => type === "t" && stateKey === "k",
  });
  const exports = { memory: mem, wf_header: () => header, wf_reserve: assert.fail, wf_intern: () => 0 };
  made.attach(exports, lines.join("\n"), "", "id-");
  made.begin();
  /** The fields of the inbox as [path, kind, what follows]. */
  const fields = (length) => {
    const found = [];
    for (let at = inbox / 4, end = at + length; at < end; ) {
      const [path, kind] = [words[at] & 0xffff, words[at] >> 16];
      const size = kind === Number_ ? 2 : kind === Text ? 3 : [Kept, Opaque, Serial].includes(kind) ? 1 : 0;
      found.push([path, kind, ...words.subarray(at + 1, at + 1 + size)]);
      at += 1 + size;
    }
    return found;
  };
  const texts = (length) =>
    fields(length)
      .filter(([, kind]) => kind === Text)
      .map(([path, , , at, size]) => [
        path,
        new TextDecoder().decode(new Uint8Array(mem.buffer, text + at, size)),
      ]);
  return { made, words, inbox, fields, texts };
}

test("a text or a file of a call stays in the call, so that it may wait, and a lone text is read where a list may be", () => {
  const { made, fields, texts } = border({ 3: ["a file's text"] });
  const written = made.write(Args, { content: "a file's text", roomIds: "*" }, 3);
  const [content, rooms] = fields(written);
  assert.deepEqual(content, [11, Kept, -6]);
  assert.equal(rooms[1], Text);
  assert.deepEqual(texts(written), [[12, "*"]]);
});

test("content and leaveContent of one call are told apart by their handles, and come back by them", () => {
  const contents = { 3: [{ in: 1 }, { out: 1 }] };
  const { made, words, inbox, fields } = border(contents);
  const length = made.write(Page, { content: contents[3][0], leaveContent: contents[3][1], roomId: {} }, 3);
  const handles = fields(length).map(([path, kind, handle]) => [path, kind, handle]);
  assert.deepEqual(handles, [
    [5, Opaque, -6],
    [6, Opaque, -7],
    [7, Opaque, 1],
  ]);
  words.set([5 | (Opaque << 16), -6, 6 | (Opaque << 16), -7], inbox / 4);
  made.open();
  contents[3][0] = { in: 2 }; // an update
  assert.deepEqual(made.record(2), { content: { in: 2 }, leaveContent: { out: 1 } });
});

test("what a hold compares is read only while one watches", () => {
  const { made, texts, fields } = border();
  const answer = { action: "a", data: { type: "t" }, response: { event_id: "$e" } };
  assert.deepEqual(texts(made.message(answer)), []);
  assert.equal(fields(made.message(answer)).find(([path]) => path === 4)[1], Kept);
  made.begin();
  made.watching = true;
  assert.deepEqual(texts(made.message(answer)), [[4, "$e"]], "an answer tells of no event");
});

test("events that somebody holds are heard in a message's data and in its list of state, and no others", () => {
  const { made, texts } = border();
  made.watching = true;
  // Hosts tell the members in any order; they cross in the table's.
  const event = (sender) => ({
    event_id: "$e",
    sender,
    content: {},
    state_key: "k",
    room_id: "!r",
    type: "t",
  });
  const heard = (sender) => [
    [8, "t"],
    [9, "k"],
    [10, sender],
    [13, "!r"],
    [14, "$e"],
  ];
  assert.deepEqual(texts(made.message({ data: event("@u") })), heard("@u"));
  made.begin();
  const others = [
    null,
    5,
    "x",
    [],
    { type: "t" },
    { type: "t", state_key: "other" },
    { type: "u", state_key: "k" },
  ];
  const state = [...others, event("@v"), event("@w")];
  assert.deepEqual(texts(made.message({ data: { ...event("@ignored"), state }, response: null })), [
    ...heard("@v"),
    ...heard("@w"),
  ]);
  for (const data of [undefined, null, 5, "x", ...others]) {
    made.begin();
    assert.deepEqual(texts(made.message({ action: "a", data })), []);
  }
});

test("a request id is ours if it is the prefix and one of our numbers, written as we write it", () => {
  const { made, fields } = border();
  const kind = (requestId) => {
    made.begin();
    return fields(made.message({ requestId }))[0].slice(1);
  };
  assert.deepEqual(kind("id-7"), [Serial, 7]);
  assert.deepEqual(kind("id-2147483647"), [Serial, 2147483647]);
  for (const foreign of ["id-4294967303", "id-2147483648", "id-07", "id-", "id-1e3", "id--7", "7", "other-7"])
    assert.equal(kind(foreign)[0], Kept, foreign);
});
