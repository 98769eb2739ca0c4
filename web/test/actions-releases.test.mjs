/**
 * The requests of actions/cases.mjs on hosts that do not know all of them: older releases of matrix-widget-api, and the
 * manners of matrix-rust-sdk. What a host knows comes to the same as on today's; what it does not is refused as it should be.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CASES } from "./actions/cases.mjs";
import { FROM_WIDGET } from "./actions/list.mjs";
import { callOf, opener, playGranted, playRefused, someArgs } from "./actions/play.mjs";
import { refused, world } from "./harness.mjs";

const all = await world();
const open = opener(all);

const RELEASES = [
  "1.6.0",
  "1.8.2",
  "1.9.0",
  "1.10.0",
  "1.13.1",
  "1.14.0",
  "1.15.0",
  "1.16.1",
  "1.17.0",
  "1.18.0",
];
const age = (release) => RELEASES.indexOf(release) + 1 || RELEASES.length + 1;

/** Plays all, one after the other; `refusal` has the code where this host refuses. */
async function playAll(place, cases, refusal) {
  for (const one of cases) {
    const code = refusal(one);
    const args = someArgs(one, all);
    try {
      if (code === undefined) await playGranted(place, one, { asDriven: false });
      else if (code === "host") refused(await callOf(place.widget, one, args), code);
      else await playRefused(place, one, args, code);
    } catch (error) {
      throw new Error(`${one.action}: ${one.name}: ${error.message}`, { cause: error });
    }
  }
}

describe("older hosts do what they know, and the rest is refused", () => {
  for (const release of RELEASES)
    test(`matrix-widget-api ${release}`, async () => {
      const place = await open({ lib: `mwa-${release}` });
      const advertised = await place.widget.frame.evaluate(() => window.client.hostVersions);
      // An older one knows the action, but not what the case asks of it.
      const cases = CASES.filter(({ since }) => !since || age(since) <= age(release));
      assert.ok(cases.length > 20);
      await playAll(place, cases, ({ action }) => {
        const { client, since, version } = FROM_WIDGET[action];
        if (client || age(since) <= age(release)) return undefined;
        return advertised.includes(version) ? "host" : "unsupported";
      });
    });

  test("the manners of matrix-rust-sdk (a fake)", async () => {
    const place = await open({ lib: "rust-style" });
    const cases = CASES.filter(({ rust }) => rust !== "another answer");
    await playAll(place, cases, ({ action, rust = FROM_WIDGET[action].rust }) =>
      rust === true ? undefined : rust,
    );
  });
});
