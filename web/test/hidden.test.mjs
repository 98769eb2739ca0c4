/**
 * A page that is really hidden: another tab is in front, and Chromium slows the timers of the page down to one a minute.
 * A future of ten seconds, refreshed every two and a half, lives on by a worker's clock, which is not slowed; where a
 * Content Security Policy forbids the worker it is lost within about a minute, and the page is told.
 *
 * All pages are hidden at the same time and for HIDDEN_SECONDS, of which the default is enough for one slowed timer to
 * come too late; `make hidden` takes three minutes.
 */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { good, sleep, world } from "./harness.mjs";
import { eventually, families, JOINED, MEMBER, opener, withoutWorkers } from "./keeping.mjs";

const HIDDEN_MS = Number(process.env.HIDDEN_SECONDS ?? 75) * 1000;

/** Chromium waits five minutes before it slows timers to one a minute; a page loaded when it was hidden, ten seconds. */
const all = await world({
  natural: [
    "--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/10/grace_period_seconds_loaded/10",
  ],
});
const { config, room, openPage } = all;
const open = opener(all);
const TIMEOUT_MS = 10_000;
/** A slowed timer comes once a minute; and the browser may take ten seconds more until it slows them. */
const SLOWEST_MS = 71_000;
const LONG_MS = 70_000;

/** Runs in a page: how far apart the page's own timers come, from now on, and those of a worker where there is one. */
function watchTimers() {
  const gaps = { page: [], worker: [], shown: 0 };
  const note = (list, state) => {
    const now = performance.now();
    if (state.last !== undefined) list.push(now - state.last);
    state.last = now;
    if (!document.hidden) gaps.shown++;
  };
  const page = {};
  const tick = () => {
    note(gaps.page, page);
    setTimeout(tick, 500);
  };
  const worker = {};
  const source = URL.createObjectURL(new Blob(["setInterval(()=>postMessage(0),500)"]));
  try {
    new Worker(source).onmessage = () => note(gaps.worker, worker);
  } catch {
    // this page may have none
  }
  window.timers = { gaps, page, worker };
  tick();
}

/** The longest a timer of that kind has kept a page waiting, the wait that is under way included. */
const longest = (frame, kind) =>
  frame.evaluate(
    (kind) =>
      Math.max(
        ...window.timers.gaps[kind],
        performance.now() - (window.timers[kind].last ?? performance.now()),
      ),
    kind,
  );

async function openWatched(family, extra) {
  const handle = await open(family, { keep: true, feed: false, ...extra });
  return { ...handle, key: room.key(), family };
}

const kept = []; // a future with a keepAlive
const held = []; // a state
const slow = {}; // pages without a worker
let started;
let front; // the page before all others

before(
  async () => {
    for (const family of families) {
      for (const site of ["same", "cross"]) {
        kept.push(Object.assign(await openWatched(family, { site }), { site }));
        held.push(Object.assign(await openWatched(family, { site }), { site }));
      }
    }
    const [, delayed] = families;
    slow.kept = await openWatched(delayed, withoutWorkers);
    slow.held = await openWatched(delayed, withoutWorkers);
    slow.long = await openWatched(delayed, withoutWorkers);
    const leave = (key, timeoutMs = TIMEOUT_MS) => ({ type: MEMBER, stateKey: key, content: {}, timeoutMs });
    for (const { widget, key } of [...kept, slow.kept]) {
      good(await widget.schedule("leave", leave(key)));
      good(await widget.keep("leave"));
    }
    for (const { widget, key } of [...held, slow.held]) {
      good(await widget.hold("member", { ...leave(key), content: JOINED }));
    }
    good(await slow.long.widget.schedule("leave", leave(slow.long.key, LONG_MS)));
    good(await slow.long.widget.keep("leave"));
    front = await openPage(new URL("sibling.html", config.host).href, { keep: true });
    await front.page.bringToFront();
    for (const { page, widget } of [...kept, ...held, ...Object.values(slow)]) {
      for (const frame of [page.mainFrame(), widget.frame]) {
        await frame.waitForFunction(() => document.hidden, undefined, { polling: 100 });
        await frame.evaluate(watchTimers);
      }
    }
    started = Date.now();
    await sleep(HIDDEN_MS);
  },
  { timeout: HIDDEN_MS + 60_000 },
);

test("the pages are hidden all the while; their timers are slowed, those of their workers are not", async () => {
  for (const { page, widget, site } of [...kept, ...held]) {
    for (const frame of [page.mainFrame(), widget.frame]) {
      assert.equal(await frame.evaluate(() => document.hidden), true);
      assert.equal(await frame.evaluate(() => window.timers.gaps.shown), 0, "the page was shown");
    }
    // A frame of another site is spared for the first minute.
    if (site === "same" || HIDDEN_MS > 120_000) {
      assert.ok((await longest(widget.frame, "page")) > 30_000, "the timers are not slowed");
    }
    const worker = await longest(widget.frame, "worker");
    assert.ok(worker < 3000, `a worker's timer came ${worker} ms after the one before`);
  }
});

test("a future of ten seconds lives on in a hidden page, and so does a held state", async () => {
  for (const { widget, key, family, site } of kept) {
    const what = `keepAlive, ${family.name}, ${site}-site`;
    assert.deepEqual(await widget.statuses("leave"), [], what);
    assert.deepEqual(await room.contents(key), [], what);
    assert.equal((await room.scheduled(key)).length, 1, what);
  }
  for (const { widget, key, family, site } of held) {
    const what = `hold, ${family.name}, ${site}-site`;
    assert.deepEqual(await widget.statuses("member"), [], what);
    assert.deepEqual(await room.contents(key), [JOINED], what);
    assert.equal((await room.scheduled(key)).length, 1, what);
  }
});

test("without a worker's clock it is lost within about a minute, and the page is told with the next slow timer", async () => {
  const { widget, key } = slow.kept;
  await eventually("the page is told", async () => (await widget.statuses("leave")).includes("lost"), {
    within: 90_000,
  });
  assert.ok((await longest(widget.frame, "page")) > 30_000, "the timers are not slowed");
  const [sent] = await room.eventsWithKey(key);
  const lostAfter = sent.origin_server_ts - started;
  assert.ok(lostAfter < SLOWEST_MS + TIMEOUT_MS, `lost only ${lostAfter} ms after it was hidden`);
  const { at, error } = (await widget.kept("leave")).find(({ detail }) => detail === "lost");
  assert.equal(error.code, "spent");
  assert.ok(
    at - sent.origin_server_ts < SLOWEST_MS,
    `told ${at - sent.origin_server_ts} ms after it was sent`,
  );
});

test("without a worker's clock a hold loses its leave, too, and joins again when the page is told", async () => {
  const { widget, key } = slow.held;
  const told = await eventually(
    "the page is told",
    async () => (await widget.kept("member")).find(({ event }) => event === "rearmed"),
    { within: 90_000 },
  );
  const [joined, left, again] = await room.waitForEvents(key, 3);
  assert.deepEqual(
    [joined, left, again].map(({ content }) => content),
    [JOINED, {}, JOINED],
  );
  assert.ok(left.origin_server_ts - started < SLOWEST_MS + TIMEOUT_MS);
  assert.ok(again.origin_server_ts >= told.at - 1000, "it joined before it had a leave");
});

test("without a worker's clock a timeout of more than a minute is long enough", async () => {
  const { widget, key } = slow.long;
  assert.ok(Date.now() - started > LONG_MS, "it would live so long by itself");
  assert.deepEqual(await room.contents(key), []);
  assert.equal((await widget.keepNow("leave")).status, "alive");
});

test("a page that was frozen past its timeout has lost its leave, and joins again when it may run again", async () => {
  const [, delayed] = families;
  for (const site of ["same", "cross"]) {
    const key = room.key();
    const { page, widget } = await open(delayed, { site, feed: false });
    assert.equal(
      good(await widget.hold("member", { type: MEMBER, stateKey: key, content: JOINED, timeoutMs: 2000 }))
        .status,
      "held",
    );
    await front.page.bringToFront();
    const session = await page.context().newCDPSession(page);
    await session.send("Page.setWebLifecycleState", { state: "frozen" });
    const [, left] = await room.waitForEvents(key, 2);
    assert.deepEqual(left.content, {});
    await sleep(2000);
    assert.deepEqual(await room.contents(key), [JOINED, {}], "it was not frozen");
    await session.send("Page.setWebLifecycleState", { state: "active" });
    await room.waitForEvents(key, 3);
    assert.deepEqual(await room.contents(key), [JOINED, {}, JOINED]);
    await eventually("held again", async () => (await widget.holdNow("member")).status === "held");
    assert.deepEqual((await widget.statuses("member")).slice(-2), ["lost", "held"]);
  }
});
