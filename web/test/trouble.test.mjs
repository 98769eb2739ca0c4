/**
 * keepAlive and holdState when the homeserver is in trouble: away for a while, forgetful, limiting, refusing in any of
 * the forms there were, with a clock that jumps, or of the kind that cancels a leave on one's own new state. Both
 * families are in the same trouble at once.
 */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { good, refused, sleep, world } from "./harness.mjs";
import { eventually, families, JOINED, MEMBER, opener } from "./keeping.mjs";

const all = await world();
const { room } = all;
const open = opener(all);
const [firstDraft, current] = families;

const TIMEOUT_MS = 2000;
/** The forms in which an over-long delay was refused. */
const TOO_LONG = [
  "delay-too-large",
  "delay-too-large-prefixed",
  "forbidden",
  "invalid-param",
  "prefixed",
  "unstable",
  "max-delay",
  "future-max-delay",
];
const member = (key, extra) => ({
  type: MEMBER,
  stateKey: key,
  content: JOINED,
  timeoutMs: TIMEOUT_MS,
  ...extra,
});

afterEach(() => room.heal());

/** What the pages may say when requests fail. */
const troubled = { feed: false, expect: [/blocked by CORS policy/] };

async function openHeld(family, spec, extra) {
  const key = room.key();
  const handle = await open(family, { ...troubled, ...extra });
  assert.equal(good(await handle.widget.hold("it", member(key, spec))).status, "held");
  return { ...handle, family, key, told: (await handle.widget.kept("it")).length };
}

async function openKept(family, spec) {
  const key = room.key();
  const handle = await open(family, troubled);
  good(await handle.widget.schedule("it", { ...member(key, spec), content: {} }));
  good(await handle.widget.keep("it"));
  return { ...handle, family, key, told: 0 };
}

const onEach = (openOne, spec) => Promise.all(families.map((family) => openOne(family, spec)));

/** What was told since it was opened. */
async function told({ widget, told }, event = "statuschange") {
  const entries = (await widget.kept("it")).slice(told);
  return entries.filter((entry) => entry.event === event).map(({ detail }) => detail);
}

/** What it went through beside having missed a refresh, and beside what is well. */
const worse = async (handle, well) =>
  (await told(handle)).filter((status) => status !== "atRisk" && status !== well);

/** It has missed a refresh, is well again, and never was worse off. */
async function onlyAtRisk(handle, well) {
  const statuses = await told(handle);
  assert.deepEqual(await worse(handle, well), []);
  assert.ok(statuses.includes("atRisk"), "it has not noticed anything");
  assert.equal(statuses.at(-1), well);
}

/** Does this for every page; an error names the family. */
async function forEach(handles, work) {
  for (const handle of handles) {
    await work(handle).catch((error) => {
      error.message = `${handle.family.name}: ${error.message}`;
      throw error;
    });
  }
}

for (const [down, how] of [
  ["abort", "breaks every connection"],
  ["stopped", "was stopped as a process"],
  ["gateway", "answers 502 without CORS"],
]) {
  test(`a homeserver that ${how} for less than the timeout costs nothing`, async () => {
    const held = await onEach(openHeld, { timeoutMs: 4000 });
    const kept = await onEach(openKept, { timeoutMs: 4000 });
    await room.administer({ faults: { down, forMs: 2000 } });
    await sleep(6500);
    await forEach(held, async (handle) => {
      await onlyAtRisk(handle, "held");
      assert.deepEqual(await room.contents(handle.key), [JOINED]);
      assert.equal((await room.scheduled(handle.key)).length, 1);
    });
    await forEach(kept, async (handle) => {
      await onlyAtRisk(handle, "alive");
      assert.deepEqual(await room.contents(handle.key), []);
    });
  });
}

for (const [down, how] of [
  ["abort", "out of reach"],
  ["stopped", "not running"],
]) {
  test(`a homeserver that is ${how} for longer sends the leave; the hold schedules another and joins again`, () =>
    awayForLonger(down));
}

async function awayForLonger(down) {
  const held = await onEach(openHeld);
  const kept = await onEach(openKept);
  await room.administer({ faults: { down, forMs: TIMEOUT_MS + 1500 } });
  await sleep(TIMEOUT_MS + 1700);
  await forEach(held, async (handle) => {
    // Many pages come back to a server that was away: each waits up to a timeout before it writes.
    await room.waitForEvents(handle.key, 3, { within: TIMEOUT_MS + 3000 });
    await handle.widget.waitForStatus("it", "held");
    assert.deepEqual(await room.contents(handle.key), [JOINED, {}, JOINED]);
    assert.deepEqual(await worse(handle), ["maybeExpired", "lost", "held"]);
    // Before the outage a busy machine may have sent the state twice, for a page before this one; what goes out when is
    // the simulation's to check.
    const sends = (await handle.host.requests("send_event")).map(({ data }) => JSON.stringify(data.content));
    const leave = sends.indexOf("{}", 1);
    assert.ok(leave > 0, "no other leave was scheduled");
    assert.ok(
      sends.indexOf(JSON.stringify(JOINED), leave) > 0,
      "the state was not sent after its leave was scheduled",
    );
  });
  await sleep(TIMEOUT_MS + 500);
  await forEach(held, async ({ key, widget }) => {
    assert.deepEqual(await room.contents(key), [JOINED, {}, JOINED]);
    assert.equal((await widget.holdNow("it")).status, "held");
  });
  await forEach(kept, async (handle) => {
    assert.deepEqual(await worse(handle), ["maybeExpired", "lost"]);
    assert.deepEqual(await room.contents(handle.key), [{}]);
  });
}

test("a homeserver whose clock jumps forward sends the leaves at once; the hold has another and joins again", async () => {
  const held = await onEach((family) => openHeld(family, {}, { feed: true }));
  const kept = await onEach(openKept);
  await room.administer({ stepClockMs: 3_600_000 });
  await forEach(held, async (handle) => {
    await room.waitForEvents(handle.key, 3);
    await handle.widget.waitForStatus("it", "held");
    assert.deepEqual(await room.contents(handle.key), [JOINED, {}, JOINED]);
    assert.equal((await told(handle)).at(-1), "held");
    assert.equal((await room.scheduled(handle.key)).length, 1);
  });
  await forEach(kept, async (handle) => {
    await handle.widget.waitForStatus("it", "lost");
    assert.deepEqual(await room.contents(handle.key), [{}]);
  });
});

test("a homeserver whose clock jumps back costs a kept future nothing: the next refresh goes by the new clock", async () => {
  const held = await onEach(openHeld);
  await room.administer({ stepClockMs: -3_600_000 });
  await sleep(2 * TIMEOUT_MS);
  await forEach(held, async (handle) => {
    assert.deepEqual(await worse(handle, "held"), []);
    assert.deepEqual(await room.contents(handle.key), [JOINED]);
    await handle.host.removeWidget();
  });
  await forEach(held, async ({ key }) => {
    await room.waitForEvents(key, 2, { within: TIMEOUT_MS + 3000 });
    assert.deepEqual(await room.contents(key), [JOINED, {}]);
  });
});

test("a homeserver that has forgotten everything gets a new leave, and the state is not sent again", async () => {
  const held = await onEach(openHeld);
  const kept = await onEach(openKept);
  await room.administer({ forget: true });
  await sleep(2 * TIMEOUT_MS);
  await forEach(held, async (handle) => {
    assert.deepEqual(await told(handle), ["lost", "held"]);
    assert.equal((await told(handle, "rearmed")).length, 1);
    assert.deepEqual(await room.contents(handle.key), [JOINED]);
    assert.equal((await room.scheduled(handle.key)).length, 1);
  });
  await forEach(kept, async (handle) => {
    assert.deepEqual(await told(handle), ["lost"]);
    assert.deepEqual(await room.contents(handle.key), []);
  });
});

test("where one's own state cancels one's delayed event (Synapse up to 1.126) the hold has a leave all the same", async () => {
  await room.administer({ options: { ownStateCancels: true } });
  const { widget, key } = await openHeld(current);
  for (let n = 0; n < 6; n++) {
    good(await widget.update("it", { n }));
    await eventually("a leave is scheduled", async () => (await room.scheduled(key)).length === 1);
  }
  await sleep(TIMEOUT_MS + 500);
  assert.equal((await widget.holdNow("it")).status, "held");
  assert.deepEqual((await room.contents(key)).at(-1), { n: 5 });
  assert.equal((await room.scheduled(key)).length, 1);
});

test("a timeout above what the homeserver takes is shortened, and the hold says to how much", async () => {
  await room.administer({ options: { maxDelayMs: 6000 } });
  const held = await onEach(openHeld, { timeoutMs: 60_000, leaveOnPageHide: false });
  await forEach(held, async ({ widget, host }) => {
    const { timeoutMs, expiresAt } = await widget.holdNow("it");
    assert.ok(timeoutMs >= 5000 && timeoutMs <= 6000, `it is ${timeoutMs} ms`);
    assert.ok(expiresAt <= Date.now() + 6000);
    await host.removeWidget();
  });
  await forEach(held, async ({ key }) => {
    await room.waitForEvents(key, 2, { within: 7000 });
    assert.deepEqual(await room.contents(key), [JOINED, {}]);
  });
});

test("an over-long timeout is shortened in whatever form the homeserver refuses it", async () => {
  const { widget } = await open(current, troubled);
  for (const tooLong of TOO_LONG) {
    await room.administer({ options: { maxDelayMs: 6000, tooLong } });
    const held = await widget.hold(tooLong, member(room.key(), { timeoutMs: 60_000 }));
    assert.equal(good(held).status, "held", tooLong);
    const { timeoutMs } = await widget.holdNow(tooLong);
    assert.ok(timeoutMs >= 5000 && timeoutMs <= 6000, `${tooLong}: it is ${timeoutMs} ms`);
    good(await widget.release(tooLong));
  }
});

test("where delayed events are off a hold fails in whatever form, or joins without a leave if it may", async () => {
  const { widget } = await open(current, troubled);
  for (const [off, status, errcode] of [
    ["forbidden", 403, "M_FORBIDDEN"],
    ["unknown", 400, "M_UNKNOWN"],
    ["unstable", 400, "M_MAX_DELAY_UNSUPPORTED"],
  ]) {
    await room.administer({ options: { noDelayedEvents: true, off } });
    const [failing, leaveless] = [room.key(), room.key()];
    const error = refused(await widget.hold(`${off} 1`, member(failing)), "matrix");
    assert.deepEqual([error.httpStatus, error.errcode], [status, errcode]);
    assert.deepEqual(await room.contents(failing), []);
    good(await widget.hold(`${off} 2`, member(leaveless, { withoutFuture: true })));
    assert.deepEqual(await room.contents(leaveless), [JOINED]);
    assert.deepEqual(await room.scheduled(leaveless), []);
  }
});

test("a hold waits where too many events are scheduled, also when the code is hidden", async () => {
  const { widget } = await open(current, troubled);
  await room.administer({ forget: true, options: { maxScheduled: 1, tooMany: "unstable" } });
  await room.delay(room.key(), 1500);
  const key = room.key();
  assert.equal(good(await widget.hold("it", member(key))).status, "held");
  assert.deepEqual(await room.contents(key), [JOINED]);
});

test("a leave that somebody cancelled is gone also to a homeserver that remembers it (409)", async () => {
  await room.administer({ options: { finished: "conflict" } });
  const handle = await openHeld(current);
  const kept = await openKept(current);
  for (const { key } of [handle, kept]) {
    const [{ secret }] = await room.scheduled(key);
    await room.act(secret, "cancel");
  }
  await handle.widget.waitForStatus("it", "held");
  await eventually("another leave", async () => (await room.scheduled(handle.key)).length === 1);
  await kept.widget.waitForStatus("it", "lost");
  assert.deepEqual(await worse(handle), ["lost", "held"]);
  assert.deepEqual(await room.contents(handle.key), [JOINED]);
});

test("a verb on what is finished is spent, but where the homeserver takes a repetition", async () => {
  const { widget } = await open(current, troubled);
  for (const [finished, again] of [
    ["not-found", "spent"],
    ["conflict", undefined],
    ["conflict-kept", undefined],
  ]) {
    await room.administer({ options: { finished } });
    const key = room.key();
    good(await widget.schedule(finished, { ...member(key), content: {}, timeoutMs: 60_000 }));
    const [{ secret }] = await room.scheduled(key);
    await room.act(secret, "send");
    const repeated = await widget.send(finished);
    if (again) refused(repeated, again);
    else good(repeated);
    refused(await widget.refresh(finished), "spent");
    assert.deepEqual(await room.contents(key), [{}]);
  }
});

test("a hold that refreshes more often than the homeserver likes survives being limited", async () => {
  await room.administer({ options: { managePerSecond: 1, manageBurst: 5 } });
  const handle = await openHeld(current, { timeoutMs: 5000, refreshMs: 300 });
  await sleep(8000);
  const limited = (await handle.host.answers("org.matrix.msc4157.update_delayed_event")).filter(
    ({ error }) => error?.matrix_api_error?.http_status === 429,
  );
  assert.ok(limited.length > 0, "the homeserver has limited nothing");
  assert.deepEqual(await room.contents(handle.key), [JOINED]);
  assert.deepEqual(await worse(handle, "held"), []);
});

test("a refresh that is forbidden ends a hold and a keepAlive as failed, with the error; the hold can still be released", async () => {
  for (const [family, only] of [
    [firstDraft, "/future/"],
    [current, "/delayed_events/"],
  ]) {
    const held = await openHeld(family, { timeoutMs: 6000 });
    const kept = await openKept(family, { timeoutMs: 6000 });
    await room.administer({ faults: { status: 403, only } });
    await held.widget.waitForStatus("it", "failed");
    await kept.widget.waitForStatus("it", "failed");
    for (const { error } of [await held.widget.holdNow("it"), await kept.widget.keepNow("it")]) {
      assert.deepEqual([error.code, error.httpStatus, error.errcode], ["matrix", 403, "M_FORBIDDEN"]);
    }
    refused(await held.widget.update("it", {}), "spent");
    await room.administer({ faults: {} });
    good(await held.widget.release("it"));
    assert.deepEqual(await room.contents(held.key), [JOINED, {}]);
    assert.equal((await held.widget.holdNow("it")).status, "released");
  }
});
