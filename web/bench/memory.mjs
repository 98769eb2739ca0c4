/**
 * What is held after the start, after a long run of calls and over a hold of ten hours: JavaScript values in Go, memory of
 * the wasm, and the page's JavaScript heap.
 */
import assert from "node:assert/strict";
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
 * So many sends of a state event are counted, which make nothing in Go, and then twice as many calls about futures, which
 * make a little: there the wasm has its full size once Go has collected for the first time, so the first half is not
 * counted.
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
