/**
 * A client on a FAKE of the hosts that native apps have (pages/host/rust-style.ts): it answers less than other hosts do, so
 * what is asked here is that every call ends all the same, and that a future is what it is anywhere. That the fake has the
 * manners it stands for: rust-manners.test.mjs.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { good, refused, sleep, world } from "./harness.mjs";

const { config, room, openHost, connectOptions, wasmPath } = await world();
const MEMBER = "org.matrix.msc3401.call.member";
const SEND_MEMBER = `org.matrix.msc2762.send.state_event:${MEMBER}`;
const RECEIVE_MEMBER = `org.matrix.msc2762.receive.state_event:${MEMBER}`;
const SEND_DELAYED = "org.matrix.msc4157.send.delayed_event";
const UPDATE_DELAYED = "org.matrix.msc4157.update_delayed_event";
const leave = (key, extra) => ({ type: MEMBER, stateKey: key, content: {}, timeoutMs: 60_000, ...extra });
/** Chromium itself reports the homeserver's refusals. */
const REFUSED = [/Failed to load resource/];

function open({ options, lib = "rust-style", wait = "content", ...extra } = {}) {
  const all = connectOptions({ capabilities: [SEND_MEMBER], ...options });
  return openHost({ lib, wait, expect: REFUSED, options: all, ...extra });
}

async function openReady(extra) {
  const handle = await open(extra);
  good(await handle.widget.ready());
  return handle;
}

const told = async (host, name) => (await host.events()).filter((event) => event.name === name);

/** Runs the same for every way such a host starts and every site of the widget, at the same time. */
function everywhere(work) {
  const ways = ["content", "load"].flatMap((wait) => ["same", "cross"].map((site) => ({ wait, site })));
  return Promise.all(ways.map(work));
}

test("the whole life of a future: scheduled, refreshed, fired, sent, cancelled (both starts, both sites)", async () => {
  await everywhere(async (way) => {
    const [key, sentKey, cancelledKey] = [room.key(), room.key(), room.key()];
    const { host, widget } = await openReady(way);
    const first = good(await widget.schedule("leave", leave(key, { timeoutMs: 2500, content: { left: 1 } })));
    const { delayId, expiresAt } = first;
    assert.match(delayId, /^syd_/);
    assert.equal(first.dialect, "delayed");
    const [receipt] = await host.answers("send_event");
    assert.deepEqual(receipt, { room_id: config.roomId, event_id: null, delay_id: delayId });
    good(await widget.schedule("sent", leave(sentKey)));
    good(await widget.schedule("cancelled", leave(cancelledKey)));
    await sleep(1000);
    good(await widget.refresh("leave"));
    const refreshed = (await widget.future("leave")).expiresAt;
    assert.ok(refreshed >= expiresAt + 900, `${refreshed} after ${expiresAt}`);
    good(await widget.send("sent"));
    good(await widget.cancel("cancelled"));
    await room.waitForKey(sentKey, { within: 1000 });
    refused(await widget.cancel("sent"), "spent");
    await sleep(expiresAt + 200 - Date.now());
    assert.deepEqual(await room.eventsWithKey(key), [], "it went out although it had been refreshed");
    assert.deepEqual((await room.firesOnTime(key, refreshed)).content, { left: 1 });
    refused(await widget.refresh("leave"), "spent");
    assert.deepEqual(await room.eventsWithKey(cancelledKey), []);
    assert.equal((await room.eventsWithKey(sentKey)).length, 1);
    assert.deepEqual(await told(host, "dropped"), []);
  });
});

test("a plain event has a null delay_id in its receipt, and is sent", async () => {
  const key = room.key();
  const { host, widget } = await openReady();
  const { eventId } = good(
    await widget.call("sendEvent", { type: MEMBER, stateKey: key, content: { n: 1 } }),
  );
  const [event] = await room.eventsWithKey(key);
  assert.equal(event.event_id, eventId);
  const [receipt] = await host.answers("send_event");
  assert.deepEqual(receipt, { room_id: config.roomId, event_id: eventId, delay_id: null });
});

test("a hold joins, keeps, updates, releases; and one that a moderator overwrites learns it from update_state", async () => {
  const capabilities = [SEND_MEMBER, RECEIVE_MEMBER];
  const held = (key) => leave(key, { timeoutMs: 2000, content: { joined: 1 } });
  const released = async () => {
    const key = room.key();
    const { widget } = await openReady({ options: { capabilities }, feed: true });
    assert.equal(good(await widget.hold("member", held(key))).status, "held");
    good(await widget.update("member", { joined: 2 }));
    await sleep(3000);
    assert.deepEqual(await room.contents(key), [{ joined: 1 }, { joined: 2 }]);
    good(await widget.release("member"));
    assert.deepEqual(await room.contents(key), [{ joined: 1 }, { joined: 2 }, {}]);
    assert.deepEqual(await widget.statuses("member"), ["released"]);
  };
  const displaced = async () => {
    const key = room.key();
    const { host, widget } = await openReady({ options: { capabilities }, feed: true });
    assert.equal(good(await widget.hold("member", held(key))).status, "held");
    await room.sendAsModerator(MEMBER, { reason: "kicked" }, key);
    await widget.waitForStatus("member", "displaced");
    const pushed = (await host.wire()).filter(
      ({ direction, message }) => direction === "host>widget" && message.action === "send_event",
    );
    assert.ok(
      pushed.every(({ message }) => message.response),
      "it came as send_event",
    );
    assert.deepEqual(await room.contents(key), [{ joined: 1 }, { reason: "kicked" }]);
  };
  await Promise.all([released(), displaced()]);
});

test("without an approval that a future needs, nothing is posted and the error names it", async () => {
  const grants = [
    ["none", [SEND_DELAYED, UPDATE_DELAYED, SEND_MEMBER]],
    [SEND_MEMBER, [SEND_DELAYED, UPDATE_DELAYED]],
    [`${SEND_MEMBER}|${SEND_DELAYED}`, [UPDATE_DELAYED]],
  ];
  await Promise.all(
    grants.map(async ([grant, missing]) => {
      const key = room.key();
      const { host, widget } = await openReady({ grant });
      const error = refused(await widget.schedule("leave", leave(key)), "capability");
      for (const one of error.missing)
        assert.ok(
          missing.some((capability) => one.startsWith(capability)),
          one,
        );
      await widget.settle();
      assert.deepEqual(await host.requests("send_event"), []);
      assert.deepEqual(await host.driverCalls(), []);
    }),
  );
});

test("a hundred futures at once are all scheduled, no more than twelve of them under way", async () => {
  await room.administer({ forget: true, options: { maxScheduled: 1000 } });
  const { host, widget } = await openReady();
  const specs = Array.from({ length: 100 }, () => leave(room.key()));
  const outcomes = await Promise.all(specs.map((spec, i) => widget.schedule(`f${i}`, spec)));
  const ids = new Set(outcomes.map((outcome) => good(outcome).delayId));
  assert.equal(ids.size, 100);
  const known = new Set((await room.delayedEvents()).map((event) => event.delay_id));
  assert.ok([...ids].every((id) => known.has(id)));
  assert.equal(mostUnderWay(await host.wire()), 12);
  assert.deepEqual(await told(host, "dropped"), []);
  await room.administer({ forget: true });
});

test("where the page insists on more, what the host drops ends as a timeout, and is not scheduled", async () => {
  const { host, widget } = await openReady({ options: { maxInFlight: 100, deadlineMs: 2000 } });
  good(await widget.schedule("first", leave(room.key()))); // the probe is over
  const keys = Array.from({ length: 20 }, () => room.key());
  const outcomes = await widget.frame.evaluate(
    (specs) => Promise.all(specs.map((spec, i) => window.schedule(`f${i}`, spec))),
    keys.map((key) => leave(key)),
  );
  const codes = outcomes.map(({ ok, code }) => (ok ? "scheduled" : code));
  assert.deepEqual(codes, [...Array(15).fill("scheduled"), ...Array(5).fill("timeout")]);
  assert.equal((await told(host, "dropped")).length, 5);
  const scheduled = new Set((await room.delayedEvents()).map((event) => event.state_key));
  assert.deepEqual(
    keys.map((key) => scheduled.has(key)),
    codes.map((code) => code === "scheduled"),
  );
});

test("more capabilities cannot be asked for later: unsupported, nothing posted, and the error says what to do", async () => {
  const { host, widget } = await openReady();
  const more = "org.matrix.msc2762.send.event:m.room.message";
  const error = refused(await widget.call("requestCapabilities", [more]), "unsupported");
  assert.match(error.message, /MSC2974/);
  assert.ok(error.hint.includes(more), error.hint);
  const asked = await host.requests("org.matrix.msc2974.request_capabilities");
  assert.deepEqual(asked, []);
});

test("a wasm that is 3 s late loses neither the negotiation nor the calls made meanwhile (both starts, both sites)", async () => {
  await everywhere(async (way) => {
    // An address of its own: the browser would fetch the same one for one page after the other.
    const wasm = `${wasmPath()}?delay=3000&${new URLSearchParams(way)}`;
    const { host, widget } = await open({ ...way, options: { wasm } });
    const key = room.key();
    const [ready, scheduled] = await Promise.all([
      widget.ready(),
      widget.schedule("leave", leave(key, { timeoutMs: 1000 })),
    ]);
    good(ready);
    await room.firesOnTime(key, good(scheduled).expiresAt);
    assert.equal((await told(host, "preparing")).length, 1);
    assert.deepEqual(await told(host, "dropped"), []);
  });
});

test("a host that asks before the page listens never asks again: the page waits, and is told what it waited for", async () => {
  const { host, widget } = await open({
    lib: "rust-style-early",
    wait: "load",
    options: { handshakeTimeoutMs: 1500 },
    expect: [/Failed to execute 'postMessage'.*target origin/],
  });
  const [ready, scheduled, sent] = await Promise.all([
    widget.ready(),
    widget.schedule("leave", leave(room.key())),
    widget.call("sendEvent", { type: MEMBER, stateKey: room.key(), content: {} }),
  ]);
  for (const outcome of [ready, scheduled, sent]) {
    const error = refused(outcome, "timeout");
    assert.match(`${error.message}: ${error.hint}`, /negotiation.*the host never asked for capabilities/);
  }
  const posted = (await host.wire()).filter(({ direction }) => direction === "widget>host");
  const actions = posted.map(({ message }) => message.action);
  assert.deepEqual([...new Set(actions)].sort(), ["content_loaded", "supported_api_versions"]);
  assert.deepEqual(await host.answers("content_loaded"), [{}]);
});

/** How many requests of one action waited for their answers at the same time. */
function mostUnderWay(wire) {
  let now = 0;
  let most = 0;
  for (const { message } of wire) {
    if (message.action !== "send_event" || message.api !== "fromWidget") continue;
    now += message.response ? -1 : 1;
    most = Math.max(most, now);
  }
  return most;
}
