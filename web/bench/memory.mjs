/**
 * What is held after the start, after a long run of calls and over a hold of ten hours: JavaScript values in Go, memory of
 * the wasm, and the page's JavaScript heap; and how long Go's collector stops a page that holds much.
 */
import assert from "node:assert/strict";
import { quantile } from "./figures.mjs";
import { CONTESTANTS } from "./rounds.mjs";

const IN_FLIGHT = 100;

/** After so many calls everything is as large as it gets; it is a fifth of those that count. */
const WARM_UP = 1 / 5;

/** The hold's first minutes, after which nothing may grow. */
const FIRST_MS = 5 * 60_000;

/** The bytes that live on the JavaScript heap, the host's among them. */
async function heap(page) {
  await page.command("HeapProfiler.collectGarbage");
  return (await page.command("Runtime.getHeapUsage")).usedSize;
}

async function withFrame(browser, host, name, address, use) {
  const page = await browser.open(`${host}/host.html`);
  try {
    await page.evaluate((...args) => window.bench.open(...args), name, address);
    const tell = (what) => page.evaluate((...args) => window.bench.tell(...args), name, what);
    return await use(page, tell);
  } finally {
    await page.close();
  }
}

/**
 * So many sends of a state event are counted, which make next to nothing in Go, and then twice as many calls about futures,
 * which make more: should that want more room, the wasm has it once Go has collected, so the first half is not counted.
 */
export function measureCalls(browser, host, calls) {
  return withFrame(browser, host, "ours", `${host}/${CONTESTANTS.ours}`, async (page, tell) => {
    const look = async () => ({ ...(await tell({ tool: "debug" })), heap: await heap(page) });
    const run = async (calls, ...kinds) => {
      const perSample = Math.min(IN_FLIGHT, calls);
      const samples = Math.ceil(calls / perSample / kinds.length);
      for (const kind of kinds) {
        const { answered } = await tell({ run: { kind, inFlight: perSample, perSample, samples } });
        assert.equal(answered, samples * perSample, `not every call of ${kind} got its answer`);
      }
      return look();
    };
    return {
      start: await look(),
      before: await run(Math.ceil(calls * WARM_UP), "state"),
      after: await run(calls, "state"),
      futures: await run(calls, "future", "refresh"),
      more: await run(calls, "future", "refresh"),
    };
  });
}

export function measureHold(browser, host, hours) {
  return withFrame(browser, host, "hold", `${host}/hold.html`, async (page, tell) => {
    const live = async (ms) => ({ ...(await tell({ tool: "live", args: [ms] })), heap: await heap(page) });
    const first = await live(FIRST_MS);
    const end = await live(hours * 3_600_000);
    assert.equal(end.status, "held");
    assert.ok(end.longestMs < end.timeoutMs, `a leave went out: ${end.longestMs} ms without a refresh`);
    return { first, end };
  });
}

/** So often a burst is repeated: what else the machine does in one of them is not in the median. */
const BURSTS = 5;

/**
 * Schedules `calls` futures at a stretch, while `holds` states are held and refreshed. Returns for each burst how long the
 * inputs took in the wasm, in ms: the longest, what a thousandth of them are above, and the average, which a clock with
 * steps of 0.1 ms can tell.
 */
export function measurePauses(browser, host, holds, calls) {
  return withFrame(browser, host, "pauses", `${host}/pauses.html?${holds}`, async (_page, tell) => {
    const perSample = Math.min(IN_FLIGHT, calls);
    const order = { kind: "future", inFlight: perSample, perSample, samples: Math.ceil(calls / perSample) };
    const bursts = [];
    for (let burst = -1; burst < BURSTS; burst++) {
      await tell({ tool: "times" });
      const { answered } = await tell({ run: order });
      assert.equal(answered, order.samples * perSample, "not every future was scheduled");
      const times = await tell({ tool: "times" });
      if (burst < 0) continue; // the browser still compiles
      bursts.push({
        inputs: times.length,
        longest: quantile(times, 1),
        high: quantile(times, 0.999),
        average: times.reduce((sum, ms) => sum + ms, 0) / times.length,
      });
    }
    const held = await tell({ tool: "held" });
    assert.equal(held.holds, holds, "not every state is held");
    return { bursts, ...held };
  });
}
