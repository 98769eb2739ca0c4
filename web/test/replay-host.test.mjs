/**
 * Releases that no registry has, replayed from recordings of them (REPLAYS: pages/host/replay.ts): what the page is told
 * there, and that a replay says nothing that was not recorded. Nothing is scheduled; a token that is spent here is one of
 * the recording, which the homeserver has never seen.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { good, refused, world } from "./harness.mjs";

const { config, room, openHost, connectOptions } = await world();
const MEMBER = "org.matrix.msc3401.call.member";
const KEY = "_replayed";
const SEND_MEMBER = `org.matrix.msc2762.send.state_event:${MEMBER}`;
const SEND_MESSAGE = "org.matrix.msc2762.send.event:m.room.message";
const UPDATE = "org.matrix.msc4157.update_delayed_event";
const UPDATE_DOTTED = "org.matrix.msc4157.update.delayed_event";
const leave = (extra) => ({ type: MEMBER, stateKey: KEY, content: {}, timeoutMs: 8000, ...extra });
/** The same on the wire, but for the timeout. */
const wireLeave = (extra) => ({
  ...{ type: MEMBER, state_key: KEY, content: {}, room_id: config.roomId },
  ...extra,
});

/** Grants what a driver of its day could know: not the name that the update action got later. */
const DOTTED_ONLY = `^(?!${UPDATE.replaceAll(".", "\\.")}$)`;
/** Chromium itself reports the homeserver's 410 to a token it does not know. */
const GONE = [/Failed to load resource: .* 410/];
const NOT_RECORDED = [/^replay-.*: the recording of .* has nothing like this/];

async function open(lib, { dialect, capabilities = [SEND_MEMBER], ...extra } = {}) {
  const options = connectOptions({ dialect, capabilities, deadlineMs: 1000 });
  const handle = await openHost({ lib, options, ...extra });
  good(await handle.widget.ready());
  return handle;
}

const data = async (host, action) => (await host.requests(action)).map((request) => request.data);
const notRecorded = async (host) =>
  (await host.events()).filter(({ name }) => name === "not recorded").map(({ detail }) => detail.what);
const present = (receipt) =>
  Object.fromEntries(Object.entries(receipt).filter(([, value]) => value !== undefined));

for (const lib of ["replay-first-draft", "replay-1.7.0", "replay-1.8.0", "replay-1.8.1"]) {
  test(`${lib}: it begins as recorded, and in auto a future is unsupported although all was approved`, async () => {
    const { host, widget } = await open(lib);
    const crossed = (await host.wire()).map(
      ({ direction, message }) => `${direction} ${message.action}${message.response ? ", answer" : ""}`,
    );
    assert.deepEqual(crossed.filter((line) => !line.includes("supported_api_versions")).slice(0, 6), [
      "widget>host content_loaded",
      "host>widget content_loaded, answer",
      "host>widget capabilities",
      "widget>host capabilities, answer",
      "host>widget notify_capabilities",
      "widget>host notify_capabilities, answer",
    ]);
    await widget.settle();
    const told = (await host.events()).map(({ name }) => name);
    assert.deepEqual(told, ["preparing", "ready", "capabilitiesNotified"]);
    const versions = await widget.frame.evaluate(() => [...window.client.hostVersions]);
    assert.equal(versions.length, 12);
    assert.ok(versions.includes("org.matrix.msc2974"));

    const error = refused(await widget.schedule("leave", leave()), "unsupported");
    assert.match(error.message, /answers the action of delayed events like an unknown one/);
    assert.deepEqual(await data(host, UPDATE), [{ delay_id: "", action: "cancel" }]);
    const [answer] = await host.answers(UPDATE);
    assert.deepEqual(answer, { error: { message: `Unknown or unsupported action: ${UPDATE}` } });
    assert.deepEqual(await host.requests("send_event"), []);
    assert.deepEqual(await notRecorded(host), []);
  });
}

for (const [lib, dialect, timeoutName, groupName, n] of [
  ["replay-first-draft", "futures", "timeout", "group_id", 1],
  ["replay-1.7.0", "futures-prefixed", "future_timeout", "future_group_id", 3],
]) {
  const groupId = `fg${n}`;
  const tokens = { sendToken: `send${n}`, cancelToken: `cancel${n}` };

  test(`${lib}: with dialect "${dialect}" a future gets the tokens of the recording, an action future no refresh token`, async () => {
    const { host, widget } = await open(lib, { dialect });
    const before = Date.now();
    const { expiresAt, ...timeout } = good(await widget.schedule("timeout", leave()));
    const common = { roomId: config.roomId, dialect, groupId, ...tokens };
    assert.deepEqual(present(timeout), { ...common, timeoutMs: 8000, refreshToken: `refresh${n}` });
    assert.ok(expiresAt >= before + 8000);
    const action = good(await widget.schedule("action", leave({ timeoutMs: undefined, groupId })));
    assert.deepEqual(present(action), common);
    assert.deepEqual(await data(host, "send_event"), [
      wireLeave({ [timeoutName]: 8000 }),
      wireLeave({ [groupName]: groupId }),
    ]);
    const [receipt] = await host.answers("send_event");
    assert.equal(receipt.event_id, lib === "replay-first-draft" ? "" : undefined);
    assert.deepEqual(await widget.seen("sentimmediately"), []);
  });

  test(`${lib}: a token goes to the homeserver, in the path of its draft, and what is gone there is spent`, async () => {
    const { page, widget } = await open(lib, { dialect, expect: GONE });
    good(await widget.schedule("leave", leave()));
    const posts = [];
    page.on("request", (request) => request.method() === "POST" && posts.push(request.url()));
    for (const verb of ["refresh", "send"]) {
      const error = refused(await widget.verb("leave", verb), "spent");
      assert.match(error.message, /./);
    }
    const path = `_matrix/client/${dialect === "futures" ? "v3" : "v1"}/future/`;
    const [first] = posts;
    assert.equal(first, `${config.homeserver}${path}refresh${n}`);
  });

  test(`${lib}: further futures have names of their own, in the group they were put into`, async () => {
    const { widget } = await open(lib, { dialect });
    good(await widget.schedule("first", leave()));
    const second = good(await widget.schedule("second", leave()));
    assert.deepEqual([second.groupId, second.sendToken], [`${groupId}~2`, `${tokens.sendToken}~2`]);
    const spec = leave({ timeoutMs: undefined, groupId: second.groupId });
    assert.equal(good(await widget.schedule("action", spec)).groupId, second.groupId);
  });
}

for (const lib of ["replay-1.8.0", "replay-1.8.1"]) {
  test(`${lib}: in auto a driver of its day, granting the dotted name alone, gets "delayed-dotted"`, async () => {
    const { host, widget } = await open(lib, { grant: DOTTED_ONLY });
    const { expiresAt, ...future } = good(await widget.schedule("leave", leave()));
    const receipt = { roomId: config.roomId, dialect: "delayed-dotted", delayId: "delay3", timeoutMs: 8000 };
    assert.deepEqual(present(future), receipt);
    assert.deepEqual(await data(host, "send_event"), [wireLeave({ delay: 8000 })]);
    good(await widget.refresh("leave"));
    assert.ok((await widget.future("leave")).expiresAt >= expiresAt);
    good(await widget.send("leave"));
    refused(await widget.cancel("leave"), "spent");
    const verbs = [
      { delay_id: "", action: "cancel" },
      { delay_id: "delay3", action: "restart" },
      { delay_id: "delay3", action: "send" },
    ];
    assert.deepEqual(await data(host, UPDATE_DOTTED), verbs);
    assert.deepEqual(await host.requests(UPDATE), []);
    assert.deepEqual(await notRecorded(host), []);
    const late = await widget.call("request", UPDATE_DOTTED, { delay_id: "delay3", action: "cancel" });
    assert.equal(refused(late, "host").message, "Error updating delayed event");
  });

  test(`${lib}: with dialect "delayed-dotted" too, and a second future has an id of its own`, async () => {
    const { widget } = await open(lib, {
      dialect: "delayed-dotted",
      capabilities: [SEND_MEMBER, SEND_MESSAGE],
    });
    good(await widget.schedule("first", leave()));
    assert.equal(good(await widget.schedule("second", leave())).delayId, "delay3~2");
    const content = { msgtype: "m.text", body: "later" };
    const spec = { type: "m.room.message", content, timeoutMs: 5000, allowUnencrypted: true };
    const message = good(await widget.schedule("message", spec));
    assert.deepEqual([message.delayId, message.roomId], ["delay4", config.roomId]);
    good(await widget.refresh("second"));
    for (const name of ["first", "second", "message"]) good(await widget.cancel(name));
  });

  test(`${lib}: where the dotted name is not granted, nothing is posted`, async () => {
    const { host, widget } = await open(lib, { grant: SEND_MEMBER.replaceAll(".", "\\.") });
    const error = refused(await widget.schedule("leave", leave()), "capability");
    assert.ok(error.missing.length > 0);
    await widget.settle();
    assert.deepEqual(await host.requests("send_event"), []);
  });
}

/** Runs the same for each of them, at the same time. */
const each = (cases, work) => Promise.all(cases.map((one) => work(...one)));

test("a dialect that is not its own, of a kind no host can be asked about: it sends at once, and the page is told", () =>
  each(
    [
      ["replay-first-draft", "$ev2"],
      ["replay-1.8.0", "$ev11"],
      ["replay-1.8.1", "$ev11"],
    ],
    async (lib, eventId) => {
      const { host, widget } = await open(lib, { dialect: "futures-prefixed" });
      const error = refused(await widget.schedule("leave", leave()), "sent_immediately");
      assert.deepEqual([error.eventId, error.roomId], [eventId, config.roomId]);
      const told = await widget.waitForSeen("sentimmediately");
      assert.deepEqual(told, { eventId, roomId: config.roomId, type: MEMBER, stateKey: KEY });
      assert.equal((await widget.schedule("again", leave())).ok, false);
      assert.equal((await host.requests("send_event")).length, 1);
    },
  ));

test("delayed events of another name than its own are unsupported, and nothing is posted", () =>
  each(
    [
      ["replay-first-draft", "delayed"],
      ["replay-first-draft", "delayed-dotted"],
      ["replay-1.7.0", "delayed"],
      ["replay-1.7.0", "delayed-dotted"],
      ["replay-1.8.0", "delayed"],
      ["replay-1.8.1", "delayed"],
    ],
    async (lib, dialect) => {
      const { host, widget } = await open(lib, { dialect });
      refused(await widget.schedule("leave", leave()), "unsupported");
      assert.deepEqual(await host.requests("send_event"), []);
      assert.deepEqual(await notRecorded(host), []);
    },
  ));

test("every replay has a plain message as recorded, with the room of now and an event id of its own", async () => {
  const content = { msgtype: "m.text", body: "now" };
  for (const [lib, eventId] of [
    ["replay-1.7.0", "$ev1"],
    ["replay-1.8.1", "$ev1"],
  ]) {
    const { widget } = await open(lib, { capabilities: [SEND_MESSAGE] });
    const sent = good(await widget.call("sendEvent", { type: "m.room.message", content }));
    assert.deepEqual(sent, { roomId: config.roomId, eventId });
  }
});

test("what happens in the room reaches the widget in the recorded form, where the widget may see it", async () => {
  const { host, widget } = await open("replay-1.8.1", {
    capabilities: [`org.matrix.msc2762.receive.state_event:${MEMBER}`],
    feed: true,
  });
  const key = room.key();
  await widget.listen("send_event", {});
  await room.sendAsModerator("m.room.message", { msgtype: "m.text", body: "hi" });
  await room.sendAsModerator(MEMBER, { by: "moderator" }, key);
  await widget.frame.waitForFunction(
    (key) => window.seen.some(({ detail }) => detail?.state_key === key),
    key,
  );
  const asked = (await host.wire()).filter(
    ({ direction, message }) => direction === "host>widget" && message.action === "send_event",
  );
  assert.ok(asked.every(({ message }) => message.data.type === MEMBER && message.api === "toWidget"));
});

test("what was not recorded gets no answer, and the replay says so aloud", async () => {
  const untried = "send_event, content: object, state_key: string, timeout: positive, type: allowed";
  const request = (action, data) => (widget) => widget.call("request", action, data);
  const schedule = (widget) => widget.schedule("leave", leave());
  await each(
    [
      ["replay-1.7.0", schedule, untried],
      ["replay-1.8.1", schedule, untried],
      ["replay-1.8.1", request("get_openid", {}), "get_openid"],
      [
        "replay-1.8.1",
        request("org.matrix.msc2876.read_events", { type: "t" }),
        "org.matrix.msc2876.read_events, type: not allowed",
      ],
      [
        "replay-1.8.1",
        request(UPDATE_DOTTED, { delay_id: "x", action: "send" }),
        `${UPDATE_DOTTED}, action: send, delay_id: unknown, not granted`,
      ],
    ],
    async (lib, ask, what) => {
      const handle = await open(lib, { dialect: "futures", expect: NOT_RECORDED });
      refused(await ask(handle.widget), "timeout");
      assert.deepEqual(await notRecorded(handle.host), [what]);
      const said = handle.console.filter((message) => message.type() === "error");
      assert.equal(said.length, 1);
      assert.ok(said[0].text().endsWith(what), said[0].text());
    },
  );
});

test("an action that no host knows, and an update of nothing, are refused in the recorded words", async () => {
  for (const lib of ["replay-first-draft", "replay-1.7.0", "replay-1.8.1"]) {
    const { widget } = await open(lib);
    const error = refused(await widget.call("request", "org.example.made_up", {}), "host");
    assert.equal(error.message, "Unknown or unsupported action: org.example.made_up");
  }
  const { widget } = await open("replay-1.8.1", { dialect: "none" }); // which asks for no capability of futures
  const empty = await widget.call("request", UPDATE_DOTTED, { delay_id: "", action: "restart" });
  assert.equal(refused(empty, "host").message, "Invalid request - missing delay_id");
});

test("a start at iframe load was not recorded of any of them: the replay says so and stays silent", async () => {
  const opened = await openHost({
    lib: "replay-1.7.0",
    wait: "load",
    options: connectOptions({ handshakeTimeoutMs: 1000, capabilities: [SEND_MEMBER] }),
    expect: NOT_RECORDED,
  });
  refused(await opened.widget.ready(), "timeout");
  assert.deepEqual(await notRecorded(opened.host), ["a start at the iframe's load event"]);
  const said = opened.console
    .filter((message) => message.type() === "error")
    .map((message) => message.text());
  assert.deepEqual(said, [
    "replay-1.7.0: the recording of matrix-widget-api 1.7.0 has nothing like this: a start at the iframe's load event",
  ]);
});
