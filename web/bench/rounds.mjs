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
const AT_ONCE = 1000;

/** The first sample of every turn is not counted: what the others have displaced has to come back. */
const UNCOUNTED = 1;

/** What the frames are told in each mode, for so many sequential calls that count. */
export function orders(calls) {
  const order = (inFlight, perSample, counted) => ({
    inFlight,
    perSample,
    samples: UNCOUNTED + Math.max(1, Math.floor(counted / perSample)),
  });
  return {
    sequential: order(1, Math.min(PER_SAMPLE, calls), calls),
    load: order(Math.min(AT_ONCE, calls), Math.min(AT_ONCE, calls), 2 * calls),
  };
}

/** One turn of one contestant: microseconds per call, the median of its samples. */
async function turn(page, name, order) {
  const { micros, answered } = await page.evaluate((...args) => window.bench.tell(...args), name, {
    run: order,
  });
  assert.equal(
    answered,
    order.samples * order.perSample,
    `${name} did not get the answer to each of its calls`,
  );
  return median(micros.slice(UNCOUNTED));
}

/** All must say the same, or they could not be compared. */
async function compareMessages(page, names) {
  const sent = await Promise.all(
    names.map((name) => page.evaluate((name) => window.bench.sample(name), name)),
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

/** Returns by mode and contestant the medians of the rounds, in microseconds. */
export async function measure(browser, { host, widget }, { rounds, calls }) {
  const page = await browser.open(`${host}/host.html`);
  try {
    const names = Object.keys(CONTESTANTS);
    for (const name of names)
      await page.evaluate((...args) => window.bench.open(...args), name, `${widget}/${CONTESTANTS[name]}`);
    await compareMessages(page, names);
    const modes = orders(calls);
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

/** What the two floors are to each other, in the mode where they differ most. */
export function floors(times) {
  return Object.values(times)
    .map((mode) => ratio(mode["floor A"], mode["floor B"]))
    .reduce((worst, next) => (deviation(next) > deviation(worst) ? next : worst));
}
