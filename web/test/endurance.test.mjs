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
  const before = await widget.frame.evaluate(() => window.inspect());
  assert.ok(before.values > 0 && before.wasmBytes > 0, `not measured: ${JSON.stringify(before)}`);
  assert.equal(await run(CALLS), CALLS);
  const after = await widget.frame.evaluate(() => window.inspect());
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
    return widget.frame.evaluate(() => window.inspect().values);
  };
  const before = await grant(1000);
  const after = await grant(4000);
  // Each grant makes a record of 50 texts. Where Go never gets to run their finalizers 12,000 values pile up here.
  assert.ok(after < before + 4_000, `values: ${before} before, ${after} after`);
});

test("a hold that is refreshed for long, changed and told of whole rooms leaves nothing behind", async () => {
  const { page, widget } = await openRaw({
    options: connectOptions({ capabilities: ["org.matrix.msc2762.send.state_event:m"] }),
  });
  good(await widget.ready());
  await page.evaluate(serveDelayedEvents);
  const debug = () => widget.frame.evaluate(() => window.inspect());
  const calls = (await debug()).calls;
  const spec = { type: "m", stateKey: "k", content: { n: 0 }, timeoutMs: 2000, refreshMs: 5 };
  good(await widget.hold("h", spec));
  const live = (rounds) => page.evaluate(tellRooms, rounds);
  await live(20);
  const before = await debug();
  const asked = await page.evaluate(() => window.restarts);
  for (let n = 1; n <= 20; n++) {
    good(await widget.update("h", { n }));
    await live(20);
  }
  const after = await debug();
  assert.ok((await page.evaluate(() => window.restarts)) > asked + 500, "too few refreshes to tell");
  assert.equal(after.wasmBytes, before.wasmBytes, "the wasm memory has grown");
  assert.ok(after.values <= before.values, `values: ${before.values} before, ${after.values} after`);
  good(await widget.release("h"));
  await widget.frame.waitForFunction((calls) => window.inspect().calls === calls, calls);
});

/** Runs in the host page: schedules and restarts, and knows the action from others. */
function serveDelayedEvents() {
  window.restarts = 0;
  let events = 0;
  window.handlers.send_event = ({ data }) =>
    data.delay
      ? { room_id: data.room_id, delay_id: "d" }
      : { room_id: data.room_id, event_id: `$${++events}` };
  window.handlers["org.matrix.msc4157.update_delayed_event"] = ({ data }) => {
    window.restarts++;
    return data.delay_id === "" ? { error: { message: "missing delay_id" } } : {};
  };
}

/** Runs in the host page: tells of a room with a thousand state events, again and again. */
async function tellRooms(rounds) {
  const state = Array.from({ length: 1000 }, (_, n) => {
    return { type: "m", state_key: `k${n}`, room_id: "!r", sender: "@u", event_id: `$e${n}`, content: {} };
  });
  for (let round = 0; round < rounds; round++) {
    await window.ask("update_state", { state });
    await new Promise((done) => setTimeout(done, 10));
  }
}

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
