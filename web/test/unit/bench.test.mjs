import assert from "node:assert/strict";
import { test } from "node:test";
import { median, quantile, ratio } from "../../bench/figures.mjs";
import { plot } from "../../bench/plot.mjs";
import { figuresOf, judge, lastLine, tables, titleOf } from "../../bench/report.mjs";
import { floors } from "../../bench/rounds.mjs";

/** A result of three rounds in which everything is as it should be, but for what a test says. */
function result({ ours = [13, 26, 39], floorB = [10, 20, 30], values = 39, wasmBytes = 524_288 } = {}) {
  const mode = {
    "floor A": [10, 20, 30],
    "floor B": floorB,
    ours,
    peer: [20, 40, 60],
    "peer silent": [13, 26, 39],
  };
  const times = { sequential: mode, load: mode };
  const site = { times: { state: times, future: times }, floors: floors(times), attempts: 1 };
  const starts = {
    "ours running": [30, 20, 25],
    "ours settled": [36, 24, 30],
    "floor running": [100, 100, 100],
    "TinyGo floor running": [20, 20, 20],
    "peer settled": [20, 20, 20],
    "ours preloaded running": [12, 12, 12],
    "ours preloaded settled": [18, 18, 18],
    "peer preloaded settled": [18, 18, 18],
  };
  const bursts = [4, 2, 30].map((longest) => ({ inputs: 40_000, longest, high: 0.5, average: 0.01 }));
  const page = { holds: 1, bursts, wasmBytes: 262_144 };
  const before = { values: 39, wasmBytes: 524_288, heap: 1_048_576 };
  const after = { ...before, values, wasmBytes };
  const measured = {
    settings: { growthCalls: 1000, holdHours: 10 },
    sites: { "same-origin": site, "cross-origin": site, "cross-site": site },
    watched: times,
    start: { cold: starts, warm: starts },
    call: { "call ours loaded": [220, 210, 200], "call peer loaded": [200, 200, 200] },
    pauses: [page, { ...page, holds: 256 }],
    memory: { start: before, before, after, futures: before, more: before },
    hold: { first: before, end: { ...before, refreshes: 18_000 } },
  };
  return { ...measured, figures: figuresOf(measured) };
}

test("quantiles lie between the values that they fall between", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
  assert.equal(quantile([10, 20, 30], 0), 10);
  assert.equal(quantile([10, 20, 30], 0.9), 28);
});

test("a ratio is taken round by round, so that a slow round slows both", () => {
  assert.equal(ratio([10, 20, 300], [10, 10, 100]), 2);
});

test("the last line gives each figure, times with two digits and what is held whole", () => {
  const times =
    "floors=1.00 rtt_raw=1.30 rtt_cross_site=1.30 rtt_peer=0.65 rtt_peer_silent=1.00 load_raw=1.30 load_peer=0.65";
  const starts =
    "ready_floor=0.25 ready_floor_cold=0.25 first_peer=1.50 first_peer_cold=1.50 content_loaded=1.05";
  const held =
    "pause_ms=4.00 wasm_start_kib=512 values_growth=0 wasm_growth=0 future_wasm_growth=0 hold_wasm_growth=0";
  assert.equal(lastLine(result().figures), `bench: ${times} ${starts} ${held}`);
});

test("a run whose figures are within their limits is good", () => {
  assert.deepEqual(judge(result()), { missed: [], unsure: [], sure: true });
});

test("a figure above its limit is named with both", () => {
  assert.deepEqual(judge(result({ ours: [16, 32, 48] })).missed, [
    "missed: rtt_raw is 1.60, at most 1.3 is wanted",
  ]);
  const grown = judge(result({ values: 40, wasmBytes: 589_824 }));
  assert.deepEqual(grown.missed, [
    "missed: values_growth is 1, at most 0 is wanted",
    "missed: wasm_growth is 65536, at most 0 is wanted",
  ]);
});

test("floors that differ leave times unjudged, but not what grows", () => {
  const { missed, unsure, sure } = judge(result({ ours: [32, 64, 96], floorB: [12, 24, 36], values: 40 }));
  assert.deepEqual(missed, ["missed: values_growth is 1, at most 0 is wanted"]);
  assert.equal(unsure.length, 3);
  assert.equal(unsure[0], "noisy: the two floors same-origin differ by a factor of 0.83 (attempt 1)");
  assert.equal(sure, false);
});

test("noise on another site than that of the figures is told, and they are judged all the same", () => {
  const mixed = result({ ours: [16, 32, 48] });
  mixed.sites["cross-site"] = result({ floorB: [12, 24, 36] }).sites["cross-site"];
  const { missed, unsure, sure } = judge(mixed);
  assert.equal(missed.length, 1);
  assert.match(unsure.join(), /^noisy: the two floors cross-site differ/);
  assert.equal(sure, true);
});

test("a goal is printed with what is reached, and with what a bare postMessage would reach", () => {
  const { rows } = tables(result()).find(({ title }) => title === "figures");
  const row = (name) => rows.find(([cell]) => cell === name);
  assert.deepEqual(row("rtt_peer"), ["rtt_peer", "0.65", "≤ 0.6", "missed", "0.50"]);
  assert.deepEqual(row("rtt_peer_silent"), ["rtt_peer_silent", "1.00", "≤ 0.9", "missed", "0.77"]);
  assert.deepEqual(row("rtt_peer_watched"), ["rtt_peer_watched", "0.65", "", "", "0.50"]);
  assert.deepEqual(row("hold_wasm_growth"), ["hold_wasm_growth", "0", "≤ 0", "met", ""]);
  assert.deepEqual(row("first_peer"), ["first_peer", "1.50", "≤ 1.2", "missed", ""]);
  assert.deepEqual(row("pause_ms"), ["pause_ms", "4.00", "", "", ""]);
});

test("a pause is the longest of a burst as bursts usually are, of the page that holds most", () => {
  const many = result();
  many.pauses[1].bursts = [7, 9, 400].map((longest) => ({ inputs: 1, longest, high: 1, average: 1 }));
  assert.equal(figuresOf(many).pause_ms, 9);
});

test("the rows of each table have as many cells as its head", () => {
  for (const { title, heads, rows } of tables(result()))
    for (const row of rows) assert.equal(row.length, heads.length, `${title}: ${row}`);
});

test("the plot has a bar for each contestant, kind and mode, and is small", () => {
  const svg = plot(result().sites["same-origin"].times, titleOf);
  assert.equal(svg.match(/<rect /g).length, 4 * 2 * 2);
  assert.ok(svg.length < 6000, `${svg.length} bytes`);
  assert.doesNotMatch(svg, /NaN|undefined|<script/);
});
