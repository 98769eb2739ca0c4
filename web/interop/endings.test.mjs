/**
 * Every way in which a held state ends on a real Synapse, each with the time from the end to the leave in the room. The
 * holds that must end at once have a timeout so long that their timer cannot be taken for it.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { good, sleep, world } from "./world.mjs";

const { openCase } = await world("raised");

const AT_ONCE_MS = 1000;
const LONG_MS = 60_000;
const SHORT_MS = 5000;

/** What the page may do, or have done to it, while its handlers still run. Each returns when it began (ms epoch). */
const ends = {
  "the host removes the iframe": async ({ page }) =>
    page.evaluate(() => [Date.now(), window.removeWidget()][0]),
  // A page ends when the one after it is there, and says when that was.
  "the iframe goes elsewhere": async ({ page, blankUrl }) => {
    await page.evaluate((url) => window.navigateWidget(url), blankUrl);
    const said = await page.waitForFunction(() => window.wire.find(({ message }) => message.pagehide));
    return (await said.jsonValue()).message.pagehide;
  },
  "the host page goes elsewhere": async ({ page, blankUrl }) => {
    await page.goto(blankUrl);
    return page.evaluate(() => Number(sessionStorage.getItem("ended")));
  },
  "the tab is closed": async ({ page }) => {
    const at = Date.now();
    await page.close();
    return at;
  },
};

/**
 * Holds, refreshes once more, ends, and returns how long the leave took; beside it what a bare state event takes just
 * then from its request to being seen, which is what the machine and the measuring cost.
 */
async function endedAfter(opened, { timeoutMs, end, leaveOnPageHide = true, within }) {
  const { key } = await opened.held("h", { timeoutMs, leaveOnPageHide });
  await sleep(timeoutMs === SHORT_MS ? SHORT_MS * 0.6 : 300);
  assert.deepEqual(await opened.room.leaves(key), []);
  const floor = await opened.room.roundTripMs();
  return { ms: await opened.room.leftAfter(key, () => end(opened), { within }), floor };
}

/** A figure that must not be above a bound. */
function bounded(t, what, { ms, floor }, bound) {
  t.diagnostic(
    `${what}: leave in the room after ${ms} ms (bound ${bound} ms; a bare state event: ${floor} ms)`,
  );
  assert.ok(ms <= bound, `the leave took ${ms} ms, allowed are ${bound} ms`);
}

describe("at once, by the page", () => {
  test("release leaves at once", async (t) => {
    const opened = await openCase(t);
    let released;
    const end = async () => {
      const at = Date.now();
      released = await opened.release("h");
      return at;
    };
    const left = await endedAfter(opened, { timeoutMs: LONG_MS, end, within: AT_ONCE_MS });
    good(released);
    assert.equal((await opened.statuses("h")).at(-1), "released");
    bounded(t, "release", left, AT_ONCE_MS);
  });

  test("closing the client leaves at once", async (t) => {
    const opened = await openCase(t);
    const end = async () => {
      const at = Date.now();
      good(await opened.widget.call("close"));
      return at;
    };
    bounded(
      t,
      "close",
      await endedAfter(opened, { timeoutMs: LONG_MS, end, within: AT_ONCE_MS }),
      AT_ONCE_MS,
    );
  });
});

describe("at once, through homeserverUrl", () => {
  for (const site of ["same", "cross"]) {
    for (const [name, end] of Object.entries(ends)) {
      test(`a page with homeserverUrl leaves at once when ${name}, ${site}-site`, async (t) => {
        const opened = await openCase(t, { site });
        const left = await endedAfter(opened, { timeoutMs: LONG_MS, end, within: AT_ONCE_MS });
        bounded(t, `page-hide with homeserverUrl, ${name}, ${site}-site`, left, AT_ONCE_MS);
      });
    }
  }
});

describe("at once, through a host that still hears its widget", () => {
  for (const [site, name] of [
    ["same", "the host removes the iframe"],
    ["same", "the iframe goes elsewhere"],
    ["cross", "the iframe goes elsewhere"],
  ]) {
    test(`a page without homeserverUrl leaves at once when ${name}, ${site}-site`, async (t) => {
      const opened = await openCase(t, { site, homeserverUrl: false });
      const left = await endedAfter(opened, { timeoutMs: LONG_MS, end: ends[name], within: AT_ONCE_MS });
      bounded(t, `page-hide without homeserverUrl, ${name}, ${site}-site`, left, AT_ONCE_MS);
    });
  }
});

describe("by the server's timer", { concurrency: 3 }, () => {
  const bound = SHORT_MS + 1000;

  for (const [site, name] of [
    ["cross", "the host removes the iframe"],
    ["same", "the host page goes elsewhere"],
    ["cross", "the tab is closed"],
  ]) {
    test(`a page without homeserverUrl leaves within the timeout when ${name}, ${site}-site`, async (t) => {
      const opened = await openCase(t, { site, homeserverUrl: false });
      const left = await endedAfter(opened, { timeoutMs: SHORT_MS, end: ends[name], within: bound });
      bounded(t, `no homeserverUrl, ${name}, ${site}-site, timeout ${SHORT_MS} ms`, left, bound);
      assert.ok(left.ms > AT_ONCE_MS, `left after ${left.ms} ms: something did say so`);
    });
  }

  test("a page that may not say so leaves within the timeout when its iframe is removed", async (t) => {
    const opened = await openCase(t);
    const end = ends["the host removes the iframe"];
    const left = await endedAfter(opened, {
      timeoutMs: SHORT_MS,
      end,
      leaveOnPageHide: false,
      within: bound,
    });
    bounded(t, `page-hide suppressed, timeout ${SHORT_MS} ms`, left, bound);
    assert.ok(left.ms > AT_ONCE_MS, `left after ${left.ms} ms: something did say so`);
  });

  test("a widget whose process is killed leaves within the timeout", async (t) => {
    const opened = await openCase(t, { site: "cross" });
    const end = (opened) => opened.crash();
    const left = await endedAfter(opened, { timeoutMs: SHORT_MS, end, within: bound });
    bounded(t, `widget process killed, timeout ${SHORT_MS} ms`, left, bound);
    assert.ok(left.ms > AT_ONCE_MS, `left after ${left.ms} ms: something did say so`);
  });

  test("a state held for a minute is left within the timeout when the process is killed", async (t) => {
    const timeoutMs = 8000;
    const opened = await openCase(t, { site: "cross" });
    const { key } = await opened.held("h", { timeoutMs });
    await sleep(60_000);
    assert.deepEqual(await opened.room.leaves(key), [], "the state was lost while it was held");
    assert.equal((await opened.room.joins(key)).length, 1, "the state was sent more than once");
    assert.equal((await opened.statuses("h")).at(-1), "held");
    assert.ok(!(await opened.statuses("h")).includes("atRisk"), "a refresh was missed on a good wire");
    const refreshes = await opened.driverCalls("restartScheduledDelayedEvent");
    const since = Date.now() - refreshes.at(-1).t;
    const floor = await opened.room.roundTripMs();
    const ms = await opened.room.leftAfter(key, () => opened.crash(), { within: timeoutMs + 1000 });
    t.diagnostic(`held for 60 s with ${refreshes.length} refreshes, the last ${since} ms before the end`);
    bounded(
      t,
      `widget process killed after a minute, timeout ${timeoutMs} ms`,
      { ms, floor },
      timeoutMs + 1000,
    );
  });
});
