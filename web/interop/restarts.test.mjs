/** A real Synapse that is stopped for longer than one refresh and started again. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { good, sleep, world } from "./world.mjs";

const { openCase, startSynapse } = await world();

const OUTAGE_MS = 10_000;

async function outage(synapse, signal) {
  const from = Date.now();
  await synapse.stop(signal);
  await sleep(Math.max(0, from + OUTAGE_MS - Date.now()));
  await synapse.start();
  return { from, to: Date.now() };
}

/** What the room has had under one key: "left" for a leave, else the content's name. */
async function history(room, key) {
  return (await room.eventsWithKey(key)).map(({ content }) => content.membership ?? "left");
}

describe("outages", { concurrency: true }, () => {
  for (const [how, signal] of [
    ["stopped", "SIGTERM"],
    ["killed", "SIGKILL"],
  ]) {
    test(`a Synapse that is ${how} and started again does not end a hold whose timeout is longer`, async (t) => {
      const synapse = await startSynapse("raised");
      const timeoutMs = 36_000; // a refresh every 9 s
      const opened = await openCase(t, { synapse });
      const { key, future } = await opened.held("h", { timeoutMs });
      const { from, to } = await outage(synapse, signal);
      await opened.waitFor("h", "atRisk", { within: 0 });
      const held = await opened.waitFor("h", "held", { within: timeoutMs, since: to });
      t.diagnostic(
        `${how} for ${to - from} ms at timeout ${timeoutMs} ms: ${(await opened.statuses("h")).join(" → ")}; ` +
          `held again ${held.t - to} ms after the server was back`,
      );
      assert.deepEqual(await history(opened.room, key), ["h"], "the state was lost or sent again");
      assert.equal((await opened.described("h")).future.delayId, future.delayId);
      good(await opened.release("h"));
      assert.deepEqual(await history(opened.room, key), ["h", "left"]);
    });
  }

  test("an outage longer than the timeout is reported as a loss; a new leave is armed, then the state sent", async (t) => {
    const synapse = await startSynapse("raised");
    const timeoutMs = 5000;
    const opened = await openCase(t, { synapse, site: "cross" });
    const { key } = await opened.held("h", { timeoutMs });
    const { from, to } = await outage(synapse, "SIGTERM");
    const lost = await opened.waitFor("h", "lost", { within: 20_000 });
    const rearmed = await opened.waitFor("h", "rearmed", { within: 20_000 });
    const held = await opened.waitFor("h", "held", { within: 20_000, since: rearmed.t });
    t.diagnostic(
      `stopped for ${to - from} ms at timeout ${timeoutMs} ms: ${(await opened.statuses("h")).join(" → ")}; ` +
        `lost told ${lost.t - to} ms, held again ${held.t - to} ms after the server was back`,
    );
    const calls = (await opened.driverCalls()).filter((call) => call.t > from).map((call) => call.method);
    const [scheduled, sent] = ["sendDelayedEvent", "sendEvent"].map((method) => calls.indexOf(method));
    assert.ok(scheduled >= 0 && scheduled < sent, "the new leave comes first, then the state");
    // Synapse may write the leave only now, and the hold then repairs that too.
    await sleep(timeoutMs);
    const events = await history(opened.room, key);
    assert.deepEqual([events[0], events[1], events.at(-1)], ["h", "left", "h"]);
    assert.equal((await opened.described("h")).status, "held");
    const ms = await opened.room.leftAfter(key, () => opened.crash(), { within: timeoutMs + 1000 });
    t.diagnostic(`killed after that: leave in the room after ${ms} ms (timeout ${timeoutMs} ms)`);
    assert.ok(ms <= timeoutMs + 1000);
  });
});
