/** How the demo's host page shows what happens: bars, groups, timeline, guide, wire log; for everybody, on any screen. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { barOf, Demo, join, REPORTS, shareOf, shows, TIMEOUT_MS } from "./demo-kit.mjs";
import { sleep, world } from "./harness.mjs";
import { contrasts, focusWalk } from "./looks.mjs";

const demo = new Demo(await world());
const { config, room } = demo;
const NOTE = "org.example.note";
let notes = 0;

beforeEach(() => demo.settle());

/** Schedules state with a name of its own in it, by which its bar is found. */
async function note(query, { type = NOTE } = {}) {
  const name = `note ${++notes}.`;
  const key = `k${notes}`;
  const tokens = await demo.future(`state_future/${type}/${key}`, query, { name });
  return { name, key, type, ...tokens };
}

const chipOf = (page, name) => barOf(page, name).locator(".chip");

async function becomes(page, { name }, word) {
  await chipOf(page, name).filter({ hasText: word }).waitFor();
}

// ------------------------------------------------------------------------------ bars

test("a bar runs out in real time, jumps back when it is refreshed, and says so", async () => {
  const { page } = await demo.open("first-draft");
  const long = await note({ future_timeout: 8000 });
  const bar = barOf(page, long.name);
  await bar.waitFor();
  assert.match(await bar.textContent(), /goes out in \d s of 8 s/);
  const early = await shareOf(bar);
  await sleep(2000);
  const late = await shareOf(bar);
  assert.ok(late < early - 0.2 && late > 0, `${early} of it was left, and 2 s of 8 later ${late}`);
  await demo.useToken(long.refresh_token);
  await shows(page, "#bars", "pushed back 1 ×");
  const back = await shareOf(bar);
  assert.ok(back > late + 0.1, `${late} of it was left, and ${back} after the refresh`);
  assert.ok((await bar.evaluate((item) => item.getAnimations({ subtree: true }).length)) > 0);
});

test("who wants less motion sees the same in steps of a second", async () => {
  const { page } = await demo.open("first-draft");
  await page.emulateMedia({ reducedMotion: "reduce" });
  const calm = await note({ future_timeout: 8000 });
  const bar = barOf(page, calm.name);
  await bar.waitFor();
  const early = await shareOf(bar);
  await sleep(2500); // two of its steps at least, though it is drawn only four times a second
  assert.equal(await bar.evaluate((item) => item.getAnimations({ subtree: true }).length), 0);
  const late = await shareOf(bar);
  assert.ok(late < early - 0.2, `${early} of it was left, and 2.5 s of 8 later ${late}`);
  await demo.useToken(calm.refresh_token);
  await shows(page, "#bars", "pushed back 1 ×");
  assert.ok((await shareOf(bar)) > 0.7);
  assert.equal(await bar.evaluate((item) => item.getAnimations({ subtree: true }).length), 0);
});

test("each end of a bar has its own word", async () => {
  const { page } = await demo.open("first-draft");
  const guarded = `org.example.guarded${Date.now()}`;
  const fired = await note({ future_timeout: 700 });
  const sent = await note({ future_timeout: 60_000 });
  const cancelled = await note({ future_timeout: 60_000 });
  const overwritten = await note({ future_timeout: 60_000 });
  const refused = await note({ future_timeout: 1500 }, { type: guarded });
  const member = await note({ future_timeout: 60_000 });
  const other = await note({ future_group_id: member.future_group_id });
  await demo.useToken(sent.send_token);
  await demo.useToken(cancelled.cancel_token);
  await room.sendAsModerator(NOTE, { by: "somebody else" }, overwritten.key);
  await demo.useToken(other.send_token);
  const levels = (await room.timeline()).findLast(({ type }) => type === "m.room.power_levels").content;
  const events = { ...levels.events, [guarded]: 100 };
  await room.sendAsModerator("m.room.power_levels", { ...levels, events }, "");

  await becomes(page, fired, "fired");
  await becomes(page, sent, "sent");
  await becomes(page, cancelled, "cancelled");
  await becomes(page, overwritten, "overwritten");
  await becomes(page, other, "sent");
  await becomes(page, member, "group over");
  await becomes(page, refused, "refused");
  const why = await barOf(page, refused.name).textContent();
  assert.match(why, /the room did not take it: \w+/);
  assert.doesNotMatch(why, /undefined|\[object|\bat \w+:\d/);
  const lost = await note({ future_timeout: 60_000 });
  await barOf(page, lost.name).waitFor();
  await page.click("#forget");
  await becomes(page, lost, "forgotten");

  for (const { name } of [fired, sent, other])
    assert.equal(await barOf(page, name).getByRole("button").count(), 1, `${name} is tied to its event`);
  for (const { name } of [cancelled, overwritten, refused, member, lost])
    assert.equal(await barOf(page, name).getByRole("button").count(), 0, `${name} became no event`);
});

test("the members of a group stand in one box that says that only one of them will be sent", async () => {
  const { page } = await demo.open("first-draft");
  const timed = await note({ future_timeout: 60_000 });
  await barOf(page, timed.name).waitFor();
  const box = page.locator(".box", { hasText: timed.name });
  assert.equal(await box.locator(".group-title").textContent(), "", "one alone is no group");
  const action = await note({ future_group_id: timed.future_group_id });
  await barOf(page, action.name).waitFor();
  assert.equal(await box.locator(".future").count(), 2);
  assert.match(await box.locator(".group-title").textContent(), /only one of these will ever be sent/);
  assert.match(await barOf(page, action.name).textContent(), /No timer: it waits for its send/);
  const alone = await note({ future_timeout: 60_000 });
  await barOf(page, alone.name).waitFor();
  assert.equal(await box.locator(".future").count(), 2, "another one has a box of its own");
  await demo.useToken(action.send_token);
  await becomes(page, timed, "group over");
  assert.match(await box.locator(".group-title").textContent(), /one was sent, so no other ever will be/);
  await demo.useToken(alone.cancel_token);
});

test("ended bars stay until there are twenty newer ones", async () => {
  const { page } = await demo.open("first-draft");
  const first = await note({ future_timeout: 60_000 });
  await demo.useToken(first.cancel_token);
  await becomes(page, first, "cancelled");
  for (let i = 0; i < 20; i++) await demo.useToken((await note({ future_timeout: 60_000 })).cancel_token);
  await barOf(page, first.name).waitFor({ state: "detached" });
  assert.equal(await page.locator(".future").count(), 20);
});

test("a bar leads to the event it became, and the event to its bar", async () => {
  const { page } = await demo.open("first-draft");
  const soon = await note({ future_timeout: 1200 });
  await becomes(page, soon, "fired");
  const event = page.locator("#timeline li", { hasText: soon.name });
  const mark = event.getByRole("button");
  const [, seconds] = /came from a future, scheduled ([\d.]+) s before/.exec(await mark.textContent());
  assert.ok(Number(seconds) >= 1.2 && Number(seconds) < 3, `scheduled ${seconds} s before`);
  await barOf(page, soon.name).hover();
  assert.match(await event.getAttribute("class"), /lit/);
  await page.mouse.move(0, 0);
  await mark.focus();
  assert.match(await barOf(page, soon.name).getAttribute("class"), /lit/);
  assert.doesNotMatch((await event.getAttribute("class")) ?? "", /lit/);
  await page.keyboard.press("Enter");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.state), "fired");
  await barOf(page, soon.name).getByRole("button").click();
  assert.match(await page.evaluate(() => document.activeElement.textContent), new RegExp(soon.name));
  assert.equal(await event.locator("time").count(), 1);
  assert.match(await event.textContent(), new RegExp(`${NOTE} · ${soon.key} · by ${config.userId}`));
});

test("nothing else moves when bars and events come and go", async () => {
  const { page, frame } = await demo.open("mwa-1.19.0", { size: { width: 1280, height: 900 } });
  const places = () =>
    page.evaluate(() =>
      [...document.querySelectorAll("main section, #frame")].map((part) => {
        const { top, left, width, height } = part.getBoundingClientRect();
        return [part.id, top + scrollY, left, width, height].join(" ");
      }),
    );
  await frame.fill("#hold-timeout", String(TIMEOUT_MS));
  const before = await places();
  for (let i = 0; i < 6; i++) await note({ future_timeout: 500 });
  await shows(page, "#bars-count", "6 ended");
  assert.deepEqual(await places(), before);
  await join(frame);
  await shows(page, "#members", config.deviceId);
  assert.deepEqual(await places(), before);
  await page.click("#crash");
  await becomes(page, { name: "Leave the call" }, "fired");
  assert.deepEqual(await places(), before);
});

// ------------------------------------------------------------------------- the guide

test("the guide goes on with what really happens, and can be put away", async () => {
  const { page, frame } = await demo.open("first-draft", { expect: REPORTS });
  const step = () => page.getAttribute("#tour [aria-current=step]", "data-step");
  assert.equal(await step(), "1");
  assert.ok(await page.isDisabled("#tour-crash"));
  await frame.fill("#hold-timeout", "4000");
  await join(frame);
  await page.waitForSelector("#tour [data-step='2'][aria-current=step]");
  assert.match(await page.textContent("#tour-told"), /watch the bar/);
  await page.waitForSelector("#tour [data-step='3'][aria-current=step]");
  await page.click("#tour-crash");
  await shows(page, "#tour-told", "Nobody pushes it back any more");
  assert.equal(await step(), "3", "not before the leave is in the room");
  await shows(page, "#tour-told", "That was a future");
  assert.equal(await page.locator("#tour [data-is=done]").count(), 3);
  await page.click("#tour-again");
  await demo.widgetOf(page);
  await page.click("#tour-hide");
  assert.ok(await page.isHidden("#tour"));
  await page.reload();
  assert.ok(await page.isHidden("#tour"), "it stays away");
  await page.click("#tour-show");
  assert.equal(await step(), "1");
});

// ----------------------------------------------------------------------- the wire log

/** Every message of the wire log as it is printed, and there are some. */
async function unfoldAll(page) {
  await page.$$eval("#wire details", (all) => {
    for (const details of all) details.open = true;
  });
  await page.locator("#wire pre").nth(5).waitFor();
}

test("the wire log pairs each request with its answer, marks what makes a future, and hides every secret", async () => {
  const { page, frame } = await demo.joined("mwa-1.19.0");
  await page.click("#wire-title");
  const request = page
    .locator("#wire > li", { hasText: "widget → client send_event" })
    .filter({ hasText: "delay" });
  const line = request.last();
  assert.match(await line.textContent(), /send_event delay 2400 answered after \d+ ms delay_id …/);
  await line.locator("summary").click();
  await line.locator("pre").nth(1).waitFor();
  const [asked, answered] = await line.locator("pre").allTextContents();
  assert.equal(JSON.parse(asked).data.delay, TIMEOUT_MS);
  assert.equal(JSON.parse(asked).requestId.length > 0, true);
  assert.equal(JSON.parse(answered).delay_id, "…");
  assert.deepEqual(await line.locator("pre mark").allTextContents(), ['"delay": 2400', '"delay_id": "…"']);
  const restarts = page.locator("#wire > li", { hasText: "update_delayed_event" });
  await restarts.first().waitFor();
  await unfoldAll(page);
  const [{ secret }] = await room.scheduled(demo.ownKey);
  assert.equal((await page.content()).includes(secret), false, "the delay id");
  assert.ok((await page.locator("#wire > li", { hasText: "client → homeserver" }).count()) > 0);

  await page.selectOption("#wire-filter", "send_event");
  const actions = await page.locator("#wire > li strong").allTextContents();
  assert.deepEqual([...new Set(actions)], ["send_event"]);
  await page.selectOption("#wire-filter", "");
  await page.click("#wire-pause");
  const paused = await page.locator("#wire > li").count();
  await page.waitForFunction(() => /paused; [3-9]/.test(document.querySelector("#wire-count").textContent));
  assert.equal(await page.locator("#wire > li").count(), paused);
  await page.click("#wire-pause");
  await page.waitForFunction((paused) => document.querySelectorAll("#wire > li").length > paused, paused);
  await page.click("#wire-clear");
  assert.ok((await page.locator("#wire > li").count()) < 3);
  await frame.click("#release");
});

test("the wire log shows what the client can know of tokens used past it, and stays bounded", async () => {
  const { page, frame } = await demo.joined("first-draft");
  await page.click("#wire-title");
  await page.locator("#wire > li", { hasText: "widget → homeserver refresh token used" }).first().waitFor();
  await unfoldAll(page);
  const [{ secret }] = await room.scheduled(demo.ownKey);
  assert.equal((await page.content()).includes(secret), false, "the send token");
  await frame.evaluate(() => {
    const message = { api: "fromWidget", widgetId: "futures-demo", action: "org.example.babble", data: {} };
    for (let i = 0; i < 400; i++) parent.postMessage({ ...message, requestId: `babble ${i}` }, "*");
  });
  await page.locator("#wire > li", { hasText: "refused after" }).nth(250).waitFor();
  const count = await page.locator("#wire > li").count();
  assert.ok(count <= 300, `${count} lines`);
  await frame.click("#release");
});

// -------------------------------------------------------------------------- everybody

test("all can be done by keyboard alone, and it is always seen where the keyboard is", async () => {
  const { page, frame } = await demo.open("first-draft", { expect: REPORTS });
  await frame.fill("#hold-timeout", String(TIMEOUT_MS));
  for (const details of ["#more", "#wire-log"])
    await page.locator(details).evaluate((it) => it.setAttribute("open", ""));
  const stops = await focusWalk(page, async ({ name }) => {
    if (name === "iframe" && (await frame.evaluate(() => document.activeElement.id)) === "join")
      await page.keyboard.press("Enter");
    if (name === "kick") {
      await shows(page, "#members", config.deviceId);
      await page.keyboard.press("Enter");
      await shows(frame, "#hold-status", "displaced");
    }
  });
  const names = stops.map(({ name }) => name);
  const wanted = ["tour-hide", "host", "grants", "start", "iframe", "bars-scroll", "timeline-scroll"];
  const troubles = ["crash", "remove", "freeze", "away", "reload", "load", "kick", "link"];
  const faults = ["fault", "fault-only", "fault-for", "fault-on", "forget"];
  const log = ["wire-title", "wire-filter", "wire-pause", "wire-clear", "wire-scroll"];
  const order = [...wanted, ...troubles, ...faults, ...log];
  assert.deepEqual(
    names.filter((name, i) => order.includes(name) && names.indexOf(name) === i),
    order,
  );
  assert.deepEqual(
    stops.filter(({ visible, inView, named }) => !(visible && inView && named)),
    [],
  );
  assert.match(await page.textContent("#members"), /Nobody/);
});

test("both pages fit a phone, light and dark, and every text stands out from its ground", async () => {
  const { page, frame } = await demo.joined("first-draft", { calm: true });
  await page.setViewportSize({ width: 360, height: 740 });
  for (const details of ["#more", "#wire-log"])
    await page.locator(details).evaluate((it) => it.setAttribute("open", ""));
  await page
    .locator("#wire details")
    .first()
    .evaluate((it) => it.setAttribute("open", ""));
  await page.locator("#wire mark").first().waitFor();
  for (const part of [".future", "#timeline > li"])
    await page
      .locator(part)
      .first()
      .evaluate((it) => it.classList.add("lit"));
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const view of [page, frame]) {
      const [content, window] = await view.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
      assert.ok(content <= window, `${content} px wide in a window of ${window}`);
      const { text, edge, texts } = await contrasts(view);
      assert.ok(texts > 10, `${texts} texts were looked at`);
      assert.ok(text[0] >= 4.5, `${colorScheme}: “${text[1]}” has a contrast of ${text[0]}`);
      assert.ok(edge[0] >= 3, `${colorScheme}: the edge of ${edge[1]} has a contrast of ${edge[0]}`);
      const [background, color] = await view.evaluate(() => {
        const style = getComputedStyle(document.body);
        return [style.backgroundColor, style.color].map((rgb) => Number(/\d+/.exec(rgb)[0]));
      });
      assert.equal(background < color, colorScheme === "dark", `background ${background}, text ${color}`);
    }
  }
});

test("another host may be chosen at any time, and the widget starts anew in it", async () => {
  const { page } = await demo.open("mwa-1.19.0");
  for (const [host, name] of [
    ["first-draft", "the first draft's own host"],
    ["mwa-1.6.0", "matrix-widget-api 1.6.0"],
    ["mwa-1.17.0", "matrix-widget-api 1.17.0"],
  ]) {
    await page.selectOption("#host", host);
    await shows(await demo.widgetOf(page), "body", `Host: ${name}`);
    await shows(page, "#status", "Widget ready");
  }
});

test("a page that does not find its server says so in a sentence", async () => {
  const { page } = await demo.openPage("about:blank", { expect: REPORTS });
  await page.route("**/config.json", (route) => route.abort());
  await page.goto(config.host);
  await shows(page, "#status", "does not know where everything is");
  assert.doesNotMatch(await page.textContent("#status"), /TypeError|Failed to fetch|\bat \w/);
});
