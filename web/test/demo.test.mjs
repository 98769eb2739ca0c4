/**
 * The demo as a visitor uses it: join the call in the widget, make its life hard in every way the host page offers, and see
 * the member in the room as long as the widget lives and gone after it.
 */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { barOf, Demo, join, press, REPORTS, shows, TIMEOUT_MS } from "./demo-kit.mjs";
import { sleep, world } from "./harness.mjs";

const demo = new Demo(await world());
const { config, room } = demo;

const hosts = ["first-draft", "mwa-1.19.0"];

beforeEach(() => demo.settle());

const texts = (frame) => Promise.all(["#hold-error", "#hold-status"].map((id) => frame.textContent(id)));

for (const host of hosts) {
  test(`a held member stays, and leaves by itself when the widget crashes (${host})`, async () => {
    const { page, frame, written } = await demo.joined(host);
    const bar = barOf(page, "Leave the call");
    await bar.locator(".chip", { hasText: "running" }).waitFor();
    await sleep(1.5 * TIMEOUT_MS); // the page keeps its leave from going out
    assert.equal((await written()).length, 1, "the join, and no leave");
    assert.deepEqual(await texts(frame), ["", "held"]);
    assert.match(await bar.textContent(), /pushed back \d+ ×/);
    const crashedAt = Date.now();
    await page.click("#crash");
    await shows(page, "#members", "Nobody.");
    // The last refresh was at most a quarter of the timeout old.
    const after = Date.now() - crashedAt;
    assert.ok(after > 0.6 * TIMEOUT_MS, `gone ${after} ms after the crash`);
    const [join, leave] = await written();
    assert.equal(join.device_id, config.deviceId);
    assert.deepEqual(leave, {});
    await bar.locator(".chip", { hasText: "fired" }).waitFor();
    await shows(page, "#timeline", "came from a future, scheduled");
    await page.click("#load");
    await demo.widgetOf(page);
  });

  test(`a widget that is closed says goodbye: its member leaves at once (${host})`, async () => {
    const { page, written } = await demo.joined(host);
    const closedAt = Date.now();
    await page.click("#remove");
    assert.equal(await page.locator("iframe").count(), 0);
    await shows(page, "#members", "Nobody.");
    const leave = (await room.eventsWithKey(demo.ownKey)).at(-1);
    assert.ok(leave.origin_server_ts - closedAt < 0.6 * TIMEOUT_MS, "before the leave's own time");
    assert.deepEqual((await written()).at(-1), {});
    await barOf(page, "Leave the call").locator(".chip", { hasText: "sent" }).waitFor();
  });

  test(`a raised hand is seen in the room, and Leave leaves (${host})`, async () => {
    const { page, frame, written } = await demo.joined(host);
    await press(frame, "#update");
    await shows(page, "#members", "hand raised");
    await press(frame, "#update:has-text('Lower')");
    await page.waitForFunction(() => !document.querySelector("#members").textContent.includes("hand"));
    await press(frame, "#release");
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
    assert.equal(await frame.textContent("#hold-error"), "");
    await frame.waitForSelector("#join:enabled");
  });

  test(`a member whom the moderator puts out stays out (${host})`, async () => {
    const { page, frame, written } = await demo.joined(host);
    await page.click("#kick");
    await shows(frame, "#hold-status", "displaced");
    await shows(page, "#members", "Nobody.");
    await sleep(1.5 * TIMEOUT_MS);
    assert.deepEqual((await written()).slice(1), [{ reason: "ended by the moderator" }]);
    assert.deepEqual(await room.scheduled(demo.ownKey), []);
    await join(frame); // a person may join again
    await shows(frame, "#hold-status", "held");
  });

  test(`a homeserver that forgets is told anew, and the member never leaves (${host})`, async () => {
    const { page, frame, written } = await demo.joined(host);
    const anew = await frame.textContent("#hold-rearmed");
    await page.click("#forget");
    await shows(page, "#bars", "forgotten");
    await frame.waitForFunction(
      (before) => document.querySelector("#hold-rearmed").textContent !== before,
      anew,
    );
    await shows(frame, "#hold-status", "held");
    assert.equal((await room.scheduled(demo.ownKey)).length, 1);
    await sleep(1.2 * TIMEOUT_MS);
    assert.equal((await written()).length, 1, "the join, and no leave");
  });

  test(`a widget that is navigated away has left, and is back when it is navigated back (${host})`, async () => {
    const { page } = await demo.joined(host);
    await page.click("#away");
    await shows(page, "#status", "another page");
    await shows(page, "#members", "Nobody.");
    await page.click("#back");
    const frame = await demo.widgetOf(page);
    await shows(page, "#status", "Widget ready");
    await join(frame);
    await shows(frame, "#hold-status", "held");
    await page.click("#reload");
    await shows(page, "#members", "Nobody.");
    await demo.widgetOf(page);
  });
}

test("a host between the oldest and the newest holds a member too, whichever way the two start (1.9.0)", async () => {
  const { page, frame } = await demo.joined("mwa-1.9.0", { start: "content" });
  assert.match(await page.textContent("#host-note"), /not why/);
  await sleep(1.2 * TIMEOUT_MS);
  assert.equal(await frame.textContent("#hold-status"), "held");
  await page.click("#crash");
  await shows(page, "#members", "Nobody.");
  await barOf(page, "Leave the call").locator(".chip", { hasText: "fired" }).waitFor();
});

test("a host that knows no futures is told apart: the widget refuses in a sentence, and nothing is sent (1.6.0)", async () => {
  const { page, frame } = await demo.open("mwa-1.6.0");
  const before = (await demo.contents()).length;
  await join(frame);
  await shows(frame, "#hold-error", "1.6.0 cannot do this");
  const said = await frame.textContent("#hold-error");
  assert.doesNotMatch(said, /\bat \w.*:\d+|undefined|\[object|Error:/, "a sentence, and no stack");
  assert.equal((await demo.contents()).length, before, "nothing was sent at once");
  assert.equal(await page.locator(".future[data-state=running]").count(), 0);
  assert.match(await page.textContent("#members"), /Nobody/);
});

test("a frozen widget's member leaves, and is back when it wakes", async () => {
  const { page, frame, written } = await demo.joined("mwa-1.19.0", { seconds: 5 });
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
  assert.equal((await room.scheduled(demo.ownKey)).length, 1);
});

test("a homeserver that is down for long is found again, and what it sent meanwhile is seen", async () => {
  const { page, frame } = await demo.joined("first-draft", { seconds: 4 });
  await page.selectOption("#fault", "down");
  await page.click("#fault-on");
  await shows(page, "#fault-told", "The homeserver is down");
  await shows(page, "#fault-left", "another");
  await shows(frame, "#hold-status", "atRisk");
  await shows(page, "#bars-count", "does not answer");
  await shows(frame, "#hold-status", "maybeExpired");
  await shows(page, "#fault-told", "It is over");
  await shows(page, "#members", "Nobody."); // as the stream brings what happened meanwhile
  await shows(page, "#bars", "fired");
  await shows(frame, "#hold-status", "held");
  await shows(page, "#members", config.deviceId);
  assert.equal((await room.scheduled(demo.ownKey)).length, 1);
});

test("a fault is switched on for some requests only, is told as a sentence, and ended by hand", async () => {
  const { page, frame } = await demo.joined("mwa-1.19.0");
  await page.selectOption("#fault", "busy");
  await page.selectOption("#fault-only", "/delayed_events/");
  await page.selectOption("#fault-for", "0");
  await page.click("#fault-on");
  await shows(page, "#fault-told", "too many requests");
  await shows(page, "#refusal", "The client refused org.matrix.msc4157.update_delayed_event");
  await frame.click("#update"); // another path
  await shows(page, "#members", "hand raised");
  await page.click("#fault-off");
  await shows(page, "#fault-told", "All is well");
  await shows(frame, "#hold-status", "held");
  assert.ok(await page.isDisabled("#fault-off"));
});

test("a homeserver that is stopped sends what was due when it is back, and a jump of its clock moves what is due", async () => {
  const { page } = await demo.open("first-draft", { expect: REPORTS });
  const [late, soon] = [room.key(), room.key()];
  await demo.future(`state_future/org.example.note/${late}`, { future_timeout: 1500 }, { late });
  await page.selectOption("#fault", "stopped");
  assert.ok(await page.isDisabled("#fault-only"), "a stopped server answers nobody");
  await page.selectOption("#fault-for", "0");
  await page.click("#fault-on");
  await shows(page, "#fault-told", "is stopped");
  await barOf(page, late).locator(".facts", { hasText: "has not told of it yet" }).waitFor();
  await page.click("#fault-off");
  await barOf(page, late).locator(".chip", { hasText: "fired" }).waitFor();

  await demo.future(`state_future/org.example.note/${soon}`, { future_timeout: 50_000 }, { soon });
  await barOf(page, soon).waitFor();
  await page.click("#clock-ahead");
  await shows(page, "#deed-told", "a minute ahead");
  await barOf(page, soon).locator(".chip", { hasText: "fired" }).waitFor();
  await page.click("#clock-back");
  await shows(page, "#deed-told", "a minute back");
  assert.equal((await room.eventsWithKey(soon)).length, 1);
});

test("messages that get lost between widget and host cost a current host's member the call for a while only", async () => {
  const { page, frame } = await demo.joined("mwa-1.19.0");
  await page.selectOption("#link", "cut");
  await shows(frame, "#hold-status", "atRisk");
  await shows(frame, "#hold-status", "maybeExpired");
  await shows(page, "#members", "Nobody.");
  await page.click("#wire-title");
  await shows(page, "#wire", "(lost)");
  await page.selectOption("#link", "good");
  await shows(frame, "#hold-status", "held");
  await shows(page, "#members", config.deviceId);
});

test("joining is given up with Leave, and nobody is in the call", async () => {
  const { page, frame } = await demo.open("mwa-1.19.0");
  await page.selectOption("#link", "cut");
  await join(frame);
  await frame.click("#release");
  await shows(frame, "#hold-status", "not in the call");
  await frame.waitForSelector("#join:enabled");
  assert.equal(await frame.textContent("#hold-error"), "");
  assert.match(await page.textContent("#members"), /Nobody/);
});

for (const host of hosts) {
  test(`a person may be asked what the widget is allowed, and deny (${host})`, async () => {
    const { page } = await demo.open(host, { expect: REPORTS });
    await page.click("#more summary");
    await page.selectOption("#grants", "ask");
    await page.waitForSelector("#permissions[open]");
    const asked = page.locator("#permissions-asked li");
    assert.ok((await asked.count()) >= 3);
    await asked.filter({ hasText: "Write room state" }).locator("input").first().uncheck();
    await page.click("#permissions button[value=allow]");
    await shows(page, "#status", "of the");
    const [, allowed, all] = /(\d+) of the (\d+) permissions/.exec(await page.textContent("#status"));
    assert.equal(Number(allowed), Number(all) - 1);

    await page.selectOption("#grants", "none");
    await shows(page, "#status", "Widget ready; 0 of");
    const frame = await (await page.waitForSelector("iframe")).contentFrame();
    await frame.waitForSelector("#join:enabled");
    await page.selectOption("#grants", "ask");
    await page.waitForSelector("#permissions[open]");
    await page.keyboard.press("Escape");
    await shows(page, "#status", "Widget ready; 0 of");
    await page.selectOption("#grants", "all");
    await shows(page, "#status", "all it asked for is allowed");
  });
}
