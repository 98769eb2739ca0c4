/**
 * Holds through a bad network for five minutes: a share of what crosses is lost in each direction, between page and host
 * (nothing comes back) or between host and Synapse (the host sees a broken connection).
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { good, sleep, world } from "./world.mjs";

const { openCase, synapses } = await world("raised", "defaultLimits");

const TIMEOUT_MS = 10_000;
const MINUTE = 60_000;
const MESSAGES = ["widget>host", "host>widget"];
const REQUESTS = ["host>homeserver", "homeserver>host"];

/** Holds through the loss, ends it, and returns what the room and the page saw. */
async function holdThrough(t, { synapse, wires, share, ms, refreshMs, seed }) {
  const opened = await openCase(t, { synapse, seed });
  const { key } = await opened.held("h", { timeoutMs: TIMEOUT_MS, refreshMs });
  await opened.lose(share, wires);
  const from = Date.now();
  await sleep(ms);
  await opened.lose(0, wires);
  const to = Date.now();
  const [events, told, { lost, passed }, posted] = await Promise.all([
    opened.room.eventsWithKey(key),
    opened.told("h"),
    opened.lossCounts(),
    refreshesPosted(opened),
  ]);
  const leaves = events.filter((event) => Object.keys(event.content).length === 0);
  const counts = wires.map((wire) => `${lost[wire]} of ${lost[wire] + passed[wire]} ${wire}`).join(", ");
  const times = (status) => told.filter((entry) => entry.status === status && entry.t >= from).length;
  t.diagnostic(
    `${share * 100} % of the ${wires === MESSAGES ? "messages" : "requests"} lost each way, ` +
      `${opened.synapse === synapses.defaultLimits ? "default" : "raised"} limits, for ${ms / MINUTE} min at timeout ${TIMEOUT_MS / 1000} s` +
      `${refreshMs ? `, refreshMs ${refreshMs}` : ""}: ${leaves.length} expiries; lost were ${counts}; ` +
      `${posted} refreshes posted; ${times("atRisk")} × atRisk, ${times("maybeExpired")} × maybeExpired, ${times("lost")} × lost`,
  );
  return { opened, key, events, leaves, told, from, to };
}

async function refreshesPosted({ page }) {
  return page.evaluate(
    () =>
      window.wire.filter(
        ({ direction, message }) =>
          direction === "widget>host" && !message.response && message.data?.action === "restart",
      ).length,
  );
}

/** After the loss the hold is well: held, one leave scheduled, the state in the room, and release leaves. */
async function endsWell({ opened, key }) {
  const deadline = Date.now() + 30_000;
  while ((await opened.described("h")).status !== "held") {
    assert.ok(
      Date.now() < deadline,
      `the hold does not recover: ${(await opened.statuses("h")).join(" → ")}`,
    );
    await sleep(200);
  }
  await sleep(TIMEOUT_MS);
  assert.equal((await opened.described("h")).status, "held");
  assert.deepEqual((await opened.room.eventsWithKey(key)).at(-1).content, { membership: "h" });
  const { future } = await opened.described("h");
  const scheduled = await opened.room.scheduled(key);
  assert.deepEqual(
    scheduled.map((event) => event.delay_id),
    [future.delayId],
  );
  good(await opened.release("h"));
  assert.deepEqual((await opened.room.eventsWithKey(key)).at(-1).content, {});
}

/**
 * Each leave that the server's timer wrote was reported no later than the first answered refresh that was posted after
 * it: the page had been told that the state may be gone and not that it is held again, or it was told then.
 */
async function reported({ opened, leaves, told }) {
  const wire = await opened.page.evaluate(() => window.wire);
  const GRACE_MS = 500;
  for (const leave of leaves) {
    const answered = firstAnsweredRefresh(wire, leave.origin_server_ts);
    const until = (answered ?? Number.POSITIVE_INFINITY) + GRACE_MS;
    const standing = told.filter((entry) => entry.t <= leave.origin_server_ts).at(-1)?.status;
    const then = told.some(
      (entry) =>
        entry.t > leave.origin_server_ts &&
        entry.t <= until &&
        ["maybeExpired", "lost"].includes(entry.status),
    );
    assert.ok(
      then || standing === "maybeExpired" || standing === "lost",
      `a leave fired, and the page was told "${standing}" before and nothing by the next answered refresh`,
    );
  }
}

/** When the answer of the first refresh posted after `since` crossed. */
function firstAnsweredRefresh(wire, since) {
  const posted = new Set();
  for (const { t, direction, message, lost } of wire) {
    if (lost || message.data?.action !== "restart") continue;
    if (direction === "widget>host" && !message.response && t >= since) posted.add(message.requestId);
    else if (direction === "host>widget" && message.response && posted.has(message.requestId)) return t;
  }
  return undefined;
}

describe("loss", { concurrency: true }, () => {
  test("a loss of 30 % of the messages each way ends no hold in 5 minutes", async (t) => {
    const seen = await holdThrough(t, { wires: MESSAGES, share: 0.3, ms: 5 * MINUTE, seed: 1 });
    assert.deepEqual(seen.leaves, [], "it expired");
    await endsWell(seen);
  });

  test("a loss of 30 % of the messages each way ends no hold in 5 minutes, refreshed every second", async (t) => {
    const seen = await holdThrough(t, {
      wires: MESSAGES,
      share: 0.3,
      ms: 5 * MINUTE,
      refreshMs: 1000,
      seed: 2,
    });
    assert.deepEqual(seen.leaves, [], "it expired");
    await endsWell(seen);
  });

  test("a loss of 30 % of the host's requests and answers ends no hold in 5 minutes", async (t) => {
    const seen = await holdThrough(t, { wires: REQUESTS, share: 0.3, ms: 5 * MINUTE, seed: 3 });
    assert.deepEqual(seen.leaves, [], "it expired");
    await endsWell(seen);
  });

  test("a loss of 30 % of the messages each way at default limits is reported if it ends a hold", async (t) => {
    const synapse = synapses.defaultLimits;
    const seen = await holdThrough(t, { synapse, wires: MESSAGES, share: 0.3, ms: 5 * MINUTE, seed: 4 });
    await reported(seen);
    await endsWell(seen);
  });

  test("a loss of 70 % of the messages each way at default limits ends a hold, and is reported each time", async (t) => {
    const synapse = synapses.defaultLimits;
    const seen = await holdThrough(t, { synapse, wires: MESSAGES, share: 0.7, ms: 4 * MINUTE, seed: 5 });
    assert.ok(seen.leaves.length > 0, "nothing was lost, so nothing was shown");
    await reported(seen);
    await endsWell(seen);
  });
});
