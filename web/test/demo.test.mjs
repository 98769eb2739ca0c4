/**
 * The demo as a visitor uses it: join the call in the widget, make its life hard in every way the host page offers, and see
 * the member in the room as long as the widget lives and gone after it.
 */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { sleep, world } from "./harness.mjs";

const { config, room, openPage } = await world();
const OWN_KEY = `_${config.userId}_${config.deviceId}`;
const TIMEOUT_MS = 2400;

/** Chromium reports each refused or unanswered request, and the library of the second host each refusal. */
const REPORTS = [/Failed to load resource/, /error (sending|updating delayed) event/];

const hosts = [
  ["first-draft", "the first draft"],
  ["client-widget-api", "matrix-widget-api 1.19.0"],
];

/** What an earlier test held is over before the next begins. */
beforeEach(async () => {
  while ((await room.scheduled(OWN_KEY)).length > 0) await sleep(50);
});

async function openDemo(host, { expect, seconds } = {}) {
  const url = new URL(config.host);
  if (seconds) url.searchParams.set("seconds", String(seconds));
  const { page } = await openPage(url.href, { expect });
  await page.check(`input[value=${host}]`);
  return { page, frame: await widgetOf(page) };
}

async function widgetOf(page) {
  const frame = await (await page.waitForSelector("iframe")).contentFrame();
  await frame.waitForSelector("#join:not([disabled])");
  return frame;
}

/** Opens the demo and joins the call. */
async function joined(host, { expect = REPORTS, ...options } = {}) {
  const demo = await openDemo(host, { expect, ...options });
  const before = (await contents()).length;
  await demo.frame.fill("#hold-timeout", String(TIMEOUT_MS));
  await demo.frame.click("#join");
  await shows(demo.frame, "#hold-status", "held");
  await shows(demo.page, "#members", config.deviceId);
  return { ...demo, written: async () => (await contents()).slice(before) };
}

async function contents() {
  return (await room.eventsWithKey(OWN_KEY)).map(({ content }) => content);
}

async function shows(page, selector, text, { within = 10_000 } = {}) {
  await page.waitForFunction(
    ([selector, text]) => document.querySelector(selector)?.textContent.includes(text),
    [selector, text],
    { timeout: within, polling: 20 },
  );
}

const texts = (frame) => Promise.all(["#error", "#hold-status"].map((id) => frame.textContent(id)));

for (const [host, name] of hosts) {
  test(`a held member stays, and leaves by itself when the widget crashes (${name})`, async () => {
    const { page, frame, written } = await joined(host);
    await shows(frame, "#hold-clock", "would go out in");
    await shows(page, "#futures", OWN_KEY);
    await sleep(1.5 * TIMEOUT_MS); // the page keeps its leave from going out
    assert.equal((await written()).length, 1, "the join, and no leave");
    assert.deepEqual(await texts(frame), ["", "held"]);
    const crashedAt = Date.now();
    await page.click("#crash");
    await shows(page, "#members", "Nobody.");
    // The last refresh was at most a quarter of the timeout old, and the answer it takes to see the leave is short.
    const after = Date.now() - crashedAt;
    assert.ok(after > 0.6 * TIMEOUT_MS && after < TIMEOUT_MS + 1000, `gone ${after} ms after the crash`);
    const [join, leave] = await written();
    assert.equal(join.device_id, config.deviceId);
    assert.deepEqual(leave, {});
    await shows(page, "#futures", "Nothing is scheduled.");
    await page.click("#load");
    await widgetOf(page);
  });

  test(`a widget that is closed says goodbye: its member leaves at once (${name})`, async () => {
    const { page, written } = await joined(host);
    const closedAt = Date.now();
    await page.click("#remove");
    assert.equal(await page.locator("iframe").count(), 0);
    await shows(page, "#members", "Nobody.", { within: 1000 });
    assert.ok(Date.now() - closedAt < 0.6 * TIMEOUT_MS, "before the leave's own time");
    assert.deepEqual((await written()).at(-1), {});
  });

  test(`a raised hand is seen in the room, and Leave leaves (${name})`, async () => {
    const { page, frame, written } = await joined(host);
    await frame.click("#update");
    await shows(page, "#members", "hand raised");
    await frame.click("#update:has-text('Lower')");
    await page.waitForFunction(() => !document.querySelector("#members").textContent.includes("hand"));
    await frame.click("#release");
    await shows(frame, "#hold-status", "released");
    await shows(page, "#members", "Nobody.");
    assert.deepEqual(
      (await written()).map(({ application, hand }) => [application, hand]),
      [
        ["m.call", undefined],
        ["m.call", "raised"],
        ["m.call", undefined],
        [undefined, undefined],
      ],
    );
    assert.equal(await frame.textContent("#error"), "");
    await frame.waitForSelector("#join:enabled");
  });

  test(`a member whom the moderator puts out stays out (${name})`, async () => {
    const { page, frame, written } = await joined(host);
    await page.click("#kick");
    await shows(frame, "#hold-status", "displaced");
    await shows(page, "#members", "Nobody.");
    await sleep(1.5 * TIMEOUT_MS);
    assert.deepEqual((await written()).slice(1), [{ reason: "ended by the moderator" }]);
    assert.deepEqual(await room.scheduled(OWN_KEY), []);
    await frame.click("#join"); // a person may join again
    await shows(frame, "#hold-status", "held");
  });

  test(`a homeserver that forgets is told anew, and the member never leaves (${name})`, async () => {
    const { page, frame, written } = await joined(host);
    const anew = await frame.textContent("#hold-rearmed");
    await page.click("#forget");
    await frame.waitForFunction(
      (before) => document.querySelector("#hold-rearmed").textContent !== before,
      anew,
    );
    await shows(frame, "#hold-status", "held");
    assert.equal((await room.scheduled(OWN_KEY)).length, 1);
    await sleep(1.2 * TIMEOUT_MS);
    assert.equal((await written()).length, 1, "the join, and no leave");
  });

  test(`each verb has its button and does what it says (${name})`, async () => {
    const { page, frame } = await openDemo(host);
    await frame.fill("#type", "org.example.demo");
    await frame.fill("#timeout", "60000");
    for (const [verb, outcome] of [
      ["Send", "sent"],
      ["Cancel", "cancelled"],
    ]) {
      const key = room.key();
      await frame.fill("#key", key);
      await frame.fill("#content", JSON.stringify({ verb }));
      await frame.click("#schedule");
      await shows(page, "#futures", key);
      const row = frame.locator("#futures li", { hasText: key });
      await row.getByRole("button", { name: "Refresh" }).click();
      await row.getByRole("button", { name: verb }).click();
      await shows(frame, "#futures", outcome);
      assert.equal(await row.locator("button:enabled").count(), 0);
      const expected = verb === "Send" ? [{ verb }] : [];
      assert.deepEqual(await room.contents(key), expected);
    }
    assert.equal(await frame.textContent("#error"), "");
  });

  test(`a wrong timeout is shown as a sentence with its code (${name})`, async () => {
    const { frame } = await openDemo(host);
    await frame.fill("#timeout", "-1");
    await frame.click("#schedule");
    await shows(frame, "#error", "timeoutMs");
    await shows(frame, "#error", "(invalid)");
    await frame.fill("#hold-timeout", "soon");
    await frame.click("#join");
    await shows(frame, "#hold-status", "failed");
    await shows(frame, "#error", "timeoutMs");
  });
}

test("a frozen widget's member leaves, and is back when it wakes", async () => {
  const { page, frame, written } = await joined("client-widget-api", { seconds: 5 });
  await page.click("#freeze");
  await shows(page, "#members", "Nobody.");
  await shows(page, "#status", "frozen");
  await shows(page, "#members", config.deviceId);
  await shows(page, "#status", "awake");
  await shows(frame, "#hold-status", "held");
  assert.deepEqual(
    (await written()).slice(0, 3).map(({ application }) => application),
    ["m.call", undefined, "m.call"],
  );
  assert.equal((await room.scheduled(OWN_KEY)).length, 1);
});

test("a homeserver that is down for long is found again", async () => {
  const { page, frame } = await joined("first-draft", { seconds: 4 });
  await page.click("#down");
  await shows(page, "#status", "The homeserver is down for another");
  await shows(frame, "#hold-status", "atRisk");
  await shows(frame, "#hold-status", "maybeExpired");
  await shows(page, "#status", "The homeserver is back.");
  await shows(page, "#members", "Nobody."); // as the stream brings what happened meanwhile
  await shows(frame, "#hold-status", "held");
  await shows(page, "#members", config.deviceId);
  assert.equal((await room.scheduled(OWN_KEY)).length, 1);
});

test("messages that get lost between widget and host cost a current host's member the call for a while only", async () => {
  const { page, frame } = await joined("client-widget-api");
  await page.selectOption("#link", "cut");
  await shows(frame, "#hold-status", "atRisk");
  await shows(frame, "#hold-status", "maybeExpired");
  await shows(page, "#members", "Nobody.");
  await page.click("summary");
  await shows(page, "#wire", "(lost)");
  await page.selectOption("#link", "good");
  await shows(frame, "#hold-status", "held");
  await shows(page, "#members", config.deviceId);
});

test("joining is given up with Leave, and nobody is in the call", async () => {
  const { page, frame } = await openDemo("client-widget-api");
  await page.selectOption("#link", "cut");
  await frame.click("#join");
  await frame.click("#release");
  await shows(frame, "#hold-status", "not in the call");
  await frame.waitForSelector("#join:enabled");
  assert.equal(await frame.textContent("#error"), "");
  assert.match(await page.textContent("#members"), /Nobody/);
});

test("all that makes the widget's life hard can be reached by keyboard", async () => {
  const { page, frame } = await joined("client-widget-api");
  for (const id of ["crash", "remove", "freeze", "load", "down", "forget", "kick", "link"]) {
    await page.focus(`#${id}`);
    assert.equal(await page.evaluate(() => document.activeElement.id), id);
  }
  await page.focus("#kick");
  await page.keyboard.press("Enter");
  await shows(frame, "#hold-status", "displaced");
});

test("both pages fit a phone, light and dark", async () => {
  const { page, frame } = await joined("client-widget-api");
  await page.setViewportSize({ width: 360, height: 740 });
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const view of [page, frame]) {
      const [content, window] = await view.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(content <= window, `${content} px wide in a window of ${window}`);
      const [background, color] = await view.evaluate(() => {
        const style = getComputedStyle(document.body);
        return [style.backgroundColor, style.color].map((rgb) => Number(/\d+/.exec(rgb)[0]));
      });
      assert.equal(background < color, colorScheme === "dark", `background ${background}, text ${color}`);
    }
  }
});
