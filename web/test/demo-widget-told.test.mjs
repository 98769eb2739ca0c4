/**
 * What the demo's widget page tells a person: of messages, of hosts that know no futures or send them at once, of calls
 * that were given up, of a closed client; and how it looks and keeps the focus.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { button, fill, focusedText, opener, REPORTS, row, shows, TYPE } from "./demo-widget-kit.mjs";
import { world } from "./harness.mjs";

const all = await world();
const { room } = all;
const open = opener(all);

test("a message says that it may leave unencrypted, or is refused beside that box, and can be sticky", async () => {
  const { frame } = await open("mwa-1.19.0");
  await fill(frame, { key: "", timeout: "60000" });
  await frame.click("#schedule");
  await shows(frame, "#form-error", /unencrypted.*\(invalid\)/);
  assert.equal(await frame.evaluate(() => document.activeElement.id), "unencrypted");
  await frame.check("#unencrypted");
  await frame.click("#schedule");
  await shows(row(frame, `${TYPE}, a message`), ".clock", "goes out");
  await button(row(frame, `${TYPE}, a message`), "Cancel").click();
  await fill(frame, { key: "", timeout: "60000", sticky: "90000", content: '{"sticky": true}' });
  await frame.click("#schedule");
  await button(row(frame, '"sticky":true'), "Send").click();
  await shows(row(frame, '"sticky":true'), ".clock", "sent");
  const [sent] = (await room.timeline()).filter(({ content }) => content.sticky);
  assert.equal(sent.msc4354_sticky.duration_ms, 90_000);
});

test("a host that knows no futures is asked for none, and joining without a leave is possible", async () => {
  const { frame } = await open("mwa-1.6.0", { name: "matrix-widget-api 1.6.0", expect: REPORTS });
  const key = room.key();
  await fill(frame, { key });
  await frame.click("#schedule");
  const refusal =
    /^matrix-widget-api 1\.6\.0 cannot do this: the host is not known to schedule futures.*Nothing was posted.*\(unsupported\)$/;
  await shows(frame, "#form-error", refusal);
  await frame.click("#join");
  await shows(frame, "#hold-error", refusal);
  await shows(frame, "#hold-status", "not in the call");
  assert.deepEqual(await room.contents(key), []);
  await frame.check("#hold-without");
  await frame.click("#join");
  await shows(frame, "#hold-text", "no leave could be scheduled");
  await frame.click("#release");
  await shows(frame, "#hold-status", "released");
});

test("a host that sends a future at once is told of, with the event", async () => {
  const { frame } = await open("mwa-1.6.0", { dialect: "futures", expect: REPORTS });
  const key = room.key();
  await fill(frame, { key });
  await frame.click("#schedule");
  const error = await shows(frame, "#form-error", "(sent_immediately)");
  const [event] = await room.waitForEvents(key, 1);
  assert.ok(error.includes(event.event_id), error);
  await shows(
    frame,
    "#told",
    `sentimmediately: This host sent an event of type ${TYPE} at once, as ${event.event_id}`,
  );
});

test("a call that is given up may still schedule its future: it is told, and put into the list", async () => {
  const { frame } = await open("mwa-1.19.0");
  const key = room.key();
  await fill(frame, { key, timeout: "60000" });
  await button(frame, "Schedule").click();
  await shows(row(frame, key), ".clock", "goes out"); // permission and probe are behind us
  await button(row(frame, key), "Cancel").click();
  await shows(row(frame, key), ".clock", "cancelled");
  await frame.click("#clear");
  await room.administer({ faults: { lateMs: 1500, only: TYPE } });
  try {
    await frame.click("#schedule");
    await frame.click("#give-up");
    await shows(frame, "#form-error", "You gave up waiting.");
    await shows(
      frame,
      "#told",
      `orphaned: a future of type ${TYPE} was scheduled after its call had been given up.`,
    );
    await button(row(frame, key), "Cancel").click();
    await shows(row(frame, key), ".clock", "cancelled");
  } finally {
    await room.administer({ faults: {} });
  }
  assert.deepEqual(await room.contents(key), []);
});

test("a closed client says so, and leaves the other futures", async () => {
  const { frame } = await open("first-draft", { expect: REPORTS });
  const key = room.key();
  await fill(frame, { key, timeout: "60000" });
  await frame.click("#schedule");
  await shows(row(frame, key), ".clock", "goes out");
  await frame.click("#join");
  await shows(frame, "#hold-status", "held");
  await frame.click("#close");
  await shows(frame, "#status", "Closed");
  await shows(frame, "#told", "closed: holds are released");
  assert.equal((await room.scheduled(key)).length, 1);
  await button(row(frame, key), "Cancel").click();
  await shows(row(frame, key), ".error", "(closed)");
  assert.ok(await frame.isDisabled("#join"));
});

test("the focus stays where it was, or goes beside it, while lists and buttons change", async () => {
  const { frame } = await open("first-draft", { expect: REPORTS });
  const key = room.key();
  await fill(frame, { key, timeout: "60000", content: "{}" });
  await frame.press("#timeout", "Enter");
  await shows(row(frame, key), ".clock", "goes out");
  assert.equal(await frame.evaluate(() => document.activeElement.id), "timeout");
  await button(row(frame, key), "Refresh").press("Enter");
  await shows(row(frame, key), ".clock", /goes out in (60|59) s/);
  assert.equal(await focusedText(frame), "Refresh");
  await button(row(frame, key), "Cancel").press("Enter");
  await shows(row(frame, key), ".clock", "cancelled");
  const focused = await frame.evaluate(() => [
    document.activeElement.className,
    document.activeElement.ariaLabel,
  ]);
  assert.deepEqual(focused, ["future over", `${TYPE} · ${key}`], "on the row whose buttons are gone");
  await frame.focus("#clear");
  await frame.press("#clear", "Enter");
  assert.equal(await frame.evaluate(() => document.activeElement.id), "schedule");
  await frame.press("#join", "Enter");
  await shows(frame, "#hold-status", "held");
  assert.equal(await frame.evaluate(() => document.activeElement.id), "release");
  await frame.press("#release", "Enter");
  await shows(frame, "#hold-status", "released");
  assert.equal(await frame.evaluate(() => document.activeElement.id), "join");
});

test("the page fits a phone and the narrow frame of a desktop, light and dark", async () => {
  const { page, frame } = await open("first-draft");
  await fill(frame, { key: room.key(), timeout: "60000" });
  await frame.click("#schedule-group");
  await frame.waitForFunction(() => document.querySelectorAll(".future").length === 3);
  await page.addStyleTag({ content: "iframe { width: 100%; height: 700px; border: 0 } body { margin: 0 }" });
  for (const width of [320, 480]) {
    await page.setViewportSize({ width, height: 740 });
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      const [content, window] = await frame.evaluate(() => [
        document.documentElement.scrollWidth,
        innerWidth,
      ]);
      assert.ok(content <= window && window <= width, `${content} px wide in a window of ${window}`);
      const [ground, text] = await frame.evaluate(() => {
        const { backgroundColor, color } = getComputedStyle(document.body);
        return [backgroundColor, color].map((rgb) => Number(/\d+/.exec(rgb)[0]));
      });
      assert.equal(ground < text, colorScheme === "dark");
    }
  }
});
