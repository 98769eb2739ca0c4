/** What a hold does on a real Synapse while all is well: its order, its updates, several of them, and kicks by others. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { good, refused, sleep, TYPE, world } from "./world.mjs";

const { openCase } = await world("raised");

const TIMEOUT_MS = 6000;

describe("holds", { concurrency: 3 }, () => {
  test("a hold schedules its leave, sends its state, refreshes at once, and keeps refreshing", async (t) => {
    const opened = await openCase(t);
    const { key, ...held } = await opened.held("h", { timeoutMs: TIMEOUT_MS });
    assert.equal(held.status, "held");
    assert.equal(held.timeoutMs, TIMEOUT_MS);
    const [listed] = await opened.room.scheduled(key);
    assert.equal(listed.delay_id, held.future.delayId);
    assert.equal(listed.delay, TIMEOUT_MS);
    assert.deepEqual(listed.content, {});
    await sleep(2 * TIMEOUT_MS);
    const calls = await opened.driverCalls();
    const methods = calls.map((call) => call.method).filter((method) => method !== "readRoomState");
    assert.deepEqual(methods.slice(0, 3), ["sendDelayedEvent", "sendEvent", "restartScheduledDelayedEvent"]);
    assert.ok(
      methods.slice(3).every((method) => method === "restartScheduledDelayedEvent"),
      `something else than refreshes followed: ${JSON.stringify(calls.map(({ t, method }) => [t - calls[0].t, method]))}`,
    );
    const gaps = calls
      .filter((call) => call.method === "restartScheduledDelayedEvent")
      .map((call, i, all) => (i === 0 ? 0 : call.t - all[i - 1].t))
      .slice(2);
    t.diagnostic(`timeout ${TIMEOUT_MS} ms: refreshed every ${Math.min(...gaps)} … ${Math.max(...gaps)} ms`);
    assert.ok(Math.max(...gaps) <= TIMEOUT_MS / 3, "too seldom for two lost refreshes in a row");
    assert.equal((await opened.room.eventsWithKey(key)).length, 1);
    assert.deepEqual(await opened.unanswered(), [], "the widget left its host without an answer");
    good(await opened.release("h"));
    assert.equal((await opened.room.leaves(key)).length, 1);
    assert.deepEqual(await opened.room.delayedEvents(), []);
  });

  test("a hold writes its updates, the last one last, and stays protected", async (t) => {
    const opened = await openCase(t);
    const { key } = await opened.held("h", { timeoutMs: TIMEOUT_MS });
    const updates = await Promise.all([1, 2, 3].map((n) => opened.update("h", { n })));
    for (const update of updates) good(update);
    await sleep(2 * TIMEOUT_MS);
    const events = await opened.room.eventsWithKey(key);
    assert.deepEqual(events.at(-1).content, { n: 3 });
    assert.deepEqual(await opened.room.leaves(key), []);
    assert.equal((await opened.room.scheduled(key)).length, 1);
    good(await opened.release("h"));
    assert.deepEqual((await opened.room.eventsWithKey(key)).at(-1).content, {});
  });

  test("a hold leaves with the content it was told to", async (t) => {
    const opened = await openCase(t);
    const leaveContent = { left: true };
    const { key } = await opened.held("h", { timeoutMs: TIMEOUT_MS, leaveContent });
    good(await opened.release("h"));
    assert.deepEqual((await opened.room.eventsWithKey(key)).at(-1).content, leaveContent);
  });

  test("a hold may be one of several in a page", async (t) => {
    const opened = await openCase(t);
    const names = ["a", "b", "c", "d"];
    const keys = [];
    for (const name of names) {
      const { key } = await opened.held(name, { timeoutMs: TIMEOUT_MS });
      keys.push(key);
    }
    await sleep(2 * TIMEOUT_MS);
    for (const key of keys) assert.equal((await opened.room.eventsWithKey(key)).length, 1);
    good(await opened.release("b"));
    await sleep(TIMEOUT_MS);
    const left = await Promise.all(keys.map(async (key) => (await opened.room.leaves(key)).length));
    assert.deepEqual(left, [0, 1, 0, 0]);
    good(await opened.widget.call("close"));
    await sleep(500);
    for (const key of keys) assert.equal((await opened.room.leaves(key)).length, 1);
    assert.deepEqual(await opened.room.delayedEvents(), []);
  });

  test("a hold takes the place of the one before it on the same key, with one leave scheduled", async (t) => {
    const opened = await openCase(t);
    const first = await opened.held("old", { timeoutMs: TIMEOUT_MS });
    await opened.held("new", { timeoutMs: TIMEOUT_MS, stateKey: first.key });
    assert.equal((await opened.statuses("old")).at(-1), "displaced");
    await sleep(2 * TIMEOUT_MS);
    assert.equal((await opened.described("new")).status, "held");
    const scheduled = await opened.room.scheduled(first.key);
    assert.deepEqual(
      scheduled.map((event) => event.delay_id),
      [(await opened.described("new")).future.delayId],
    );
    assert.deepEqual(await opened.room.leaves(first.key), []);
    good(await opened.release("new"));
  });
});

describe("kicks", { concurrency: 3 }, () => {
  test("a moderator who overwrites the state displaces the hold, which sends nothing ever after", async (t) => {
    const opened = await openCase(t);
    const { key } = await opened.held("h", { timeoutMs: TIMEOUT_MS });
    const at = Date.now();
    await opened.room.sendAsModerator(TYPE, { kicked: true }, key);
    const told = await opened.waitFor("h", "displaced", { within: 2000, since: at });
    t.diagnostic(`displaced: told ${told.t - at} ms after the moderator wrote`);
    await sleep(500);
    const before = (await opened.driverCalls()).length;
    await sleep(2 * TIMEOUT_MS);
    const events = await opened.room.eventsWithKey(key);
    assert.deepEqual(events.map((event) => event.content).slice(1), [{ kicked: true }]);
    assert.deepEqual(await opened.room.delayedEvents(), []);
    assert.equal((await opened.driverCalls()).length, before, "the hold still asks its host for something");
    assert.equal((await opened.statuses("h")).at(-1), "displaced");
  });

  test("a moderator is not fought by a hold that may not see the state", async (t) => {
    const opened = await openCase(t, { grant: "^(?!org.matrix.msc2762.receive)" });
    const { key } = await opened.held("h", { timeoutMs: TIMEOUT_MS });
    await opened.room.sendAsModerator(TYPE, { kicked: true }, key);
    await sleep(2 * TIMEOUT_MS);
    const events = await opened.room.eventsWithKey(key);
    assert.deepEqual(events.map((event) => event.content).slice(1), [{ kicked: true }]);
    t.diagnostic(`unseen overwrite: ${(await opened.statuses("h")).join(" → ")}`);
  });

  test("a moderator who puts the member out of the room makes release fail with what Synapse says", async (t) => {
    const opened = await openCase(t);
    const { key } = await opened.held("h", { timeoutMs: TIMEOUT_MS });
    const { moderator, roomId, userId } = opened.room.config;
    const room = `_matrix/client/v3/rooms/${encodeURIComponent(roomId)}`;
    await opened.synapse.request("POST", `${room}/kick`, moderator.accessToken, { user_id: userId });
    await sleep(TIMEOUT_MS);
    const error = refused(await opened.release("h"), "matrix");
    assert.equal(error.httpStatus, 403);
    const { chunk } = await opened.room.get(`${room}/messages?dir=f&limit=1000`, moderator.accessToken);
    assert.equal(chunk.filter((event) => event.state_key === key).length, 1);
  });
});
