// `make bench`: node web/bench/run.mjs, after `make build`. Measures this module against the floor beneath it and against
// matrix-widget-api 1.19.0, all in one Chromium, and prints medians, ratios and, at last, "bench: floors=… …". What each
// figure is and has to be stands in report.mjs. Exit status 1: a limit is missed, or something did not work; 2: the
// machine was too noisy to say.
//
// ROUNDS: how often all are measured (default 17; fewer than 9 are not judged). CALLS: sequential calls of each in a round
// (2000). GROWTH_CALLS: calls of the long run (100000). OUT: where pages, profile and bench.json go (build).

import { mkdir, rm, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { serve } from "../interop/serve.mjs";
import { root } from "../scripts/steps.mjs";
import { Browser } from "./browser.mjs";
import { buildPages } from "./build.mjs";
import { measureGrowth } from "./growth.mjs";
import { figuresOf, JUDGED_ROUNDS, judge, lastLine, noisy, table } from "./report.mjs";
import { floors, measure } from "./rounds.mjs";
import { measureStart } from "./start.mjs";

/** How often a site is measured before its floors are called too noisy. */
const ATTEMPTS = 3;

/** After so long nothing is measured again: the whole is to take four minutes at most. */
const REPEAT_S = 120;

/** A message to another process takes so many times longer that fewer of them have to do. */
const CROSS_SITE_SHARE = 1 / 4;

function count(name, fallback) {
  const text = process.env[name] || String(fallback);
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${name} must be a number from 1 on, not "${text}"`);
  return Number(text);
}

const settings = {
  rounds: count("ROUNDS", 17),
  calls: count("CALLS", 2000),
  growthCalls: count("GROWTH_CALLS", 100_000),
};
const out = resolve(root, process.env.OUT || "build");
const dir = join(out, "bench");
const judged = settings.rounds >= JUDGED_ROUNDS;
/** What was started, and how it is stopped. Of a run that is killed Chromium notices by itself: its pipe is cut. */
const ends = [];
const start = performance.now();
const seconds = () => (performance.now() - start) / 1000;

/** Measures a site until its two floors agree, or there is no time for it. */
async function roundTrips(browser, site, settings) {
  for (let attempt = 1; ; attempt++) {
    const times = await measure(browser, site, settings);
    const result = { times, floors: floors(times), attempts: attempt };
    if (!judged || !noisy(result) || attempt === ATTEMPTS || seconds() > REPEAT_S) return result;
  }
}

async function run() {
  const clear = () => rm(dir, { recursive: true, force: true, maxRetries: 5 });
  await clear();
  await mkdir(dir, { recursive: true });
  ends.push(clear);
  await buildPages(join(dir, "pages"));
  // One folder, from two ports: the frames' origin is the host's own, another port's, or another site's.
  const origins = [];
  for (const _ of ["host", "widget"]) {
    const server = await serve(join(dir, "pages"), "max-age=3600");
    ends.push(server.stop);
    origins.push(server.port);
  }
  const browser = await Browser.launch(join(dir, "profile"));
  ends.push(() => browser.close());

  const host = `http://127.0.0.1:${origins[0]}`;
  const sites = {
    "same-origin": { widget: host },
    "cross-origin": { widget: `http://127.0.0.1:${origins[1]}` },
    "cross-site": { widget: `http://localhost:${origins[1]}`, share: CROSS_SITE_SHARE },
  };
  const load = [loadavg()[0]];
  const result = { chromium: browser.version, cores: cpus().length, load, settings, sites: {} };
  for (const [name, { widget, share = 1 }] of Object.entries(sites)) {
    const calls = Math.ceil(settings.calls * share);
    result.sites[name] = await roundTrips(browser, { host, widget }, { ...settings, calls });
  }
  result.start = await measureStart(browser, host, settings.rounds);
  result.growth = await measureGrowth(browser, { host, widget: host }, settings.growthCalls);
  load.push(loadavg()[0]);
  result.figures = figuresOf(result);
  return result;
}

try {
  const result = await run();
  await writeFile(join(out, "bench.json"), `${JSON.stringify(result, undefined, 1)}\n`);
  for (const line of table(result)) console.log(line);
  const [before, after] = result.load.map((value) => value.toFixed(1));
  console.log(
    `${result.chromium}, ${result.cores} cores, load average ${before} before and ${after} after; ${settings.rounds} rounds, ${seconds().toFixed(0)} s`,
  );
  if (judged) {
    const { missed, unsure, sure } = judge(result);
    for (const line of [...missed, ...unsure]) console.log(line);
    process.exitCode = missed.length > 0 ? 1 : sure ? 0 : 2;
  } else {
    console.log(`not judged: fewer than ${JUDGED_ROUNDS} rounds`);
  }
  console.log(lastLine(result.figures));
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  for (const stop of ends.reverse()) await stop();
}
