/**
 * A long call: 100,000 requests through one page, after which the table of JS values that Go holds and the memory of the
 * wasm are what they were before.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { good, world } from "./harness.mjs";

const { openRaw, connectOptions } = await world();
const WARM_UP = 20_000;
const CALLS = 100_000;
const IN_FLIGHT = 100;

test("a hundred thousand calls leave no value and no memory behind", { timeout: 240_000 }, async () => {
  const { page, widget } = await openRaw({
    options: connectOptions({ capabilities: ["org.matrix.msc2762.send.event:t"] }),
  });
  good(await widget.ready());
  await page.evaluate(() => window.echo());
  const run = (calls) => widget.frame.evaluate(sendMany, [calls, IN_FLIGHT]);
  assert.equal(await run(WARM_UP), WARM_UP);
  const before = await widget.frame.evaluate(() => window.wf.__debug(window.client));
  assert.ok(before.values > 0 && before.wasmBytes > 0, `not measured: ${JSON.stringify(before)}`);
  assert.equal(await run(CALLS), CALLS);
  const after = await widget.frame.evaluate(() => window.wf.__debug(window.client));
  assert.equal(after.wasmBytes, before.wasmBytes, "the wasm memory has grown");
  assert.ok(after.values <= before.values, `values: ${before.values} before, ${after.values} after`);
});

test("a host that grants over and over leaves nothing behind for good", async () => {
  const { page, widget } = await openRaw({
    options: connectOptions({ capabilities: ["org.matrix.msc2762.send.event:t"] }),
  });
  good(await widget.ready());
  const grant = async (rounds) => {
    await page.evaluate(async (rounds) => {
      const approved = Array.from({ length: 50 }, (_, n) => `capability.${n}`);
      for (let round = 0; round < rounds; round++) {
        window.ask("notify_capabilities", { requested: [], approved });
        if (round % 50 === 0) await new Promise((done) => setTimeout(done));
      }
    }, rounds);
    const last = `last.${rounds}`;
    await page.evaluate(
      (last) => window.ask("notify_capabilities", { requested: [], approved: [last] }),
      last,
    );
    await widget.frame.waitForFunction((last) => window.client.approvedCapabilities.has(last), last);
    return widget.frame.evaluate(() => window.wf.__debug(window.client).values);
  };
  const before = await grant(1000);
  const after = await grant(4000);
  // Each grant makes a record of 50 texts. Where Go never gets to run their finalizers 12,000 values pile up here.
  assert.ok(after < before + 4_000, `values: ${before} before, ${after} after`);
});

/** Runs in the page: keeps some calls in flight and counts those answered with the echo's event id. */
async function sendMany([calls, inFlight]) {
  let started = 0;
  let answered = 0;
  const lane = async () => {
    while (started < calls) {
      const n = started++;
      const sent = await window.client.sendEvent({
        type: "t",
        content: { n, body: "some text of a common length" },
      });
      if (sent.eventId === "$echo") answered++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return answered;
}
