/**
 * The limits of the FAKE Rust-style host (pages/host/rust-style.ts): it waits for 15 requests at a time and for none longer
 * than 10 s. What is beyond is never answered, and what took too long may have been done all the same.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { byHandOpener, DEFAULT, RECEIVE, REFUSED, sendEvent } from "./by-hand.mjs";
import { good, refused, sleep, world } from "./harness.mjs";
import { eventually } from "./keeping.mjs";

const all = await world();
const { room, openHost, connectOptions } = all;
const openByHand = byHandOpener(all);
const MEMBER = "org.matrix.msc3401.call.member";
const leave = (key, extra) => ({ type: MEMBER, stateKey: key, content: {}, timeoutMs: 60_000, ...extra });
const capabilities = [`org.matrix.msc2762.send.state_event:${MEMBER}`];
const why = async (hostEvents) =>
  hostEvents.filter(({ name }) => name === "dropped").map(({ detail }) => detail);

/** A page whose probe is over. */
async function openProbed() {
  const handle = await openHost({
    lib: "rust-style",
    wait: "content",
    options: connectOptions({ capabilities }),
    expect: REFUSED,
  });
  good(await handle.widget.schedule("probe", leave(room.key())));
  return handle;
}

test("no more than 15 requests wait for the driver: the others get no answer and are not done", async () => {
  const { page, frame, say, hostEvents, negotiate } = await openByHand();
  await negotiate();
  const requests = Array.from({ length: 20 }, () => sendEvent({ state_key: room.key(), delay: 60_000 }));
  await say(requests, { wait: false });
  const answered = () => frame.evaluate(() => window.heard.filter((m) => m.response?.delay_id).length);
  await eventually("fifteen are answered", async () => (await answered()) === 15);
  const dropped = (await hostEvents()).filter(({ name }) => name === "dropped");
  assert.deepEqual(
    dropped.map(({ detail }) => detail),
    Array(5).fill("too many requests wait for the driver"),
  );
  assert.equal(await page.evaluate(() => window.driverCalls.length), 15);
  const [next] = await say([sendEvent({ state_key: room.key() })]);
  assert.ok(next.event_id);
});

test("ten seconds: what the driver says later is not heard, what the widget does not answer is forgotten", async () => {
  const [patient, deaf] = await Promise.all([openByHand(), openByHand({ feed: "1" })]);
  await Promise.all([patient.negotiate(), deaf.negotiate([...DEFAULT, `${RECEIVE}event:t.crowd`])]);
  const pages = await Promise.all([openProbed(), openProbed()]);

  await room.administer({ faults: { lateMs: 7000, only: "/state/" } });
  const inTime = patient.say([sendEvent({ state_key: room.key() })]);
  await eventually(
    "the homeserver has it",
    async () => (await patient.page.evaluate(() => driverCalls)).length,
  );
  await sleep(100);
  await room.administer({ faults: { lateMs: 10_500, only: "/state/", forMs: 1000 } });
  await Promise.all([
    inTime.then(([response]) => assert.ok(response.event_id, JSON.stringify(response))),
    aFutureTimesOut(pages[0]),
    aHoldSurvives(pages[1]),
    theCrowdIsForgotten(deaf),
  ]);
});

async function aFutureTimesOut({ host, widget }) {
  const key = room.key();
  assert.equal(refused(await widget.schedule("leave", leave(key)), "timeout").deadlineMs, 10_000);
  const dropped = () => host.events().then(why);
  await eventually("the answer came", async () => (await dropped()).length > 0);
  assert.deepEqual(await dropped(), ["the driver was too slow"]);
  await widget.settle();
  assert.deepEqual(await widget.seen("orphaned"), []);
  assert.equal((await room.scheduled(key)).length, 1, "the homeserver has it, which nobody was told");
}

/** It schedules another leave, and joins again when the first, of which it was told nothing, goes out. */
async function aHoldSurvives({ widget }) {
  const key = room.key();
  const start = Date.now();
  const spec = leave(key, { timeoutMs: 11_000, content: { joined: true } });
  assert.equal(good(await widget.hold("member", spec)).status, "held");
  const [joined, left, back] = await room.waitForEvents(key, 3, { within: 15_000 });
  assert.deepEqual(
    [joined, left, back].map(({ content }) => content),
    [{ joined: true }, {}, { joined: true }],
  );
  assert.ok(left.origin_server_ts >= start + 11_000, "a leave went out before its time");
  assert.ok(back.origin_server_ts - left.origin_server_ts < 5000, "it was out of the room for long");
  assert.equal((await widget.holdNow("member")).status, "held");
}

async function theCrowdIsForgotten({ frame, hostEvents }) {
  const crowd = Array.from({ length: 17 }, (_, i) => ({ body: `${i}` }));
  for (const content of crowd) await room.sendAsModerator("t.crowd", content);
  const pushed = () => frame.evaluate(() => window.asked("send_event").map(({ data }) => data.content.body));
  const dropped = () => hostEvents().then(why);
  await eventually("two were not told", async () => (await dropped()).length === 2);
  assert.deepEqual(await dropped(), Array(2).fill("too many requests wait for the widget"));
  const firstFifteen = crowd.slice(0, 15).map(({ body }) => body);
  assert.deepEqual(await pushed(), firstFifteen);
  await sleep(10_100); // all of them were told by now
  await room.sendAsModerator("t.crowd", { body: "later" });
  await eventually("it has room again", async () => (await pushed()).at(-1) === "later");
}
