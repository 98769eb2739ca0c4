/**
 * Gone at once: every way a widget's page can end while it holds a state, and how long the room believes that it is still
 * there. With `homeserverUrl` the leave goes out over HTTP as the page dies. Without it only a host message can carry it,
 * and that does not always arrive; then the homeserver sends the leave when its time is over.
 *
 * With GONE_RESULTS=<file> the measured times are written there, for web/scripts/gone.mjs.
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { after, test } from "node:test";
import { good, refused, sleep, world } from "./harness.mjs";
import { eventually, families, JOINED, MEMBER, opener } from "./keeping.mjs";

// A browser that keeps pages for the way back, and lets them die as people's browsers do.
const all = await world({ natural: ["--enable-features=BackForwardCache"] });
const { config, room } = all;
const open = opener(all);

const TIMEOUT_MS = 2500;
/** A leave counts as sent at once within this time, and by its timer within this time after it. */
const AT_ONCE_MS = 1000;
const SLACK_MS = 1000;

const elsewhere = new URL("sibling.html", config.host).href;

/**
 * How a page ends, and whether a message that is posted on pagehide still finds a host that acts on it. A frame of the
 * host's own site shares its process, and where the host page goes too it may just have the time, or not.
 */
const ends = {
  "host removes the iframe": {
    end: ({ host }) => host.removeWidget(),
    heard: { same: "always", cross: "never" },
  },
  "iframe is navigated away": {
    end: ({ page }) =>
      page.evaluate(() => {
        document.querySelector("iframe").src = "about:blank";
      }),
    heard: { same: "always", cross: "always" },
  },
  "host page is navigated away": {
    end: ({ page }) => page.goto(elsewhere),
    heard: { same: "perhaps", cross: "never" },
  },
  "tab is closed": { end: ({ page }) => page.close(), heard: { same: "perhaps", cross: "never" } },
  "process crashes": {
    end: async ({ page, widget }, site) => {
      const session = await page.context().newCDPSession(site === "same" ? page : widget.frame);
      session.send("Page.crash").catch(() => {}); // nobody is left to answer
    },
    dead: true, // no pagehide, so nothing goes out at all
  },
};

/** When the leave is in the room, by whether it was heard. */
const when = { always: "at once", perhaps: "in time", never: "when its time is over" };

const measured = [];
after(async () => {
  if (process.env.GONE_RESULTS) await writeFile(process.env.GONE_RESULTS, JSON.stringify(measured));
});

const hold = (key, extra) => ({
  type: MEMBER,
  stateKey: key,
  content: JOINED,
  timeoutMs: TIMEOUT_MS,
  ...extra,
});

async function openHeld(family, key, { site = "same", options, spec }) {
  const handle = await open(family, { site, feed: false, options });
  assert.equal(good(await handle.widget.hold("member", hold(key, spec))).status, "held");
  assert.deepEqual(await room.contents(key), [JOINED]);
  return handle;
}

/** Ends the page and waits for the leave. The time counts from before the browser is told, so it is never too short. */
async function timeToLeave(key, end) {
  const start = Date.now();
  const ended = end();
  const [, leave] = await room.waitForEvents(key, 2, { within: TIMEOUT_MS + SLACK_MS + 2000 });
  await ended;
  assert.deepEqual(leave.content, {});
  return leave.origin_server_ts - start;
}

for (const family of families) {
  for (const [how, { end, heard, dead }] of Object.entries(ends)) {
    for (const site of ["same", "cross"]) {
      // Tokens need it, and a dead page makes no use of it.
      for (const homeserverUrl of dead || family.lib === "first-draft" ? [true] : [true, false]) {
        const expected = when[dead ? "never" : homeserverUrl ? "always" : heard[site]];
        const given = homeserverUrl ? "with homeserverUrl" : "without homeserverUrl";

        test(`${how}: the leave is in the room ${expected} (${family.name}, ${site}-site, ${given})`, async () => {
          const key = room.key();
          const options = homeserverUrl ? {} : { homeserverUrl: undefined };
          const handle = await openHeld(family, key, { site, options });
          await sleep(1000); // at least one refresh later
          const ms = await timeToLeave(key, () => end(handle, site));
          measured.push({ how, family: family.name, site, homeserverUrl, expected, ms });
          const latest = expected === when.always ? AT_ONCE_MS : TIMEOUT_MS + SLACK_MS;
          assert.ok(ms <= latest, `the leave came only after ${ms} ms`);
          if (expected === when.never) assert.ok(ms > AT_ONCE_MS, `the leave came after ${ms} ms already`);
          await sleep(300);
          assert.deepEqual(await room.contents(key), [JOINED, {}], "something came after the leave");
          assert.deepEqual(await room.scheduled(key), []);
        });
      }
    }
  }

  test(`with leaveOnPageHide off the leave waits for its time (${family.name})`, async () => {
    const key = room.key();
    const handle = await openHeld(family, key, { spec: { leaveOnPageHide: false } });
    const ms = await timeToLeave(key, () => handle.host.removeWidget());
    assert.ok(ms > AT_ONCE_MS && ms <= TIMEOUT_MS + SLACK_MS, `the leave came after ${ms} ms`);
  });

  for (const site of ["same", "cross"]) {
    test(`back from the back/forward cache a hold joins again, with a new leave (${family.name}, ${site}-site)`, async () => {
      const key = room.key();
      const { page } = await openHeld(family, key, { site });
      const [before] = await room.scheduled(key);
      await page.evaluate(() => {
        addEventListener("pageshow", ({ persisted }) => {
          window.cameBack = persisted;
        });
      });
      await page.goto(elsewhere);
      await room.waitForEvents(key, 2, { within: AT_ONCE_MS });
      assert.deepEqual(await room.scheduled(key), [], "a leave is still scheduled although it was sent");
      // Long enough that a hold which went on in the cache would be seen.
      await sleep(1500);
      assert.deepEqual(await room.contents(key), [JOINED, {}], "a page in the cache has written to the room");
      await page.evaluate(() => history.back()).catch(() => {}); // it may be gone before it answers
      await room.waitForEvents(key, 3);
      await eventually("the page comes back as it was", () =>
        page.evaluate(() => window.cameBack === true).catch(() => false),
      );
      const [scheduled] = await eventually("a new leave is scheduled", async () => {
        const list = await room.scheduled(key);
        return list.length === 1 && list;
      });
      assert.notEqual(scheduled.secret, before.secret);
      await sleep(TIMEOUT_MS + SLACK_MS);
      assert.deepEqual(await room.contents(key), [JOINED, {}, JOINED], "it joined, and stayed");
      await page.close();
      await room.waitForEvents(key, 4, { within: AT_ONCE_MS });
    });
  }
}

test("tokens cannot be used at all without homeserverUrl: the hold is refused and nothing is in the room", async () => {
  const [family] = families;
  const key = room.key();
  const { widget } = await open(family, { options: { homeserverUrl: undefined } });
  const error = refused(await widget.hold("member", hold(key)), "invalid");
  assert.match(`${error.message} ${error.hint}`, /homeserverUrl/);
  assert.deepEqual(await room.contents(key), []);
});
