/** What the figures are, what they have to be, and how they are printed. */
import { deviation, mean, median, quantile, ratio } from "./figures.mjs";

/** By how much the two floors may differ, and with so few rounds nothing is judged. */
const NOISE = 1.1;
export const JUDGED_ROUNDS = 9;

/** The site whose ratios the last line gives: where a message costs least, and what is done beside it shows most. */
const SITE = "same-origin";

const floorOf = (mode) => mean(mode["floor A"], mode["floor B"]);
const toFloor = (mode, name = "ours") => ratio(mode[name], floorOf(mode));

/**
 * The figures of the last line, in its order. `of` takes the whole result; `most` is the limit where there is one, and
 * `timed` those that a noisy machine may spoil.
 */
const FIGURES = {
  floors: { of: ({ sites }) => sites[SITE].floors, timed: true },
  rtt_raw: { of: ({ sites }) => toFloor(sites[SITE].times.sequential), most: 1.5, timed: true },
  rtt_peer: { of: ({ sites }) => toPeer(sites[SITE].times.sequential, "peer"), timed: true },
  rtt_peer_silent: { of: ({ sites }) => toPeer(sites[SITE].times.sequential, "peer silent"), timed: true },
  load_raw: { of: ({ sites }) => toFloor(sites[SITE].times.load), timed: true },
  load_peer: { of: ({ sites }) => toPeer(sites[SITE].times.load, "peer"), timed: true },
  ready_floor: { of: ({ start }) => ratio(start.ours, start.floor), timed: true },
  values_growth: { of: ({ growth }) => growth.after.values - growth.before.values, most: 0 },
  wasm_growth: { of: ({ growth }) => growth.after.wasmBytes - growth.before.wasmBytes, most: 0 },
};

function toPeer(mode, peer) {
  return ratio(mode.ours, mode[peer]);
}

export const figuresOf = (result) =>
  Object.fromEntries(Object.entries(FIGURES).map(([name, { of }]) => [name, of(result)]));

const shown = (name, value) => (FIGURES[name].timed ? value.toFixed(2) : String(value));

export const lastLine = (figures) =>
  `bench: ${Object.entries(figures)
    .map(([name, value]) => `${name}=${shown(name, value)}`)
    .join(" ")}`;

export const noisy = ({ floors }) => deviation(floors) > Math.log(NOISE);

/**
 * Sentences about limits that are missed and about sites where the floors differ; `sure`: whether the site that the
 * figures are from is none of those.
 */
export function judge({ figures, sites }) {
  const unsure = Object.entries(sites)
    .filter(([, site]) => noisy(site))
    .map(
      ([name, { floors, attempts }]) =>
        `noisy: the two floors ${name} differ by a factor of ${floors.toFixed(2)} (attempt ${attempts})`,
    );
  const sure = !noisy(sites[SITE]);
  const missed = Object.entries(FIGURES)
    .filter(([name, { most, timed }]) => most !== undefined && figures[name] > most && (sure || !timed))
    .map(([name, { most }]) => `missed: ${name} is ${shown(name, figures[name])}, at most ${most} is wanted`);
  return { missed, unsure, sure };
}

/** The tables above the last line. */
export function table({ sites, start, growth, settings }) {
  const lines = [];
  const row = (first, ...cells) =>
    lines.push(first.padEnd(16) + cells.map((cell) => cell.padStart(20)).join(""));
  const spread = (times, digits) =>
    `${median(times).toFixed(digits)} (${quantile(times, 0.1).toFixed(digits)}–${quantile(times, 0.9).toFixed(digits)})`;
  for (const [site, { times, floors }] of Object.entries(sites)) {
    row(site, "one by one, µs", "to the floor", "1,000 at once, µs", "to the floor");
    for (const name of Object.keys(times.sequential)) {
      const cells = Object.values(times).map((mode) => [
        spread(mode[name], 1),
        toFloor(mode, name).toFixed(2),
      ]);
      row(name, ...cells.flat());
    }
    lines.push(`floors ${floors.toFixed(3)}`, "");
  }
  row("start", "ms", "to the floor");
  row("floor", spread(start.floor, 0), "");
  row("ours", spread(start.ours, 0), ratio(start.ours, start.floor).toFixed(2));
  lines.push("");
  row(`growth`, "values", "wasm, bytes");
  row("before", String(growth.before.values), String(growth.before.wasmBytes));
  row(`${settings.growthCalls} calls on`, String(growth.after.values), String(growth.after.wasmBytes));
  lines.push(
    "",
    "Microseconds and milliseconds: median of the rounds (10th–90th percentile). To the floor: median ratio.",
  );
  return lines;
}
