/** What a homeserver may answer in the middle of a call without the call being over, and what a hold then says of itself. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { good, sleep, world } from "./harness.mjs";
import { eventually, families, JOINED, MEMBER, opener } from "./keeping.mjs";

const all = await world();
const { room } = all;
const open = opener(all);
const [, current] = families;

const TIMEOUT_MS = 2000;
const SLACK_MS = 1500;
/** Some workers of a Synapse know an endpoint that others do not. */
const RESTART_UNRECOGNIZED = { status: 404, errcode: "M_UNRECOGNIZED", only: "/restart" };

afterEach(async () => {
  await room.administer({ forget: true });
  await room.heal();
});

async function openHeld(spec) {
  const key = room.key();
  const handle = await open(current);
  const member = { type: MEMBER, stateKey: key, content: JOINED, timeoutMs: TIMEOUT_MS, ...spec };
  assert.equal(good(await handle.widget.hold("it", member)).status, "held");
  return { ...handle, key };
}

/** The state has never left the room, and exactly the leave that the hold knows is to come. */
async function isProtected({ widget, key }) {
  const { status, future } = await widget.holdNow("it");
  assert.equal(status, "held");
  assert.deepEqual(await room.contents(key), [JOINED]);
  assert.deepEqual(
    (await room.scheduled(key)).map(({ secret }) => secret),
    [future.delayId],
  );
}

test("a hold that lost its leave and must wait twenty minutes for another is protected soon after the limit is lifted", async () => {
  const { widget, key } = await openHeld();
  const { future } = await widget.holdNow("it");
  await room.delay(room.key(), 1_200_000);
  await room.administer({ options: { maxScheduled: 1 } });
  await room.act(future.delayId, "cancel");
  const error = await eventually("the hold says that there is a limit", async () => {
    const { error } = await widget.holdNow("it");
    return error?.httpStatus === 429 && error;
  });
  assert.equal(error.errcode, "M_LIMIT_EXCEEDED");
  assert.ok(error.retryAfterMs > 1_190_000, `retry after ${error.retryAfterMs} ms`);
  await sleep(TIMEOUT_MS);
  const { error: later, status } = await widget.holdNow("it");
  assert.equal(later?.httpStatus, 429, "an older answer stands in the limit's place");
  assert.notEqual(status, "held", "it says that it is protected");
  await room.administer({ options: { maxScheduled: 0 } });
  const at = Date.now();
  await eventually("another leave", async () => (await room.scheduled(key)).length === 1, {
    within: TIMEOUT_MS + SLACK_MS,
  });
  await widget.waitForStatus("it", "held", { within: TIMEOUT_MS + SLACK_MS - (Date.now() - at) });
  await isProtected({ widget, key });
});

test("a hold that may do without a future joins where no leave can be restarted, says so, and stays", async () => {
  await room.administer({ faults: RESTART_UNRECOGNIZED });
  const { widget, key } = await openHeld({ withoutFuture: true });
  const { future, error } = await widget.holdNow("it");
  assert.equal(future, undefined);
  assert.ok(error, "it does not say why it is not protected");
  assert.match(JSON.stringify(error), /M_UNRECOGNIZED|unsupported/);
  await sleep(2 * TIMEOUT_MS + SLACK_MS);
  assert.deepEqual(await room.contents(key), [JOINED], "a leave that nobody could put off has fired");
  assert.deepEqual(await room.scheduled(key), []);
  assert.equal((await widget.holdNow("it")).status, "held");
  good(await widget.release("it"));
  assert.deepEqual(await room.contents(key), [JOINED, {}]);
});

for (const [what, faults] of [
  ["404 M_UNRECOGNIZED", RESTART_UNRECOGNIZED],
  ["401 with a soft logout", { status: 401, errcode: "M_UNKNOWN_TOKEN", softLogout: true, only: "/restart" }],
]) {
  test(`one ${what} in the middle of a call ends no hold`, async () => {
    const opened = await openHeld();
    await room.administer({ faults: { ...faults, times: 1 } });
    await eventually("a refresh got it", async () => (await room.administer({})).faults.status === 0);
    await sleep(TIMEOUT_MS);
    await opened.widget.waitForStatus("it", "held");
    assert.ok(!(await opened.widget.statuses("it")).includes("failed"));
    await isProtected(opened);
  });
}

test("a hold whose leave is lost when the limit was lowered takes a shorter one, and says so", async () => {
  const opened = await openHeld({ timeoutMs: 8000 });
  await room.administer({ forget: true, options: { maxDelayMs: 5500, generation: "synapse-1.163" } });
  await eventually("a leave is scheduled", async () => (await room.scheduled(opened.key)).length === 1);
  await opened.widget.waitForStatus("it", "held");
  const { timeoutMs } = await opened.widget.holdNow("it");
  assert.ok(timeoutMs >= 5000 && timeoutMs <= 5500, `it is ${timeoutMs} ms`);
  assert.ok(!(await opened.widget.statuses("it")).includes("failed"));
  await isProtected(opened);
});
