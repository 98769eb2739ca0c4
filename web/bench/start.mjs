/**
 * How long a page waits for its wasm, ours against the least Go program: from the first line of its script until Go's main
 * has run. Everything comes from the browser's cache, and each start is in a tab of its own, so nothing is compiled yet.
 */
import { shuffled } from "./figures.mjs";

const PAGES = ["ours", "floor"];

/** They fill the caches. */
const WARM_UP_ROUNDS = 2;

/** Returns the milliseconds of each round, by page. */
export async function measureStart(browser, host, rounds) {
  const times = Object.fromEntries(PAGES.map((name) => [name, []]));
  for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
    for (const name of shuffled(PAGES)) {
      const page = await browser.open(`${host}/start.html?start-${name}`);
      const ms = await page.evaluate(() => window.bench.started());
      await page.close();
      if (round >= 0) times[name].push(ms);
    }
  }
  return times;
}
