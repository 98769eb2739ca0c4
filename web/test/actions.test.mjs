/**
 * What a page may ask of a host, action by action, on today's (matrix-widget-api 1.19.0): granted, denied, asked wrongly;
 * and on hosts that do not know the action. What each is: actions/cases.mjs.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CASES } from "./actions/cases.mjs";
import { opener, playGranted, playRefused, someArgs } from "./actions/play.mjs";
import { world } from "./harness.mjs";

const all = await world();
const open = opener(all);

const granted = await open({ keep: true });
const denied = await open({ keep: true, grant: "none" });

describe("on today's host", () => {
  for (const one of CASES) {
    test(`${one.action}: ${one.name}`, () => playGranted(granted, one));
    if (one.needs)
      test(`${one.action}: ${one.name}: denied, it is not posted and the error says what is missing`, async () => {
        const error = await playRefused(denied, one, someArgs(one, all), "capability");
        for (const capability of one.missing ?? one.needs)
          assert.ok(error.missing.includes(capability), `${error.missing}`);
      });
    if (one.bad.length > 0)
      test(`${one.action}: ${one.name}: what it cannot take is invalid by its name, and is not posted`, async () => {
        for (const [args, name] of one.bad) {
          const error = await playRefused(granted, one, args, "invalid").catch((error) => {
            throw new Error(`${JSON.stringify(args)}: ${error.message}`);
          });
          assert.ok(error.message.startsWith(`${name}: `), `${JSON.stringify(args)}: ${error.message}`);
        }
      });
  }
});
