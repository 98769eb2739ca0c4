/** Single futures on a real Synapse, through the real ClientWidgetApi: what each verb does to the room and its clock. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { TOO_LONG } from "./room.mjs";
import { good, MESSAGE, refused, sleep, TYPE, world } from "./world.mjs";

const { openCase, synapses } = await world("raised", "withoutDelayedEvents");

/** How late a timer of Synapse may be on a busy machine. */
const SLACK_MS = 2000;

function spec(room, timeoutMs, content = {}) {
  return { type: TYPE, stateKey: room.key(), content, timeoutMs };
}

describe("futures", { concurrency: 3 }, () => {
  test("a future is scheduled as it was asked for and fires by itself, not early", async (t) => {
    const { widget, room } = await openCase(t);
    const asked = spec(room, 2500, { left: "by timer" });
    const before = Date.now();
    const future = good(await widget.schedule("f", asked));
    const [listed] = await room.delayedEvents();
    assert.equal(listed.delay_id, future.delayId);
    assert.equal(listed.delay, 2500);
    assert.deepEqual(listed.content, asked.content);
    assert.deepEqual(await room.eventsWithKey(asked.stateKey), []);
    const event = await room.firesOnTime(asked.stateKey, future.expiresAt);
    assert.deepEqual(event.content, asked.content);
    const late = event.seen - future.expiresAt;
    assert.ok(late <= SLACK_MS, `fired ${late} ms after the earliest moment`);
    t.diagnostic(`fired ${event.seen - before} ms after the call at timeout 2500 ms`);
    refused(await widget.refresh("f"), "spent");
  });

  test("a future is put off by a refresh, by its whole timeout", async (t) => {
    const { widget, room } = await openCase(t);
    const asked = spec(room, 5000);
    const first = good(await widget.schedule("f", asked));
    for (let i = 0; i < 3; i++) {
      await sleep(1500);
      good(await widget.refresh("f"));
    }
    const { expiresAt } = await widget.future("f");
    assert.ok(expiresAt >= first.expiresAt + 4500, `${expiresAt - first.expiresAt} ms later`);
    const event = await room.firesOnTime(asked.stateKey, expiresAt);
    t.diagnostic(`refreshed three times, fired ${event.seen - expiresAt} ms after expiresAt`);
  });

  test("a future is sent at once by send, and is spent then", async (t) => {
    const { widget, room } = await openCase(t);
    const asked = spec(room, 60_000, { left: "by send" });
    good(await widget.schedule("f", asked));
    const at = Date.now();
    good(await widget.send("f"));
    const event = await room.waitForKey(asked.stateKey);
    t.diagnostic(`in the room ${Date.now() - at} ms after send`);
    assert.deepEqual(event.content, asked.content);
    assert.deepEqual(await room.delayedEvents(), []);
    refused(await widget.send("f"), "spent");
    assert.equal((await room.eventsWithKey(asked.stateKey)).length, 1);
  });

  test("a future never comes after cancel", async (t) => {
    const { widget, room } = await openCase(t);
    const asked = spec(room, 1500);
    good(await widget.schedule("f", asked));
    good(await widget.cancel("f"));
    assert.deepEqual(await room.delayedEvents(), []);
    await sleep(1500 + SLACK_MS);
    assert.deepEqual(await room.eventsWithKey(asked.stateKey), []);
    refused(await widget.cancel("f"), "spent");
  });

  test("a future may be an event without a state key", async (t) => {
    const { widget, room } = await openCase(t);
    const asked = { type: MESSAGE, content: { body: "later" }, timeoutMs: 1500, allowUnencrypted: true };
    const future = good(await widget.schedule("f", asked));
    await sleep(1500 + SLACK_MS);
    const events = (await room.timeline()).filter((event) => event.type === MESSAGE);
    assert.equal(events.length, 1);
    assert.ok(events[0].origin_server_ts >= future.expiresAt);
  });

  test("a future is taken over by the page that comes after a reload", async (t) => {
    const opened = await openCase(t);
    const { widget, room } = opened;
    const asked = spec(room, 3000);
    good(await widget.schedule("f", asked));
    const saved = await widget.save("f");
    await opened.reload();
    good(await widget.resume("f", saved));
    good(await widget.refresh("f"));
    const { expiresAt } = await widget.future("f");
    assert.ok(expiresAt > saved.expiresAt);
    good(await widget.send("f"));
    await room.waitForKey(asked.stateKey);
  });

  test("a future that Synapse refuses leaves nothing in the room and says why", async (t) => {
    const { widget, room } = await openCase(t);
    const asked = spec(room, 48 * 3600 * 1000);
    const error = refused(await widget.schedule("f", asked), "matrix");
    assert.ok(error.errcode, "Synapse did not say why");
    assert.equal(error.errcode, TOO_LONG[error.httpStatus]);
    assert.deepEqual(await room.eventsWithKey(asked.stateKey), []);
  });

  test("a future is refused where the feature is off, and nothing is in the room", async (t) => {
    const { widget, room } = await openCase(t, { synapse: synapses.withoutDelayedEvents });
    const asked = spec(room, 10_000);
    const error = refused(await widget.schedule("f", asked), "matrix");
    assert.equal(error.httpStatus, 403);
    await sleep(500);
    assert.deepEqual(await room.eventsWithKey(asked.stateKey), []);
  });
});

describe("keepAlive", { concurrency: 4 }, () => {
  const timeoutMs = 6000;

  /** Schedules a future and keeps it; returns its key. */
  async function keepOne(opened, options) {
    const asked = spec(opened.room, timeoutMs);
    good(await opened.widget.schedule("f", asked));
    good(await opened.keep("f", options));
    return asked.stateKey;
  }

  test("keepAlive puts a future off for as long as it runs, and no longer", async (t) => {
    const opened = await openCase(t);
    const key = await keepOne(opened);
    await sleep(3 * timeoutMs);
    assert.deepEqual(await opened.room.eventsWithKey(key), []);
    assert.deepEqual(await opened.statuses("f"), ["alive"]);
    await opened.stopKeeping("f");
    const at = Date.now();
    const { expiresAt } = await opened.widget.future("f");
    const event = await opened.room.firesOnTime(key, expiresAt);
    const refreshes = (await opened.driverCalls("restartScheduledDelayedEvent")).length;
    t.diagnostic(
      `kept for ${(3 * timeoutMs) / 1000} s with ${refreshes} refreshes at timeout ${timeoutMs} ms`,
    );
    t.diagnostic(`fired ${event.seen - at} ms after stop()`);
    assert.ok(event.seen - at <= timeoutMs + SLACK_MS);
    assert.equal((await opened.statuses("f")).at(-1), "stopped");
  });

  test("keepAlive stops by itself when its future is sent by the page", async (t) => {
    const opened = await openCase(t);
    const key = await keepOne(opened);
    await sleep(timeoutMs);
    good(await opened.widget.send("f"));
    await opened.room.waitForKey(key);
    await sleep(timeoutMs);
    assert.deepEqual(await opened.statuses("f"), ["alive", "stopped"]);
  });

  test("keepAlive reports a future that another user's state event has cancelled as lost", async (t) => {
    const opened = await openCase(t);
    const key = await keepOne(opened);
    const at = Date.now();
    await opened.room.sendAsModerator(TYPE, { by: "moderator" }, key);
    const told = await opened.waitFor("f", "lost", { within: timeoutMs });
    t.diagnostic(`lost: told ${told.t - at} ms after the moderator wrote`);
    await sleep(timeoutMs);
    assert.equal((await opened.room.eventsWithKey(key)).length, 1);
  });

  test("keepAlive takes over after a reload what the page before it kept", async (t) => {
    const opened = await openCase(t);
    const key = await keepOne(opened);
    const saved = await opened.widget.save("f");
    await opened.reload();
    good(await opened.widget.resume("f", saved));
    good(await opened.keep("f"));
    await sleep(2 * timeoutMs);
    assert.deepEqual(await opened.room.eventsWithKey(key), []);
    assert.deepEqual(await opened.statuses("f"), ["alive"]);
  });
});
