// `make bench`: node web/bench/run.mjs, after `make build`. Measures this module against the floors beneath it and against
// matrix-widget-api 1.19.0, all in one Chromium, and prints medians, ratios and, at last, "bench: floors=… …". What each
// figure is and has to be stands in report.mjs. Exit status 1: a limit is missed, or something did not work; 2: the
// machine was too noisy to say.
//
// ROUNDS: how often all are measured (default 15; fewer than 9 are not judged). CALLS: sequential calls of each in a round
// (2000). GROWTH_CALLS: calls of the long run (100000). HOLD_HOURS: hours of the hold (10). OUT: where pages, profile and
// bench.json go (build). DOC=write: writes web/docs/bench.md and bench.svg; DOC=again: only that, of an earlier run.

import { readFile, writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { root } from "../scripts/steps.mjs";
import { buildFloors } from "./build.mjs";
import { buildCalls, measureCall } from "./call.mjs";
import { writeDoc } from "./doc.mjs";
import { measureCalls, measureHold, measurePauses } from "./memory.mjs";
import { figuresOf, JUDGED_ROUNDS, judge, lastLine, noisy, print, tables } from "./report.mjs";
import { floors, measure } from "./rounds.mjs";
import { onStage } from "./stage.mjs";
import { measureStart } from "./start.mjs";

/** How often a site is measured before its floors are called too noisy. */
const ATTEMPTS = 3;

/** After so long nothing is measured again: the whole is to take eleven minutes at most. */
const REPEAT_S = 340;

/** What is called on each site, and its share of the calls: a message to another process takes many times longer. */
const SHARES = {
  "same-origin": { state: 1, future: 1 / 2, refresh: 1 / 2 },
  "cross-origin": { state: 1 / 2 },
  "cross-site": { state: 1 / 4, future: 1 / 16, refresh: 1 / 16 },
};

/** A page with its console watched is measured so much less, and without what writes nothing there. */
const WATCHED = {
  kind: "state",
  share: 1 / 4,
  rounds: JUDGED_ROUNDS,
  names: ["floor A", "floor B", "ours", "peer"],
  watched: true,
};

/** The most states that a page may hold. */
const MOST_HOLDS = 256;

function count(name, fallback) {
  const text = process.env[name] || String(fallback);
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${name} must be a number from 1 on, not "${text}"`);
  return Number(text);
}

const settings = {
  rounds: count("ROUNDS", 15),
  calls: count("CALLS", 2000),
  growthCalls: count("GROWTH_CALLS", 100_000),
  holdHours: count("HOLD_HOURS", 10),
};
const { rounds } = settings;
const out = resolve(root, process.env.OUT || "build");
const file = join(out, "bench.json");
const atOnce = Math.min(1000, settings.calls);
const begun = performance.now();
const seconds = () => (performance.now() - begun) / 1000;
const callsOf = (share) => Math.max(1, Math.ceil(settings.calls * share));

/** Measures a kind of call on a site until the two floors agree, or there is no time for it. */
async function roundTrips(browser, where, kind, share) {
  for (let attempt = 1; ; attempt++) {
    const times = await measure(browser, where, { rounds, kind, calls: callsOf(share), atOnce });
    const result = { times, floors: floors(times), attempts: attempt };
    if (rounds < JUDGED_ROUNDS || !noisy(result) || attempt === ATTEMPTS || seconds() > REPEAT_S)
      return result;
  }
}

/** All kinds that are called on a site; noise is told of those whose ratios are judged. */
async function measureSite(browser, where, shares) {
  const kinds = {};
  for (const [kind, share] of Object.entries(shares))
    kinds[kind] = await roundTrips(browser, where, kind, share);
  const { floors, attempts } = kinds.state;
  const times = Object.fromEntries(Object.entries(kinds).map(([kind, { times }]) => [kind, times]));
  return { times, floors, attempts };
}

async function measureAll({ browser, host, widgets, pages }) {
  await buildFloors(pages);
  await buildCalls(pages);
  const result = {
    chromium: browser.version,
    cores: cpus().length,
    load: [loadavg()[0]],
    settings,
    sites: {},
  };
  // The starts come first: later the browser has seen our wasm at work for minutes, and keeps what it compiled of it.
  result.start = await measureStart(browser, host, rounds);
  result.call = await measureCall(browser, host, rounds);
  for (const [name, shares] of Object.entries(SHARES))
    result.sites[name] = await measureSite(browser, { host, widget: widgets[name] }, shares);
  result.watched = await measure(
    browser,
    { host, widget: host },
    { ...WATCHED, rounds: Math.min(rounds, WATCHED.rounds), calls: callsOf(WATCHED.share), atOnce },
  );
  result.memory = await measureCalls(browser, host, settings.growthCalls);
  result.hold = await measureHold(browser, host, settings.holdHours);
  result.pauses = [];
  for (const holds of [1, Math.min(MOST_HOLDS, Math.ceil(settings.growthCalls / 100))])
    result.pauses.push(await measurePauses(browser, host, holds, Math.ceil(settings.growthCalls / 5)));
  result.load.push(loadavg()[0]);
  result.seconds = Math.round(seconds());
  result.figures = figuresOf(result);
  return result;
}

try {
  let result;
  if (process.env.DOC === "again") {
    result = JSON.parse(await readFile(file, "utf8"));
    result.figures = figuresOf(result);
  } else {
    result = await onStage(join(out, "bench"), measureAll);
    await writeFile(file, `${JSON.stringify(result, undefined, 1)}\n`);
  }
  print(tables(result));
  const [before, after] = result.load.map((value) => value.toFixed(1));
  console.log(
    `${result.chromium}, ${result.cores} cores, load average ${before} before and ${after} after; ${result.settings.rounds} rounds, ${result.seconds} s`,
  );
  if (process.env.DOC) await writeDoc(result);
  if (result.settings.rounds >= JUDGED_ROUNDS) {
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
}
