/**
 * How long a page waits, from the first line of its script: until ours takes messages, against the least Go program of each
 * compiler; and until its first call is settled, against matrix-widget-api. Cold: the browser has nothing in its caches.
 * Warm: all comes from the HTTP cache and from what the browser keeps of compiled code.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { median, shuffled } from "./figures.mjs";

/** They fill the caches. */
const WARM_UP_ROUNDS = 2;

/** A new tab's process, and the spare one that Chromium makes behind it, are up by then. */
const SETTLE_MS = 250;

/** What starts, and the page it is. */
const STARTERS = {
  ours: "start-ours.html",
  floor: "start-floor.html?go",
  "TinyGo floor": "start-floor.html?tinygo",
  peer: "start-peer.html",
  "ours preloaded": "start-ours-preloaded.html",
  "peer preloaded": "start-peer-preloaded.html",
};

/** Calls `use` with a start page in a tab of its own, so that nothing is in memory. */
export async function fresh(browser, host, cold, use) {
  const page = await browser.open(`${host}/start.html`);
  try {
    if (cold) await page.command("Network.clearBrowserCache");
    await sleep(SETTLE_MS);
    return await use(page);
  } finally {
    await page.close();
  }
}

/**
 * One round: all that are compared twice each, the second time in the opposite order, so that whatever changes steadily
 * meanwhile is the same for all. Adds the means of what `once` returns, milliseconds by name, to `times`.
 */
export async function alternate(names, once, times) {
  const order = shuffled(names);
  const results = {};
  for (const name of [...order, ...order.toReversed()])
    for (const [what, ms] of Object.entries(await once(name))) {
      const key = `${name} ${what}`;
      results[key] ??= [];
      results[key].push(ms);
    }
  for (const [key, both] of Object.entries(results)) {
    times[key] ??= [];
    times[key].push(median(both));
  }
}

/** Returns for a cold and a warm cache, by page and what it waited for, the milliseconds of each round. */
export async function measureStart(browser, host, rounds) {
  const times = { cold: {}, warm: {} };
  const round = (cold, times) => {
    const once = (name) =>
      fresh(browser, host, cold, (page) =>
        page.evaluate((address) => window.bench.start(address), STARTERS[name]),
      );
    return alternate(Object.keys(STARTERS), once, times);
  };
  for (let n = 0; n < rounds; n++) await round(true, times.cold);
  for (let n = -WARM_UP_ROUNDS; n < rounds; n++) await round(false, n < 0 ? {} : times.warm);
  return times;
}
