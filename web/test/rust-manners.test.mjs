/**
 * The manners of the FAKE Rust-style host (pages/host/rust-style.ts), one by one, asked by hand-written messages of a page
 * on which no client runs. W§3.3 – 3.6 and W§4.3 say what they are.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  byHandOpener,
  DEFAULT,
  RECEIVE,
  SEND,
  SEND_DELAYED,
  sendEvent,
  speakByHand,
  TYPE,
  UPDATE,
  update,
} from "./by-hand.mjs";
import { widgetIn, world } from "./harness.mjs";
import { eventually } from "./keeping.mjs";

const all = await world();
const { config, room } = all;
const openByHand = byHandOpener(all);
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** Chromium reports a message to a page that is not there yet. */
const EARLY = [/Failed to execute 'postMessage'.*target origin/];
const errorOf = (response) => response.error?.message ?? JSON.stringify(response);

test("it says what it knows: no renegotiation, no read_events, although it reads them", async () => {
  const { say, negotiate } = await openByHand();
  await negotiate([...DEFAULT, `${RECEIVE}state_event:${TYPE}`]);
  const [versions, read] = await say([
    { action: "supported_api_versions", data: {} },
    { action: "org.matrix.msc2876.read_events", data: { type: TYPE, state_key: true } },
  ]);
  assert.deepEqual(versions, {
    supported_versions: [
      ...["0.0.1", "0.0.2", "org.matrix.msc2762", "org.matrix.msc2762_update_state", "org.matrix.msc2871"],
      ...["org.matrix.msc3819", "org.matrix.msc4039", "org.matrix.msc4515"],
    ],
  });
  assert.ok(Array.isArray(read.events));
});

test("what cannot be read gets no answer: without api, widgetId or requestId, of another widget, or no object", async () => {
  const { frame, say } = await openByHand();
  const request = { action: "content_loaded", data: {} };
  const odd = [
    { api: undefined },
    { api: "widget" },
    { widgetId: undefined },
    { widgetId: "w2" },
    { widgetId: 1 },
  ];
  const answers = await say(
    odd.map((change) => ({ ...request, ...change })),
    { wait: false },
  );
  assert.deepEqual(
    answers,
    odd.map(() => "silence"),
  );
  const before = await frame.evaluate((request) => {
    const before = window.heard.length;
    const whole = { api: "fromWidget", widgetId: "w1", ...request };
    for (const message of ["text", null, 5, [], { ...whole }, { ...whole, requestId: 7 }])
      window.post(message);
    return before;
  }, request);
  await say([]);
  assert.equal(await frame.evaluate(() => window.heard.length), before + 1);
});

test("what can be read but not understood is refused in serde's words, with nulls for what there is not", async () => {
  const { say, negotiate } = await openByHand();
  await negotiate();
  const table = [
    [{ action: "org.example.x", data: {} }, /^unknown variant `org.example.x`, expected one of `/],
    [{ action: "org.matrix.msc2974.request_capabilities", data: { capabilities: [] } }, /^unknown variant/],
    [{ data: {} }, /^missing field `action`/],
    [{ action: "content_loaded" }, /^missing field `data`/],
    [sendEvent({ type: undefined }), /^missing field `type`/],
    [sendEvent({ content: undefined }), /^missing field `content`/],
    [sendEvent({ type: 5 }), /^invalid type: integer `5`, expected a string/],
    [sendEvent({ delay: "8000" }), /^invalid type: string "8000", expected u64/],
    [sendEvent({ delay: -5 }), /^invalid value: integer `-5`, expected u64/],
    [sendEvent({ delay: 1.5 }), /^invalid type: floating point `1.5`, expected u64/],
    [update({ action: "send" }), /^missing field `delay_id`/],
  ];
  const answers = await say(table.map(([message]) => message));
  answers.forEach((response, i) => {
    assert.match(response.error.message, table[i][1]);
    assert.equal(response.error.matrix_api_error, null);
  });
});

test("members that it does not know are passed over: room_id, and the timeouts of other generations", async () => {
  const { say, negotiate } = await openByHand();
  await negotiate();
  const key = room.key();
  const elsewhere = { room_id: "!other:example.org", timeout: 60_000, sticky_duration_ms: 5000 };
  const [response] = await say([sendEvent({ state_key: key, ...elsewhere })]);
  const [event] = await room.eventsWithKey(key);
  assert.deepEqual(response, { room_id: config.roomId, event_id: event.event_id, delay_id: null });
});

test("a delay that is null is none, and that of a redaction is ignored: both are sent at once", async () => {
  const { page, say, negotiate } = await openByHand();
  await negotiate([...DEFAULT, "org.matrix.msc2762.send.event:m.room.redaction"]);
  const key = room.key();
  const [sent] = await say([sendEvent({ state_key: key, delay: null })]);
  assert.equal((await room.eventsWithKey(key))[0].event_id, sent.event_id);
  const content = { redacts: sent.event_id };
  const [redaction] = await say([
    { action: "send_event", data: { type: "m.room.redaction", content, delay: 60_000 } },
  ]);
  assert.equal(redaction.delay_id, null);
  assert.ok((await room.timeline()).some((event) => event.event_id === redaction.event_id));
  const calls = await page.evaluate(() => window.driverCalls.map(({ method }) => method));
  assert.deepEqual(calls, ["sendEvent", "redact"]);
});

test("a delayed event is managed by the old form, and a refusal has status and body and nothing else", async () => {
  const { page, say, negotiate } = await openByHand();
  await negotiate();
  const posts = [];
  page.on("request", (request) => {
    if (request.method() === "POST") posts.push([new URL(request.url()).pathname, request.postDataJSON()]);
  });
  const [{ delay_id: id, ...rest }] = await say([sendEvent({ state_key: room.key(), delay: 60_000 })]);
  assert.deepEqual(rest, { room_id: config.roomId, event_id: null });
  assert.deepEqual(await say([update({ delay_id: id, action: "cancel" })]), [{}]);
  const [again, empty] = await say([
    update({ delay_id: id, action: "cancel" }),
    update({ delay_id: "", action: "cancel" }),
  ]);
  assert.deepEqual(again.error.matrix_api_error, {
    http_status: 404,
    response: { errcode: "M_NOT_FOUND", error: "Delayed event not found" },
  });
  assert.match(again.error.message, /M_NOT_FOUND/);
  assert.equal(empty.error.matrix_api_error.http_status, 404, "the homeserver was asked about the empty id");
  const path = "/_matrix/client/unstable/org.matrix.msc4140/delayed_events/";
  assert.deepEqual(posts.slice(0, 2), Array(2).fill([path + id, { action: "cancel" }]));
});

test("before the negotiation an event gets no answer, anything else is refused", async () => {
  const { page, say } = await openByHand();
  const [silent] = await say([sendEvent()], { wait: false });
  assert.equal(silent, "silence");
  const refusals = await say([
    update({ delay_id: "x", action: "send" }),
    { action: "org.matrix.msc2876.read_events", data: { type: TYPE } },
  ]);
  for (const { error } of refusals) assert.match(error.message, /before capabilities were negotiated/);
  assert.deepEqual(await page.evaluate(() => window.driverCalls), []);
});

test("it negotiates once: content_loaded is answered {} again and again, and asks for nothing more", async () => {
  const { frame, say, negotiate } = await openByHand();
  await negotiate();
  const loaded = { action: "content_loaded", data: {} };
  assert.deepEqual(await say([loaded, loaded]), [{}, {}]);
  await say([]);
  assert.equal(await frame.evaluate(() => window.asked("capabilities").length), 1);
});

test("without init on content_loaded it asks by itself, once, whenever content_loaded comes", async () => {
  for (const [lib, order] of [
    ["rust-style", ["content_loaded", "capabilities"]],
    ["rust-style-early", ["capabilities", "content_loaded"]],
  ]) {
    const { page } = await openByHand({ lib, wait: "load", expect: EARLY });
    await page.addInitScript(() => {
      const message = { api: "fromWidget", widgetId: "w1", requestId: "early", action: "content_loaded" };
      if (location.pathname === "/widget.html") parent.postMessage({ ...message, data: {} }, "*");
    });
    await page.reload(); // this time content_loaded comes long before the load event
    const { frame } = await widgetIn(page);
    await eventually("it has asked", () => page.evaluate(() => window.hostEvents.length > 0));
    await frame.evaluate(speakByHand);
    const loaded = { action: "content_loaded", data: {} };
    assert.deepEqual(await frame.evaluate((loaded) => window.say([loaded]), loaded), [{}]);
    const actions = await page.evaluate(() => window.wire.map(({ message }) => message.action));
    assert.deepEqual([...new Set(actions)].slice(0, 2), order);
    assert.equal(actions.filter((action) => action === "capabilities").length, 1);
  }
});

test("strings that it does not know are dropped without a word, from what was asked for too", async () => {
  const { negotiate } = await openByHand({ grant: "^(?!.*to_device)" });
  const unknown = [
    `org.matrix.msc2762.timeline:${config.roomId}`,
    "org.matrix.msc4157.update.delayed_event",
    "m.sticker",
  ];
  const toDevice = "org.matrix.msc3819.send.to_device:t";
  const { requested, approved } = await negotiate([...unknown, SEND + TYPE, toDevice, UPDATE, SEND_DELAYED]);
  assert.deepEqual(requested, [UPDATE, SEND_DELAYED, SEND + TYPE, toDevice]);
  assert.deepEqual(approved, [UPDATE, SEND_DELAYED, SEND + TYPE]);
});

test("what was not approved is refused: the delay first, then the type, which ends at the first #", async () => {
  const { say, negotiate } = await openByHand({ grant: "^(?!.*delayed)" });
  await negotiate([...DEFAULT, `${SEND}a\\#b`, `${SEND}keyed#one`]);
  const answers = await say([
    sendEvent({ type: "other", delay: 1000 }),
    update({ delay_id: "x", action: "send" }),
    sendEvent({ type: "other" }),
    sendEvent({ type: "a#b" }),
    sendEvent({ type: "keyed", state_key: "two" }),
    sendEvent({ type: "keyed", state_key: "one" }),
    sendEvent({ type: "a\\", state_key: "b" }),
  ]);
  assert.deepEqual(answers.slice(0, 5).map(errorOf), [
    `Not allowed: missing the ${SEND_DELAYED} capability.`,
    `Not allowed: missing the ${UPDATE} capability.`,
    ...Array(3).fill("Not allowed to send event"),
  ]);
  assert.ok(answers.slice(5).every((answer) => answer.event_id));
});

test("its requests have UUIDs, and an answer needs the same id and action, data and response", async () => {
  const { frame, say, hostEvents } = await openByHand();
  await say([{ action: "content_loaded", data: {} }]);
  const id = await frame.evaluate(async (capabilities) => {
    const request = await window.until(() => window.asked("capabilities")[0]);
    const good = { ...request, response: { capabilities } };
    for (const bad of [
      { data: undefined },
      { action: undefined },
      { api: "widget" },
      { requestId: "widgetapi-1" },
    ])
      window.post({ ...good, ...bad });
    return request.requestId;
  }, DEFAULT);
  assert.match(id, UUID);
  await say([]);
  assert.deepEqual((await hostEvents()).map(({ detail }) => detail).slice(1), [
    ...Array(3).fill("what is not for this widget"),
    "an answer to nothing",
  ]);
  assert.equal(await frame.evaluate(() => window.asked("notify_capabilities").length), 0);
  // The right id with another action is the end of it: the request is taken off and nothing comes of it.
  await frame.evaluate(() => {
    const [request] = window.asked("capabilities");
    window.post({ ...request, action: "visibility", response: { capabilities: [] } });
    window.post({ ...request, response: { capabilities: [] } });
  });
  await say([]);
  assert.equal(await frame.evaluate(() => window.asked("notify_capabilities").length), 0);
});

test("a message is JSON text both ways: what JSON cannot say is gone", async () => {
  const { frame, negotiate } = await openByHand();
  await negotiate();
  const key = room.key();
  const response = await frame.evaluate(
    async (data) => {
      const requestId = "json";
      const content = { map: new Map([["a", 1]]), none: undefined, date: new Date(0), not: Number.NaN };
      window.post({
        api: "fromWidget",
        widgetId: "w1",
        requestId,
        action: "send_event",
        data: { ...data, content },
      });
      const answer = await window.until(() => window.heard.find((m) => m.requestId === requestId));
      return [answer.response.event_id, Object.keys(answer.data.content)];
    },
    { type: TYPE, state_key: key },
  );
  const [event] = await room.eventsWithKey(key);
  assert.deepEqual(event.content, { map: {}, date: "1970-01-01T00:00:00.000Z", not: null });
  assert.deepEqual(response, [event.event_id, ["map", "date", "not"]]);
});

test("an identity is promised first and answered by a request of its own", async () => {
  const { frame, say } = await openByHand();
  assert.deepEqual(await say([{ action: "get_openid", data: {}, requestId: "who" }]), [{ state: "request" }]);
  const data = await frame.evaluate(() => window.until(() => window.asked("openid_credentials")[0]?.data));
  assert.deepEqual(Object.keys(data).sort(), [
    ...["access_token", "expires_in", "matrix_server_name", "original_request_id", "state", "token_type"],
  ]);
  assert.deepEqual([data.state, data.original_request_id], ["allowed", "who"]);
});

test("state is pushed with update_state, first as it is and then as it changes; messages with send_event", async () => {
  const { frame, negotiate } = await openByHand({ feed: "1" });
  const [old, key] = [room.key(), room.key()];
  await room.sendAsModerator(TYPE, { n: 1 }, old);
  await negotiate([...DEFAULT, `${RECEIVE}state_event:${TYPE}`, `${RECEIVE}event:m.room.message#m.text`]);
  await room.sendAsModerator("m.room.message", { msgtype: "m.notice", body: "not asked for" });
  await room.sendAsModerator("m.room.message", { msgtype: "m.text", body: key });
  await room.sendAsModerator(TYPE, { n: 2 }, key);
  const seen = await frame.evaluate(async (key) => {
    await window.until(() =>
      window.asked("update_state").find(({ data }) => data.state[0]?.state_key === key),
    );
    return [window.asked("update_state"), window.asked("send_event")].map((list) =>
      list.map(({ data }) => data),
    );
  }, key);
  const [states, events] = seen;
  assert.ok(states.some(({ state }) => state.some((event) => event.state_key === old)));
  assert.deepEqual(
    states.at(-1).state.map(({ content }) => content),
    [{ n: 2 }],
  );
  assert.deepEqual(events.map(({ content }) => content.body).slice(-1), [key]);
  assert.ok(events.every(({ content }) => content.msgtype === "m.text"));
});
