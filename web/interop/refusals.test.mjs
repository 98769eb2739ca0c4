/** Holds that a real Synapse does not let be as they were asked for: too long, or without delayed events at all. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { good, refused, sleep, world } from "./world.mjs";

const { openCase, synapses } = await world("raised", "withoutDelayedEvents");

const HOUR = 3600 * 1000;

describe("refusals", { concurrency: 3 }, () => {
  test("a hold longer than the server allows is shortened to what it allows, and says so", async (t) => {
    const opened = await openCase(t);
    const { key, ...held } = await opened.held("h", { timeoutMs: 48 * HOUR });
    assert.equal(held.timeoutMs, 24 * HOUR);
    assert.equal(held.future.timeoutMs, 24 * HOUR);
    const [listed] = await opened.room.scheduled(key);
    assert.equal(listed.delay, 24 * HOUR);
    const asked = await opened.driverCalls("sendDelayedEvent");
    t.diagnostic(`48 h asked for: ${asked.length} attempts, ${held.timeoutMs / HOUR} h in force`);
    assert.ok(asked.length <= 4);
    good(await opened.release("h"));
    assert.equal((await opened.room.leaves(key)).length, 1);
  });

  test("a hold is refused where the feature is off, and nothing is in the room", async (t) => {
    const opened = await openCase(t, { synapse: synapses.withoutDelayedEvents });
    const at = Date.now();
    const { key, outcome } = await opened.hold("h", { timeoutMs: 60_000 });
    const error = refused(outcome, "matrix");
    assert.equal(error.httpStatus, 403);
    t.diagnostic(
      `feature off: refused after ${Date.now() - at} ms and ${(await opened.driverCalls("sendDelayedEvent")).length} attempts`,
    );
    await sleep(1000);
    assert.deepEqual(await opened.room.eventsWithKey(key), []);
    assert.deepEqual(await opened.driverCalls("sendEvent"), []);
  });

  test("a hold withoutFuture joins where the feature is off, and leaves on release", async (t) => {
    const opened = await openCase(t, { synapse: synapses.withoutDelayedEvents });
    const { key, ...held } = await opened.held("h", { timeoutMs: 10_000, withoutFuture: true });
    assert.equal(held.status, "held");
    assert.equal(held.future, undefined);
    assert.equal((await opened.room.joins(key)).length, 1);
    assert.deepEqual(await opened.room.leaves(key), []);
    good(await opened.release("h"));
    assert.equal((await opened.room.leaves(key)).length, 1);
  });

  test("a hold withoutFuture joins where the host refuses without a Matrix error, as matrix-js-sdk does", async (t) => {
    const opened = await openCase(t, { synapse: synapses.withoutDelayedEvents, asksVersions: true });
    const { key, ...held } = await opened.held("h", { timeoutMs: 10_000, withoutFuture: true });
    assert.equal(held.future, undefined);
    assert.equal((await opened.room.joins(key)).length, 1);
  });

  test("a hold is refused where the host approves no delayed events, and nothing is posted", async (t) => {
    const opened = await openCase(t, { grant: "^(?!org.matrix.msc4157)" });
    const { key, outcome } = await opened.hold("h", { timeoutMs: 10_000 });
    refused(outcome, "capability");
    await sleep(500);
    assert.deepEqual(await opened.room.eventsWithKey(key), []);
    const joined = await opened.held("j", { timeoutMs: 10_000, withoutFuture: true });
    assert.equal(joined.future, undefined);
    assert.equal((await opened.room.joins(joined.key)).length, 1);
  });
});
