import assert from "node:assert/strict";
import { test } from "node:test";
import { __debug, connect } from "../../dist/index.js";
import { FakeHost, HOST, ROOM, sleep, wasm } from "./compat-kit.mjs";
import { source } from "./source.mjs";

const { Told } = await source("told");

const event = (event_id, extra) => ({
  ...{ type: "t", state_key: "k", room_id: "!r", sender: "@a:hs", event_id },
  ...extra,
});

const hear = (told, data) => told.hear({ action: "send_event", data });

test("of each place the event that was told last is remembered, alone or in a list", () => {
  const told = new Told();
  hear(told, event("$1"));
  hear(told, { state: [event("$2", { content: { big: true } }), event("$3", { state_key: "" })] });
  assert.deepEqual(told.of("t", "k", "!r"), event("$2"), "no more of it than tells it apart");
  assert.equal(told.of("t", "", "!r").event_id, "$3");
  assert.equal(told.of("t", "k", "!other"), undefined);
  assert.equal(told.of("u", "k", "!r"), undefined);
});

test("where the hold or the event names no room, the place is the same", () => {
  const told = new Told();
  hear(told, event("$1"));
  hear(told, event("$2", { room_id: undefined }));
  hear(told, event("$3", { room_id: "!other" }));
  assert.equal(told.of("t", "k", "!r").event_id, "$2");
  assert.equal(told.of("t", "k", undefined).event_id, "$3");
  hear(told, event("$4"));
  assert.equal(told.of("t", "k", null).event_id, "$4", "the last is the last told, not the last place");
});

test("what is no state event leaves no trace", () => {
  const told = new Told();
  for (const data of [
    null,
    undefined,
    "text",
    {},
    { state: [null, 5, "x"] },
    event("$1", { state_key: undefined }),
    event("$1", { sender: 5 }),
    event("$1", { room_id: {} }),
    event(undefined),
  ])
    hear(told, data);
  told.hear({ action: "theme_change", data: event("$1") });
  assert.equal(told.of("t", "k", "!r"), undefined);
});

test("4096 places are remembered, and the one that was told of longest ago is forgotten", () => {
  const told = new Told();
  for (let n = 0; n < 4096; n++) hear(told, event(`$${n}`, { state_key: `${n}` }));
  hear(told, event("$again", { state_key: "0" }));
  hear(told, event("$new", { state_key: "new" }));
  assert.equal(told.of("t", "0", "!r").event_id, "$again");
  assert.equal(told.of("t", "1", "!r"), undefined);
  assert.equal(told.of("t", "2", "!r").event_id, "$2");
});

test("a hold brings along what the host told of its place before, also while the wasm was on its way", async () => {
  const host = new FakeHost();
  host.install();
  let arrive;
  const late = new Promise((resolve) => {
    arrive = () => resolve(wasm);
  });
  const stream = { arrayBuffer: () => late };
  const response = Object.assign(Object.create(Response.prototype), stream);
  Object.defineProperties(response, { ok: { value: true }, headers: { value: new Headers() } });
  const compile = WebAssembly.compile;
  WebAssembly.compile = async (source) => source;
  const client = connect({ wasm: response, widgetId: "w1", hostOrigin: HOST, roomId: ROOM });
  const tell = (sender, message) =>
    host.ask("send_event", { ...event("$before", { room_id: ROOM, sender }) }, message);
  tell("@early:hs");
  tell("@forged:hs", { widgetId: "another" });
  await sleep(5);
  arrive();
  await client.ready;
  WebAssembly.compile = compile;
  const { border } = __debug(client).core;
  const write = border.write;
  const written = [];
  border.write = (side, record, call) => {
    if (record.type === "t") written.push([side, record.sender]);
    return write.call(border, side, record, call);
  };
  const hold = { type: "t", stateKey: "k", content: {}, timeoutMs: 8000 };
  client.holdState(hold).catch(() => {});
  client.holdState({ ...hold, roomId: "!other:host.example" }).catch(() => {});
  await tell("@now:hs");
  client.holdState(hold).catch(() => {});
  await client.close();
  const [Page, Heard] = [2, 4];
  assert.deepEqual(
    written.filter(([side, sender]) => side !== Heard || sender !== undefined),
    [
      [Page, undefined],
      [Heard, "@early:hs"],
      [Page, undefined],
      [Page, undefined],
      [Heard, "@now:hs"],
    ],
  );
});
