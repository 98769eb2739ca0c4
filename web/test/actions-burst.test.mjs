/** Ten thousand events of a host at once: the page hears all of them in order, answers each once, and stays what it was. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { opener } from "./actions/play.mjs";
import { world } from "./harness.mjs";

const all = await world();
const open = opener(all);
const COUNT = 10_000;
/** A page that hears so many without a frame in between is not responsive, however fast the machine is. */
const LONGEST_RUN = 0.8 * COUNT;

/** The library writes every message to the console, which would be most of the work. */
const silently = (page) =>
  page.addInitScript(() => {
    console.log = () => {};
  });

/** Has the real host feed so many events, none of which waits for another; tells the answers in their order. */
const burst = (page, count, roomId) =>
  page.evaluate(
    async ([count, roomId]) => {
      window.wire.length = 0;
      const event = {
        type: "org.example.read",
        sender: "@erin:example.org",
        room_id: roomId,
        origin_server_ts: 1,
      };
      const fed = Array.from({ length: count }, (_, n) =>
        window.tell("feedEvent", { ...event, event_id: `$${n}`, content: { n } }),
      );
      await Promise.allSettled(fed);
      const answers = () =>
        window.wire.filter(
          ({ direction, message }) => direction === "widget>host" && message.api === "toWidget",
        );
      while (answers().length < count) await new Promise((resolve) => setTimeout(resolve, 50));
      await new Promise((resolve) => setTimeout(resolve, 200)); // for answers that are too many
      return answers().map(({ message }) => [message.data.content.n, message.response.n]);
    },
    [count, roomId],
  );

/** Counts what the page hears, and how many of it before it can show anything. */
const count = (frame) =>
  frame.evaluate(() => {
    window.heard = [];
    window.longest = 0;
    let run = 0;
    window.client.addEventListener("action:send_event", (event) => {
      window.heard.push(event.detail.content.n);
      window.longest = Math.max(window.longest, ++run);
      event.reply({ n: event.detail.content.n });
    });
    const beat = () => {
      run = 0;
      requestAnimationFrame(beat);
    };
    beat();
  });

const inspect = (frame) =>
  frame.evaluate(() => {
    const heard = window.heard.splice(0);
    return { heard, longest: window.longest, ...window.inspect() };
  });

test("ten thousand events in a burst are heard in order and answered once each; the page stays responsive and its memory flat", async () => {
  const { page, widget } = await open({ prepare: silently });
  await count(widget.frame);
  const inOrder = Array.from({ length: COUNT }, (_, n) => n);
  const seen = [];
  for (let round = 0; round < 3; round++) {
    assert.deepEqual(
      await burst(page, COUNT, all.config.roomId),
      inOrder.map((n) => [n, n]),
    );
    seen.push(await inspect(widget.frame));
  }
  for (const { heard, longest } of seen) {
    assert.deepEqual(heard, inOrder);
    assert.ok(longest < LONGEST_RUN, `the page heard ${longest} without a frame in between`);
  }
  const [first, , last] = seen;
  assert.equal(last.wasmBytes, first.wasmBytes);
  assert.ok(last.values <= first.values + 16, `${first.values} values of Go became ${last.values}`);
});
