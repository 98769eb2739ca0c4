/** The round trips of one site: all contestants in frames of one page, round by round, each time in another order. */
import assert from "node:assert/strict";
import { deviation, median, ratio, shuffled } from "./figures.mjs";

/** Page and query of each contestant. The floors are one page in two frames. */
export const CONTESTANTS = {
  "floor A": "floor.html",
  "floor B": "floor.html",
  ours: "ours.html",
  peer: "peer.html",
  "peer silent": "peer.html?silent",
};

/** Rounds that nobody counts: the compilers of the browser are still at work. */
const WARM_UP_ROUNDS = 2;

/** Calls in one sample of the sequential mode. */
const PER_SAMPLE = 250;

/** The first sample of every turn is not counted: what the others have displaced has to come back. */
const UNCOUNTED = 1;

/** What the frames are told in each mode of a kind, for so many sequential calls that count, and so many at once. */
function orders(kind, calls, atOnce) {
  const order = (inFlight, perSample, counted) => ({
    kind,
    inFlight,
    perSample,
    samples: UNCOUNTED + Math.max(1, Math.floor(counted / perSample)),
  });
  return {
    sequential: order(1, Math.min(PER_SAMPLE, calls), calls),
    load: order(atOnce, atOnce, 2 * calls),
  };
}

/** One turn of one contestant: microseconds per call, the median of its samples. */
async function turn(page, name, order) {
  const what = { run: order };
  const { micros, answered } = await page.evaluate((...args) => window.bench.tell(...args), name, what);
  const made = order.samples * order.perSample;
  assert.equal(answered, made, `${name} did not get the answer to each of its calls`);
  return median(micros.slice(UNCOUNTED));
}

/** All must say the same, or they could not be compared. */
async function compareMessages(page, names, kind) {
  const sent = await Promise.all(
    names.map((name) => page.evaluate((...args) => window.bench.sample(...args), name, kind)),
  );
  for (const [n, message] of sent.entries()) {
    assert.deepEqual(Object.keys(message).sort(), Object.keys(sent[0]).sort(), `the envelope of ${names[n]}`);
    assert.deepEqual(
      { ...message, requestId: "" },
      { ...sent[0], requestId: "" },
      `the message of ${names[n]}`,
    );
  }
}

/**
 * Returns for a kind of call, by mode and contestant, the medians of the rounds in microseconds. The frames make no other
 * calls. `calls`: how many of each contestant count in a round; `atOnce`: how many are in flight; `watched`: somebody
 * listens to the page's console, as open developer tools do.
 */
export async function measure(
  browser,
  { host, widget },
  { rounds, kind, calls, atOnce, names = Object.keys(CONTESTANTS), watched = false },
) {
  const page = await browser.open(`${host}/host.html`);
  try {
    if (watched) await page.command("Runtime.enable");
    for (const name of names)
      await page.evaluate((...args) => window.bench.open(...args), name, `${widget}/${CONTESTANTS[name]}`);
    await compareMessages(page, names, kind);
    const modes = orders(kind, calls, atOnce);
    const times = Object.fromEntries(
      Object.keys(modes).map((mode) => [mode, Object.fromEntries(names.map((name) => [name, []]))]),
    );
    for (let round = -WARM_UP_ROUNDS; round < rounds; round++) {
      for (const mode of shuffled(Object.keys(modes))) {
        for (const name of shuffled(names)) {
          const time = await turn(page, name, modes[mode]);
          if (round >= 0) times[mode][name].push(time);
        }
      }
    }
    return times;
  } finally {
    await page.close();
  }
}

/** What the two floors are to each other, in the mode of a kind where they differ most. */
export function floors(modes) {
  return Object.values(modes)
    .map((mode) => ratio(mode["floor A"], mode["floor B"]))
    .reduce((worst, next) => (deviation(next) > deviation(worst) ? next : worst));
}
