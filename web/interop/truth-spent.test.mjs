/**
 * Pages that end while their leave may be spent: it has fired and they do not know, and their state went out again on top of
 * it. Whatever is lost then, the room must end in left.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually } from "../test/keeping.mjs";
import { ROUNDS, rounds } from "./rounds.mjs";
import { good, sleep, world } from "./world.mjs";

const { openCase } = await world("raised");

const TIMEOUT_MS = 4000;
const SLACK_MS = 1500;
/** Each round ends that much later after its update than the one before: before, while and after the state lands. */
const KILLED_EVERY_MS = 10;
const REMOVED_EVERY_MS = 30;
const UNWATCHED = "^(?!org.matrix.msc2762.receive)";

/** What is cut: the wire to the host, and the page hears nothing; or the host's to Synapse, and it hears of the leave. */
const CUTS = [
  ["widget>host", "host>widget"],
  ["host>homeserver", "homeserver>host"],
];

/** The page's refreshes do not arrive until its leave has fired, and then do again. */
async function outlivedByItsLeave(opened, key, wires) {
  await opened.lose(1, wires);
  const within = TIMEOUT_MS + 5000;
  await eventually("the leave fires", async () => (await opened.room.leaves(key)).length > 0, { within });
  await opened.lose(0, wires);
}

/** The page starts an update, and ends so soon after it; returns when that was (ms epoch). */
async function updateAndEnd(opened, ms, end) {
  await opened.widget.frame.evaluate(() => void window.interop.update("h", { updated: true }));
  await sleep(ms);
  await end(opened);
  return Date.now();
}

/** Whatever the host still carries out and the server still sends: then the state is left. Returns what there was. */
async function endsLeft(opened, key, since = Date.now()) {
  const { room } = opened;
  await sleep(Math.max(0, since + TIMEOUT_MS + SLACK_MS - Date.now()));
  const history = async () => JSON.stringify(await room.contents(key));
  const left = async () => Object.keys(await room.current(key)).length === 0;
  await eventually("left", left).catch(async () => {
    const calls = (await opened.driverCalls())
      .slice(-5)
      .map(({ t, method }) => `${method} at ${t - since} ms`);
    assert.fail(`the room does not end in left: ${await history()}; the host did ${calls.join(", ")}`);
  });
  return history();
}

describe("a leave that may be spent", () => {
  test("a state that was updated when its leave had fired is left by a page that is killed at once", async (t) => {
    const seen = [];
    await rounds(async (n) => {
      const opened = await openCase(t, { site: "cross", homeserverUrl: false });
      const { key } = await opened.held("h", { timeoutMs: TIMEOUT_MS });
      await outlivedByItsLeave(opened, key, CUTS[n % 2]);
      const end = await updateAndEnd(opened, n * KILLED_EVERY_MS, () => opened.crash());
      seen.push(await endsLeft(opened, key, end));
    });
    t.diagnostic(
      `${ROUNDS} rounds, killed 0 … ${(ROUNDS - 1) * KILLED_EVERY_MS} ms after update: ${[...new Set(seen)].join(" ")}`,
    );
  });

  for (const [homeserverUrl, by] of [
    [false, "its host alone"],
    [true, "its host and homeserverUrl"],
  ]) {
    test(`a page that is removed when its leave may be spent leaves by ${by}`, async (t) => {
      const seen = [];
      await rounds(async (n) => {
        const opened = await openCase(t, { homeserverUrl });
        const { key } = await opened.held("h", { timeoutMs: TIMEOUT_MS });
        await outlivedByItsLeave(opened, key, CUTS[n % 2]);
        const remove = ({ page }) => page.evaluate(() => window.removeWidget());
        const end = await updateAndEnd(opened, n * REMOVED_EVERY_MS, remove);
        seen.push(await endsLeft(opened, key, end));
      });
      t.diagnostic(
        `${ROUNDS} rounds, removed 0 … ${(ROUNDS - 1) * REMOVED_EVERY_MS} ms after update: ${[...new Set(seen)].join(" ")}`,
      );
    });
  }

  for (const [grant, how] of [
    ["", "may see its state"],
    [UNWATCHED, "may not see its state"],
  ]) {
    test(`release leaves after a leave that fired unnoticed and an update, where the page ${how}`, async (t) => {
      await rounds(async () => {
        const opened = await openCase(t, { grant });
        // So long that no refresh falls into it.
        const { key, future } = await opened.held("h", { timeoutMs: 60_000 });
        await opened.room.act(future.delayId, "send");
        good(await opened.update("h", { updated: true }));
        good(await opened.release("h"));
        assert.deepEqual(await opened.room.current(key), {}, "release did not leave");
        await endsLeft(opened, key);
      });
    });
  }
});
