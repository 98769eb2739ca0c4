/**
 * What the tests of keepAlive and holdState share: the two families of hosts, a widget that is ready to hold, and what
 * the consoles of their pages may say.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { good, sleep } from "./harness.mjs";

export const MEMBER = "org.matrix.msc3401.call.member";
export const JOINED = { joined: true };

const capabilities = ["send", "receive"].map((way) => `org.matrix.msc2762.${way}.state_event:${MEMBER}`);

/** Chromium itself reports every answer with an error status, and every request that found no server. */
const REFUSED = /Failed to load resource/;

/** Tokens, managed over HTTP; and delay ids, managed through the host, whose library reports refusals. */
export const families = [
  { name: "the first draft", lib: "first-draft", options: { dialect: "futures" }, expect: [REFUSED] },
  {
    name: "ClientWidgetApi 1.19.0",
    lib: "mwa-1.19.0",
    options: {},
    expect: [REFUSED, /error (sending|updating delayed) event/],
  },
];

/** One test on both families at once: most of its time is waiting. */
export function onBoth(name, work) {
  test(name, () =>
    Promise.all(
      families.map((family) =>
        work(family).catch((error) => {
          error.message = `${family.name}: ${error.message}`;
          throw error;
        }),
      ),
    ),
  );
}

/** Makes the function that opens a host of a family with a widget that is ready, or with `ready: false` need not be yet. */
export function opener({ openHost, connectOptions }) {
  return async function open({ lib, options, expect }, { ready = true, ...extra } = {}) {
    const handle = await openHost({
      lib,
      feed: true,
      ...extra,
      expect: [...expect, ...(extra.expect ?? [])],
      options: connectOptions({ capabilities, ...options, ...extra.options }),
    });
    if (ready) good(await handle.widget.ready());
    return handle;
  };
}

/** Nothing has happened to it, but that a machine busy with other tests may put it at risk for a moment. */
export function steady(statuses, what = "kept") {
  assert.ok(
    statuses.every((status) => ["atRisk", "held", "alive"].includes(status)),
    `${what}: ${statuses}`,
  );
}

/** What opens a widget whose Content Security Policy forbids the worker; Chromium says so on the console. */
export const withoutWorkers = { csp: "no-worker", expect: [/Content Security Policy/] };

/** Asks until it is so. */
export async function eventually(what, is, { within = 5000 } = {}) {
  const deadline = Date.now() + within;
  for (;;) {
    const found = await is();
    if (found) return found;
    assert.ok(Date.now() < deadline, `not within ${within} ms: ${what}`);
    await sleep(20);
  }
}

/** Does this with all of them at once; fails with what went wrong with each of them, by its name. */
export async function withEach(things, nameOf, work) {
  const ends = await Promise.allSettled(things.map(work));
  const bad = ends.flatMap(({ reason }, n) => (reason ? [`${nameOf(things[n])}: ${reason.message}`] : []));
  assert.ok(bad.length === 0, bad.join("\n"));
}
