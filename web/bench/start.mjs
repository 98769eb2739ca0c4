/**
 * How long a page waits, from the first line of its script: until Go's main has run, ours against the least Go program; and
 * until its first call is settled, ours against matrix-widget-api. Cold: the browser has nothing in its caches. Warm: all
 * comes from the HTTP cache and from what the browser keeps of compiled code. Each start is in a tab of its own, so that
 * nothing is in memory.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { median, shuffled } from "./figures.mjs";

/** They fill the caches. */
const WARM_UP_ROUNDS = 2;

/** A new tab's process, and the spare one that Chromium makes behind it, are up by then. */
const SETTLE_MS = 250;

async function start(browser, host, name, cold) {
  const page = await browser.open(`${host}/start.html`);
  try {
    if (cold) await page.command("Network.clearBrowserCache");
    await sleep(SETTLE_MS);
    return await page.evaluate((name) => window.bench.start(name), `start-${name}`);
  } finally {
    await page.close();
  }
}

/**
 * One round: the two that are compared twice each, the second time in the opposite order, so that whatever changes steadily
 * meanwhile is the same for both; the peer once. Adds the means to `times`.
 */
async function round(once, times) {
  const order = shuffled(["ours", "floor"]);
  const results = {};
  for (const name of [...order, ...order.toReversed(), "peer"])
    for (const [what, ms] of Object.entries(await once(name))) {
      results[`${name} ${what}`] ??= [];
      results[`${name} ${what}`].push(ms);
    }
  for (const [key, both] of Object.entries(results)) {
    times[key] ??= [];
    times[key].push(median(both));
  }
}

/**
 * Returns for a cold and a warm cache, by page and what it waited for, the milliseconds of each round. A start differs from
 * the next by a fifth or more, so the warm ones, which are compared, have half as many rounds again; the cold have half.
 */
export async function measureStart(browser, host, rounds) {
  const times = { cold: {}, warm: {} };
  for (let n = 0; n < rounds / 2; n++) await round((name) => start(browser, host, name, true), times.cold);
  for (let n = -WARM_UP_ROUNDS; n < rounds * 1.5; n++)
    await round((name) => start(browser, host, name, false), n < 0 ? {} : times.warm);
  return times;
}
