/**
 * Today's host, the real `ClientWidgetApi` of matrix-widget-api 1.19.0, end to end: what hosts.test.mjs does not look at on
 * every release.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { good, refused, sleep, world } from "./harness.mjs";

const { room, openHost, connectOptions } = await world();
const MEMBER = "org.matrix.msc3401.call.member";
const STATE_CAPABILITY = `org.matrix.msc2762.send.state_event:${MEMBER}`;
const MESSAGE_CAPABILITY = "org.matrix.msc2762.send.event:m.room.message";
const DELAYED = ["org.matrix.msc4157.send.delayed_event", "org.matrix.msc4157.update_delayed_event"];
const leave = (key, extra) => ({ type: MEMBER, stateKey: key, content: {}, timeoutMs: 60_000, ...extra });

async function openReady(extra = {}) {
  const options = connectOptions({ capabilities: [STATE_CAPABILITY, MESSAGE_CAPABILITY], ...extra.options });
  const handle = await openHost({ lib: "mwa-1.19.0", ...extra, options });
  good(await handle.widget.ready());
  return handle;
}

for (const wait of ["load", "content"]) {
  const when = `waitForIframeLoad ${wait === "load"}`;

  test(`immediate events and messages are sent as they always were (${when})`, async () => {
    const key = room.key();
    const { widget } = await openReady({ wait });
    const state = good(await widget.call("sendEvent", { type: MEMBER, stateKey: key, content: { n: 1 } }));
    const body = `hello ${key}`;
    const message = good(
      await widget.call("sendEvent", { type: "m.room.message", content: { msgtype: "m.text", body } }),
    );
    const timeline = await room.timeline();
    const byId = (id) => timeline.find((event) => event.event_id === id);
    assert.deepEqual(byId(state.eventId).content, { n: 1 });
    assert.equal(byId(message.eventId).content.body, body);
    assert.equal(byId(message.eventId).state_key, undefined);
  });

  test(`when the widget's iframe is removed, its leave arrives by itself (${when})`, async () => {
    const key = room.key();
    const { host, widget } = await openReady({ wait });
    good(await widget.schedule("leave", leave(key, { timeoutMs: 2500 })));
    good(await widget.call("sendEvent", { type: MEMBER, stateKey: key, content: { joined: true } }));
    good(await widget.refresh("leave"));
    const { expiresAt } = await widget.future("leave");
    await host.removeWidget();
    await sleep(expiresAt - Date.now() + 1000);
    const events = await room.eventsWithKey(key);
    assert.deepEqual(
      events.map((event) => event.content),
      [{ joined: true }, {}],
    );
    assert.ok(events[1].origin_server_ts >= expiresAt);
  });
}

test("denied only the delayed capabilities, the error names just those, and plain events still go out", async () => {
  const key = room.key();
  const { host, widget } = await openReady({ grant: "^(?!org\\.matrix\\.msc4157)" });
  const error = refused(await widget.schedule("leave", leave(key)), "capability");
  assert.deepEqual([...error.missing].sort(), [...DELAYED].sort());
  await widget.settle();
  assert.deepEqual(await host.requests("send_event"), []);
  good(await widget.call("sendEvent", { type: MEMBER, stateKey: key, content: {} }));
});

test("denied only the event's own capability, the error names it", async () => {
  const key = room.key();
  const { host, widget } = await openReady({ grant: "^(?!org\\.matrix\\.msc2762\\.send)" });
  const error = refused(await widget.schedule("leave", leave(key)), "capability");
  assert.ok(
    error.missing.every((capability) => capability.startsWith(STATE_CAPABILITY)),
    `missing: ${error.missing}`,
  );
  await widget.settle();
  assert.deepEqual(await host.requests("send_event"), []);
});

test("a delayed message needs allowUnencrypted, and with it the message goes out in time", async () => {
  const { host, widget } = await openReady();
  const content = { msgtype: "m.text", body: `later ${room.key()}` };
  const spec = { type: "m.room.message", content, timeoutMs: 800 };
  const error = await widget.schedule("message", spec);
  assert.equal(error.ok, false);
  assert.match(`${error.message} ${error.hint}`, /allowUnencrypted/);
  await widget.settle();
  assert.deepEqual(await host.requests("send_event"), []);
  const { expiresAt } = good(await widget.schedule("message", { ...spec, allowUnencrypted: true }));
  await sleep(expiresAt - Date.now() + 1000);
  const sent = (await room.timeline()).filter((event) => event.content.body === content.body);
  assert.equal(sent.length, 1);
  assert.ok(sent[0].origin_server_ts >= expiresAt);
});

test("a capability asked for later is granted by a second negotiation", async () => {
  const key = room.key();
  const { widget } = await openReady({ options: { capabilities: [] } });
  const spec = { type: "org.example.later", stateKey: key, content: {} };
  const wanted = "org.matrix.msc2762.send.state_event:org.example.later";
  const refusal = await widget.call("sendEvent", spec);
  assert.equal(refusal.ok, false, "the host took an event that nobody had permission for");
  const approved = good(await widget.call("requestCapabilities", [wanted]));
  assert.ok(approved.includes(wanted));
  for (const capability of DELAYED) assert.ok(approved.includes(capability), "an earlier grant was lost");
  good(await widget.call("sendEvent", spec));
  good(await widget.schedule("later", { ...spec, timeoutMs: 60_000 }));
  good(await widget.cancel("later"));
  assert.ok((await widget.seen("capabilities")).length > 0, "the page was not told");
});

test("two negotiations asked for at the same time both end well", async () => {
  const { widget } = await openReady();
  const [a, b] = ["a", "b"].map((name) => `org.matrix.msc2762.send.event:org.example.${name}`);
  const [first, second] = await Promise.all([
    widget.call("requestCapabilities", [a]),
    widget.call("requestCapabilities", [b]),
  ]);
  assert.ok(good(first).includes(a));
  assert.ok(good(second).includes(b));
});

test("what others send reaches a page that may receive it", async () => {
  const key = room.key();
  const capabilities = [`org.matrix.msc2762.receive.state_event:${MEMBER}`];
  const { widget } = await openReady({ feed: true, options: { capabilities } });
  await widget.listen("send_event", {});
  await room.sendAsModerator(MEMBER, { from: "another" }, key);
  await widget.frame.waitForFunction(
    (key) =>
      window.seen.some((entry) => entry.name === "action:send_event" && entry.detail.state_key === key),
    key,
  );
});

test("a hundred futures asked for at once are a hundred futures", async () => {
  const { widget } = await openReady();
  const before = (await room.delayedEvents()).length;
  const count = 90 - before; // the homeserver allows a user one hundred
  const keys = Array.from({ length: count }, () => room.key());
  const outcomes = await Promise.all(keys.map((key) => widget.schedule(key, leave(key))));
  const ids = new Set(outcomes.map((outcome) => good(outcome).delayId));
  assert.equal(ids.size, count);
  const cancelled = await Promise.all(keys.map((key) => widget.cancel(key)));
  for (const outcome of cancelled) good(outcome);
  assert.equal((await room.delayedEvents()).length, before);
});
