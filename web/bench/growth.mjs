/** What a long call leaves behind: JavaScript values that Go holds, and memory of the wasm. */
import assert from "node:assert/strict";
import { CONTESTANTS } from "./rounds.mjs";

const IN_FLIGHT = 100;

/** After so many calls everything is as large as it gets; it is a fifth of those that count. */
const WARM_UP = 1 / 5;

export async function measureGrowth(browser, { host, widget }, calls) {
  const page = await browser.open(`${host}/host.html`);
  try {
    const tell = (what) => page.evaluate((what) => window.bench.tell("ours", what), what);
    await page.evaluate((address) => window.bench.open("ours", address), `${widget}/${CONTESTANTS.ours}`);
    const run = async (calls) => {
      const perSample = Math.min(IN_FLIGHT, calls);
      const samples = Math.ceil(calls / perSample);
      const { answered } = await tell({ run: { inFlight: perSample, perSample, samples } });
      assert.equal(answered, samples * perSample, "not every call got its answer");
    };
    await run(Math.ceil(calls * WARM_UP));
    const before = await tell({ tool: "debug" });
    await run(calls);
    const after = await tell({ tool: "debug" });
    return { before, after };
  } finally {
    await page.close();
  }
}
