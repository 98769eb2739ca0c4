// `make profile`: node web/bench/profile.mjs, after `make build`. Says where the time of a call goes: V8's CPU samples of
// frames of one origin that take turns with their host, in microseconds of self time per round trip. The shim is the one
// that is served, its functions are named by its source map; the wasm is built as ever but with its functions' names.
//
// CALLS: calls that are sampled (default 20000). MODE: sequential (default) or load. KIND: state (default), future or
// refresh. JSON: a file for the numbers.

import { readFile, writeFile } from "node:fs/promises";
import { SourceMap } from "node:module";
import { join, resolve } from "node:path";
import { buildWasm, setVersion } from "../build.mjs";
import { root } from "../scripts/steps.mjs";
import { CONTESTANTS } from "./rounds.mjs";
import { onStage } from "./stage.mjs";

const SAMPLING_US = 100;

/** The compilers are done by then. */
const WARM_UP_CALLS = 10_000;

const PROFILED = ["ours", "floor A", "peer silent"];
const SHIM_ROWS = 20;
const GO_ROWS = 30;

const calls = Number(process.env.CALLS || 20_000);
const kind = process.env.KIND || "state";
const inFlight = process.env.MODE === "load" ? 1000 : 1;

/** Names the functions of web/dist/index.js by its source map: "border.ts:104 #put". */
async function shimNames() {
  const map = JSON.parse(await readFile(join(root, "web/dist/index.js.map"), "utf8"));
  const sources = new Map(map.sources.map((name, n) => [name, (map.sourcesContent?.[n] ?? "").split("\n")]));
  const decoded = new SourceMap(map);
  return ({ lineNumber, columnNumber, functionName }) => {
    const { originalSource, originalLine, originalColumn } = decoded.findEntry(lineNumber, columnNumber);
    if (originalSource === undefined) return `index.js ${functionName || "?"}`;
    // V8 says where the parameters begin: the name stands before them.
    const line = sources.get(originalSource)?.[originalLine] ?? "";
    const after = line.slice(originalColumn).match(/^[#\w$]+/)?.[0];
    const before = line.slice(0, originalColumn).match(/[#\w$]+\s*$/)?.[0];
    const name = [after, before, functionName].find((name) => name && name !== "async") ?? "(anonymous)";
    return `${originalSource.split("/").at(-1)}:${originalLine + 1} ${name.trim()}`;
  };
}

/**
 * Self time by function, in microseconds: its group and its name. What the browser itself does for a function, such as
 * postMessage, is named with the group that called it.
 */
function selfTimes({ nodes, samples, timeDeltas }, nameOf) {
  const places = new Map();
  const visit = (id, caller) => {
    const { callFrame, children = [] } = byId.get(id);
    const place = placeOf(callFrame, nameOf);
    if (place.group === NATIVE) place.name += `, called by ${caller}`;
    places.set(id, place);
    for (const child of children) visit(child, place.group === NATIVE ? caller : place.group);
  };
  const byId = new Map(nodes.map((node) => [node.id, node]));
  visit(nodes[0].id, "nobody");
  const rows = new Map();
  samples.forEach((id, n) => {
    const { group, name } = places.get(id);
    const row = rows.get(`${group} ${name}`) ?? { group, name, micros: 0 };
    row.micros += timeDeltas[n];
    rows.set(`${group} ${name}`, row);
  });
  return [...rows.values()];
}

const NATIVE = "browser";

function placeOf(frame, nameOf) {
  const { url, functionName } = frame;
  if (url.endsWith(".wasm")) return { group: "Go", name: goName(functionName) };
  if (url.endsWith("/widget-futures/index.js")) return { group: "shim", name: nameOf(frame) };
  if (url.endsWith("/host.js")) return { group: "host page", name: functionName };
  if (url) return { group: "widget's page", name: functionName };
  return { group: functionName.startsWith("(") ? functionName : NATIVE, name: functionName };
}

/** Names without the path of this module; Go's own linker writes that with underscores, and a receiver between two of them. */
const goName = (name) =>
  name.replace(/github\.com[/_]widget.futures[/_]widget.futures[/_]/, "").replace(/__(\w+?)_\./, "(*$1).");

/** Samples one contestant, alone in a tab. */
async function sample(browser, { host, widget }, name) {
  const page = await browser.open(`${host}/host.html`);
  try {
    await page.command("Profiler.enable");
    await page.command("Profiler.setSamplingInterval", { interval: SAMPLING_US });
    await page.evaluate((...args) => window.bench.open(...args), name, `${widget}/${CONTESTANTS[name]}`);
    const run = (calls) => {
      const perSample = Math.max(inFlight, 1000);
      const order = { inFlight, perSample, samples: Math.ceil(calls / perSample), kind };
      return page.evaluate((...args) => window.bench.tell(...args), name, { run: order });
    };
    await run(WARM_UP_CALLS);
    await page.command("Profiler.start");
    const { answered } = await run(calls);
    const { profile } = await page.command("Profiler.stop");
    return { profile, answered };
  } finally {
    await page.close();
  }
}

function print(rows, count, title) {
  console.log(`\n${title}`);
  for (const { name, micros } of rows.slice(0, count))
    console.log(`${micros.toFixed(2).padStart(8)}  ${name}`);
  const rest = rows.slice(count).reduce((sum, { micros }) => sum + micros, 0);
  if (rest > 0) console.log(`${rest.toFixed(2).padStart(8)}  (${rows.length - count} more)`);
}

const dir = join(resolve(root, process.env.OUT || "build"), "profile");
const nameOf = await shimNames();
const results = await onStage(dir, async ({ browser, host, widgets, pages }) => {
  await buildWasm("./wasm", join(pages, "widget-futures", "widget-futures.wasm"), {
    ldflags: setVersion,
    names: true,
  });
  const results = {};
  for (const name of PROFILED) {
    const { profile, answered } = await sample(browser, { host, widget: widgets["same-origin"] }, name);
    const rows = selfTimes(profile, nameOf)
      .map((row) => ({ ...row, micros: row.micros / answered }))
      .sort((a, b) => b.micros - a.micros);
    results[name] = rows;
  }
  return results;
});

const groups = [...new Set(Object.values(results).flatMap((rows) => rows.map(({ group }) => group)))];
const total = (rows, group) =>
  rows.filter((row) => !group || row.group === group).reduce((sum, { micros }) => sum + micros, 0);
const line = (title, cells) =>
  console.log(title.padEnd(22) + cells.map((cell) => cell.padStart(12)).join(""));
line("µs per round trip", Object.keys(results));
const byTime = groups.sort((a, b) => total(results.ours, b) - total(results.ours, a));
for (const group of byTime)
  line(
    group,
    Object.values(results).map((rows) => total(rows, group).toFixed(2)),
  );
line(
  "all",
  Object.values(results).map((rows) => total(rows).toFixed(2)),
);
const of = (group) => results.ours.filter((row) => row.group === group);
print(of("shim"), SHIM_ROWS, "shim, by function");
print(of("Go"), GO_ROWS, "Go, by function");
print(of(NATIVE), SHIM_ROWS, "browser, by function, in ours");
print(
  results["floor A"].filter(({ group }) => group === NATIVE),
  SHIM_ROWS,
  "browser, by function, in the floor",
);
if (process.env.JSON) await writeFile(process.env.JSON, `${JSON.stringify(results, undefined, 1)}\n`);
