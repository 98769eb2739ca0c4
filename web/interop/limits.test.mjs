/** Holds on a Synapse with its default rate limits: 1 management request a second (burst 5), 0.2 events a second (burst 10). */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { good, MESSAGE, sleep, TYPE, world } from "./world.mjs";

const { openCase } = await world("defaultLimits");

const HOLD_MS = 45_000;

describe("default rate limits", { concurrency: true }, () => {
  test("default rate limits do not end a hold that refreshes more often than they allow", async (t) => {
    const opened = await openCase(t);
    const { key } = await opened.held("h", { timeoutMs: 8000, refreshMs: 400 });
    await sleep(HOLD_MS);
    const [limited, refreshes] = await Promise.all([
      opened.answers(429),
      opened.driverCalls("restartScheduledDelayedEvent"),
    ]);
    t.diagnostic(
      `refresh every 400 ms: ${limited.length} of ${refreshes.length} refreshes answered 429, none lost`,
    );
    assert.ok(limited.length >= 5, "the limits were not reached");
    assert.equal((await opened.room.eventsWithKey(key)).length, 1);
    const { status } = await opened.described("h");
    assert.ok(["held", "atRisk"].includes(status), status);
    good(await opened.release("h"));
    assert.equal((await opened.room.leaves(key)).length, 1);
  });

  test("default rate limits do not end several holds that ask too much together", async (t) => {
    const opened = await openCase(t);
    const names = ["a", "b", "c", "d"];
    const keys = [];
    for (const name of names) {
      const { key } = await opened.held(name, { timeoutMs: 8000 });
      keys.push(key);
    }
    await sleep(HOLD_MS);
    const limited = await opened.answers(429);
    t.diagnostic(`four holds of timeout 8 s: ${limited.length} answers 429, none lost`);
    assert.ok(limited.length >= 1, "the limits were not reached");
    for (const [i, key] of keys.entries()) {
      assert.equal((await opened.room.eventsWithKey(key)).length, 1, `${names[i]} was lost`);
      assert.ok(["held", "atRisk"].includes((await opened.described(names[i])).status));
    }
  });

  test("default rate limits do not keep release from ending in left, though the user may send nothing just now", async (t) => {
    const opened = await openCase(t);
    const { key } = await opened.held("h", { timeoutMs: 30_000 });
    await exhaust(opened);
    const at = Date.now();
    good(await opened.release("h", { deadlineMs: 20_000 }));
    const ms = (await opened.room.leftAt(key, { within: 20_000 })) - at;
    t.diagnostic(`released at the limit: leave in the room after ${ms} ms`);
    assert.deepEqual((await opened.room.eventsWithKey(key)).at(-1).content, {});
  });
});

/** Sends until Synapse says 429. */
async function exhaust({ synapse, room }) {
  const { roomId, accessToken } = room.config;
  for (let i = 0; i < 30; i++) {
    const path = `_matrix/client/v3/rooms/${encodeURIComponent(roomId)}/send/${MESSAGE}/x${i}`;
    const response = await fetch(new URL(path, synapse.baseUrl), {
      method: "PUT",
      headers: { Authorization: `Bearer ${accessToken}` },
      body: JSON.stringify({ body: TYPE }),
    });
    if (response.status === 429) return;
    await response.text();
  }
  assert.fail("thirty events in a row and no limit");
}
