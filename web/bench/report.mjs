/** What the figures are, what they have to be, and how they are printed. */
import { deviation, mean, median, quantile, ratio } from "./figures.mjs";

/** By how much the two floors may differ, and with so few rounds nothing is judged. */
const NOISE = 1.1;
export const JUDGED_ROUNDS = 9;

/** The site and the kind of call whose ratios the last line gives: where what is done beside a message shows most. */
const SITE = "same-origin";
const KIND = "state";

const floorOf = (mode) => mean(mode["floor A"], mode["floor B"]);
const toFloor = (mode, name = "ours") => ratio(mode[name], floorOf(mode));

/**
 * A ratio of round trips: of what is made of the last line's mode, ours or, for `bound`, what a bare postMessage in our
 * place would reach.
 */
const trip = (mode, theirs, site = SITE) => ({
  of: ({ sites }) => compare(sites[site], mode, (times) => times.ours, theirs),
  bound: ({ sites }) => compare(sites[site], mode, floorOf, theirs),
  timed: true,
});

function compare(site, mode, who, theirs) {
  const times = site.times[KIND][mode];
  return ratio(who(times), theirs === "floor" ? floorOf(times) : times[theirs]);
}

/** The same where the peer's logging is listened to, as by open developer tools. */
const watchedTrip = (mode) => ({
  of: ({ watched }) => ratio(watched[mode].ours, watched[mode].peer),
  bound: ({ watched }) => ratio(floorOf(watched[mode]), watched[mode].peer),
  timed: true,
  beside: true,
});

/** What two starts are to each other, from that cache. */
const started = (cache, ours, theirs) => ({
  of: ({ start }) => ratio(start[cache][ours], start[cache][theirs]),
  timed: true,
});

/** The median over the bursts of what was seen in each. */
const usual = ({ bursts }, what) => median(bursts.map((burst) => burst[what]));

/** The same of the page that holds most. */
const paused = (what) => ({ of: ({ pauses }) => usual(pauses.at(-1), what), timed: true });

const grown = (what, from, to) => ({ of: ({ memory }) => memory[to][what] - memory[from][what], goal: 0 });
const held = (what) => ({ of: ({ hold: { first, end } }) => end[what] - first[what], goal: 0 });

/**
 * The figures, in the order of the last line; those `beside` it are not in it, and judged alike. `of` takes the whole result;
 * `goal` is what is aimed at, `most` is the limit that fails a run, and `timed` are those that a noisy machine may spoil.
 */
const FIGURES = {
  floors: { of: ({ sites }) => sites[SITE].floors, timed: true },
  rtt_raw: { ...trip("sequential", "floor"), goal: 1.15, most: 1.3 },
  rtt_cross_site: { ...trip("sequential", "floor", "cross-site"), goal: 1.03 },
  rtt_peer: { ...trip("sequential", "peer"), goal: 0.6 },
  rtt_peer_silent: { ...trip("sequential", "peer silent"), goal: 0.9 },
  load_raw: { ...trip("load", "floor"), goal: 1.07 },
  load_peer: { ...trip("load", "peer"), goal: 0.45 },
  ready_floor: { ...started("warm", "ours running", "floor running"), goal: 0.3 },
  ready_floor_cold: { ...started("cold", "ours running", "floor running"), goal: 0.3 },
  first_peer: { ...started("warm", "ours settled", "peer settled"), goal: 1.2 },
  first_peer_cold: { ...started("cold", "ours settled", "peer settled"), goal: 1.2 },
  ready_floor_preloaded: { ...started("warm", "ours preloaded running", "floor running"), beside: true },
  first_peer_preloaded: {
    ...started("warm", "ours preloaded settled", "peer preloaded settled"),
    beside: true,
  },
  content_loaded: {
    of: ({ call }) => ratio(call["call ours loaded"], call["call peer loaded"]),
    goal: 1.1,
    timed: true,
  },
  pause_ms: paused("longest"),
  rtt_peer_watched: watchedTrip("sequential"),
  load_peer_watched: watchedTrip("load"),
  pause_p999_ms: { ...paused("high"), beside: true },
  wasm_start_kib: { of: ({ memory }) => memory.start.wasmBytes / 1024, goal: 1024 },
  values_growth: { ...grown("values", "before", "after"), most: 0 },
  wasm_growth: { ...grown("wasmBytes", "before", "after"), most: 0 },
  future_values_growth: { ...grown("values", "futures", "more"), most: 0, beside: true },
  future_wasm_growth: grown("wasmBytes", "futures", "more"),
  hold_values_growth: { ...held("values"), most: 0, beside: true },
  hold_wasm_growth: { ...held("wasmBytes"), most: 0 },
};

export const figuresOf = (result) =>
  Object.fromEntries(Object.entries(FIGURES).map(([name, { of }]) => [name, of(result)]));

const shown = (name, value) => (FIGURES[name].timed ? value.toFixed(2) : String(value));

export const lastLine = (figures) =>
  `bench: ${Object.entries(figures)
    .filter(([name]) => !FIGURES[name].beside)
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

const spread = (times, digits) =>
  `${median(times).toFixed(digits)} (${quantile(times, 0.1).toFixed(digits)}–${quantile(times, 0.9).toFixed(digits)})`;

/** Kinds and modes as a reader calls them. */
const KINDS = { state: "a state event", future: "a future", refresh: "a refresh" };
export const titleOf = (kind) => KINDS[kind];

const kilo = (bytes) => `${Math.round(bytes / 1024).toLocaleString("en")} KiB`;

/** All that was measured, as tables: a title, the columns' heads, and rows. */
export function tables(result) {
  const { sites, watched, start, call, memory, hold, pauses, settings, figures } = result;
  const trips = (title, modes) => ({
    title,
    heads: ["", "one by one, µs", "to the floor", "1,000 at once, µs", "to the floor"],
    rows: Object.keys(modes.sequential).map((name) => [
      name,
      ...Object.values(modes).flatMap((mode) => [spread(mode[name], 1), toFloor(mode, name).toFixed(2)]),
    ]),
  });
  const list = Object.entries(sites).flatMap(([site, { times }]) =>
    Object.entries(times).map(([kind, modes]) => trips(`${site}: ${titleOf(kind)}`, modes)),
  );
  list.push(trips(`${SITE}, the console watched: ${titleOf(KIND)}`, watched));
  const startRow = (title, key) => [
    title,
    ...Object.values(start).flatMap((times) => [
      spread(times[key], 1),
      ratio(times[key], times["floor running"]).toFixed(2),
      ratio(times[key], times["peer settled"]).toFixed(2),
    ]),
  ];
  const heads = ["to Go's floor", "to the peer"];
  list.push({
    title: "from the first line of the page's script",
    heads: ["", "cold cache, ms", ...heads, "warm cache, ms", ...heads],
    rows: [
      startRow("Go's floor: main has run", "floor running"),
      startRow("TinyGo's floor: main has run", "TinyGo floor running"),
      startRow("ours: takes messages", "ours running"),
      startRow("ours: first call settled", "ours settled"),
      startRow("peer: first call settled", "peer settled"),
      startRow("ours, preloaded: takes messages", "ours preloaded running"),
      startRow("ours, preloaded: first call settled", "ours preloaded settled"),
      startRow("peer, preloaded: first call settled", "peer preloaded settled"),
    ],
  });
  const callRow = (title, key) => [
    title,
    spread(call[key], 0),
    ratio(call[key], call["call peer loaded"]).toFixed(2),
  ];
  list.push({
    title: "a page of Element Call's size: from the navigation until content_loaded",
    heads: ["", "cold cache, ms", "to the peer"],
    rows: [callRow("ours", "call ours loaded"), callRow("peer", "call peer loaded")],
  });
  const many = settings.growthCalls.toLocaleString("en");
  const held = (title, { values, wasmBytes, heap }) => [title, String(values), kilo(wasmBytes), kilo(heap)];
  list.push({
    title: "what is held",
    heads: ["", "JavaScript values in Go", "wasm", "JavaScript heap"],
    rows: [
      held("after the start", memory.start),
      held("after the warm-up", memory.before),
      held(`${many} sent state events on`, memory.after),
      held(`${many} futures and refreshes on`, memory.futures),
      held("as many again", memory.more),
      held("a hold: its first five minutes", hold.first),
      held(`${settings.holdHours} h: ${hold.end.refreshes.toLocaleString("en")} refreshes`, hold.end),
    ],
  });
  list.push({
    title: "what an input takes in the wasm, in a burst of futures",
    heads: ["", "on average, µs", "99.9 % are below, ms", "longest, ms", "wasm"],
    rows: pauses.map((page) => [
      page.holds === 1 ? "one state is held" : `${page.holds} states are held`,
      (usual(page, "average") * 1000).toFixed(1),
      usual(page, "high").toFixed(1),
      usual(page, "longest").toFixed(1),
      kilo(page.wasmBytes),
    ]),
  });
  list.push({
    title: "figures",
    heads: ["", "here", "goal", "", "a bare postMessage"],
    rows: Object.entries(FIGURES).map(([name, { goal, bound }]) => [
      name,
      shown(name, figures[name]),
      goal === undefined ? "" : `≤ ${goal}`,
      goal === undefined ? "" : figures[name] <= goal ? "met" : "missed",
      bound ? bound(result).toFixed(2) : "",
    ]),
  });
  return list;
}

/** What the tables' columns are. */
export const LEGEND =
  "Times are medians of the rounds (10th–90th percentile), ratios to the floor medians of the rounds' ratios.";

export function print(list) {
  for (const { title, heads, rows } of list) {
    console.log(`${title}`);
    const first = Math.max(...rows.map(([cell]) => cell.length)) + 2;
    for (const [cell, ...cells] of [heads, ...rows])
      console.log(cell.padEnd(first) + cells.map((cell) => cell.padStart(21)).join(""));
    console.log("");
  }
  console.log(LEGEND);
}
