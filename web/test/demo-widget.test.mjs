/**
 * The demo's widget page as a person uses it, on real hosts: every verb has its button, what the dialect cannot say is
 * switched off with a reason, and what goes wrong is a sentence beside what caused it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { button, fill, opener, REPORTS, row, shows } from "./demo-widget-kit.mjs";
import { sleep, world } from "./harness.mjs";

const all = await world();
const { room } = all;
const open = opener(all);

for (const lib of ["first-draft", "mwa-1.19.0"]) {
  test(`every verb has its button, and says what it did (${lib})`, async () => {
    const { frame } = await open(lib, { expect: REPORTS });
    for (const [verb, outcome] of [
      ["Send", "sent"],
      ["Cancel", "cancelled"],
    ]) {
      const key = room.key();
      await fill(frame, { key, timeout: "60000", content: JSON.stringify({ verb }) });
      await frame.click("#schedule");
      const scheduled = row(frame, key);
      await shows(scheduled, ".clock", /goes out in (60|59) s/);
      assert.equal((await room.scheduled(key)).length, 1);
      if (verb === "Send") {
        await shows(scheduled, ".clock", /goes out in 5[78] s/);
        await button(scheduled, "Refresh").click();
        await shows(scheduled, ".clock", /goes out in (60|59) s/);
      }
      await button(scheduled, verb).click();
      await shows(scheduled, ".clock", outcome);
      assert.equal(await scheduled.locator("button").count(), 0, "no verb is left");
      assert.deepEqual(await room.contents(key), verb === "Send" ? [{ verb }] : []);
      assert.deepEqual(await room.scheduled(key), []);
    }
    const key = room.key();
    await fill(frame, { key, content: '{"now": true}' });
    await frame.click("#now");
    await room.waitForEvents(key, 1);
    assert.deepEqual(await room.contents(key), [{ now: true }]);
    assert.equal(await frame.textContent("#form-error"), "");
    await frame.click("#clear");
    assert.equal(await frame.locator(".future").count(), 0);
  });

  test(`a future is kept alive past its time until that is switched off, and then goes out (${lib})`, async () => {
    const { frame } = await open(lib, { expect: REPORTS });
    const key = room.key();
    await fill(frame, { key, timeout: "2000" });
    await frame.click("#schedule");
    const kept = row(frame, key);
    const toggle = button(kept, "Keep alive");
    await toggle.click();
    await shows(kept, ".chip", "kept alive");
    assert.equal(await toggle.getAttribute("aria-pressed"), "true");
    await sleep(3000);
    assert.deepEqual(await room.contents(key), []);
    await toggle.click();
    assert.equal(await toggle.getAttribute("aria-pressed"), "false");
    await room.waitForEvents(key, 1);
    await shows(kept, ".clock", "its time is over");
    await button(kept, "Refresh").click();
    await shows(
      kept,
      ".error",
      "This future is gone: it was sent or cancelled, or its time ran out. (spent)",
    );
    await shows(kept, ".clock", "gone");
  });

  test(`a reload takes the futures over, and those that are kept alive stay so (${lib})`, async () => {
    const { frame } = await open(lib, { site: "cross", expect: REPORTS });
    assert.equal(new URL(frame.url()).hostname, "localhost", "where storage may throw");
    const [kept, left] = [room.key(), room.key()];
    for (const [key, timeout] of [
      [kept, "3000"],
      [left, "60000"],
    ]) {
      await fill(frame, { key, timeout });
      await frame.click("#schedule");
      await shows(row(frame, key), ".clock", "goes out");
    }
    await button(row(frame, kept), "Keep alive").click();
    await shows(row(frame, kept), ".chip", "kept alive");
    await frame.click("#reload");
    await shows(frame, "#told", "2 futures were taken over");
    await shows(frame, "#status", "Connected.");
    await shows(row(frame, kept), ".chip", "kept alive");
    await button(row(frame, left), "Cancel").click();
    await shows(row(frame, left), ".clock", "cancelled");
    assert.deepEqual(await room.scheduled(left), []);
    await sleep(3200);
    assert.deepEqual(await room.contents(kept), []);
    await button(row(frame, kept), "Cancel").click();
    await shows(row(frame, kept), ".clock", "cancelled");
    assert.equal(new URL(frame.url()).hash, "", "no secret in an address");
  });

  test(`what is wrong in a field is a sentence below, and the field is marked and has the focus (${lib})`, async () => {
    const { frame } = await open(lib);
    const key = room.key();
    for (const [fields, id, text] of [
      [{ timeout: "-1" }, "timeout", /^Timeout \(timeoutMs\): must be an integer .* \(invalid\)$/],
      [{ timeout: "soon" }, "timeout", /timeoutMs.*\(invalid\)/],
      [{ timeout: "" }, "timeout", /timeoutMs.*\(invalid\)/],
      [{ type: "" }, "type", /^Event type \(type\): .*\(invalid\)$/],
      [{ content: "{" }, "content", /^The content is not JSON: /],
      [{ content: "[1]" }, "content", /^Content \(content\): .*must be an object.*\(invalid\)$/],
    ]) {
      await fill(frame, { key, timeout: "5000", content: "{}", ...fields });
      await frame.click("#schedule");
      await shows(frame, "#form-error", text);
      assert.equal(await frame.getAttribute(`#${id}`, "aria-invalid"), "true");
      assert.equal(await frame.evaluate(() => document.activeElement.id), id);
      assert.equal(await frame.locator("[aria-invalid=true]").count(), 1, "and no other");
    }
    await fill(frame, { key, timeout: "60000", content: "{}" });
    await frame.click("#schedule");
    await shows(row(frame, key), ".clock", "goes out");
    assert.equal(await frame.textContent("#form-error"), "");
    assert.equal(await frame.locator("[aria-invalid]").count(), 0);
    await button(row(frame, key), "Cancel").click();
    await frame.fill("#hold-timeout", "soon");
    await frame.click("#join");
    await shows(frame, "#hold-error", /timeoutMs.*\(invalid\)/);
    assert.equal(await frame.getAttribute("#hold-timeout", "aria-invalid"), "true");
    await shows(frame, "#hold-status", "not in the call");
  });

  test(`a host that allows nothing is told of with what is missing, and can be asked again (${lib})`, async () => {
    const { page, frame } = await open(lib, { grant: "none", name: "The test's host", expect: REPORTS });
    const missing = await shows(frame, "#missing", "join the call");
    assert.match(missing, /send messages\s*org\.matrix\.msc2762\.send\.event:m\.room\.message/);
    assert.equal(
      missing.includes("schedule events"),
      lib !== "first-draft",
      "that dialect asks for no such thing",
    );
    await frame.click("#join");
    await shows(
      frame,
      "#hold-error",
      /^The test's host has not allowed this page to join the call, .*or .*\. Nothing was sent\. \(capability\)$/,
    );
    await frame.click("#ask-again");
    await shows(frame, "#permission-error", "It still allows none of it.");
    await page.evaluate(() =>
      history.replaceState(null, "", location.href.replace("grant=none", "grant=all")),
    );
    await frame.click("#ask-again");
    await frame.waitForSelector("#permission", { state: "hidden" });
    await shows(frame, "#told", "capabilities: The test's host now allows");
    await frame.click("#join");
    await shows(frame, "#hold-status", "held");
    await frame.click("#release");
    await shows(frame, "#hold-status", "released");
  });
}

test("of a group whose members wait, the one that is sent ends the others", async () => {
  const { frame } = await open("first-draft");
  const key = room.key();
  await fill(frame, { key, timeout: "60000", content: '{"question": "go?"}' });
  await frame.click("#schedule-group");
  const members = frame.locator(".group.several .future");
  await frame.waitForFunction(() => document.querySelectorAll(".group.several .future").length === 3);
  assert.equal((await room.scheduled(key)).length, 3);
  await shows(frame, ".group > .name", /^Group A: one of these at most reaches the room\.$/);
  const yes = members.filter({ hasText: '"yes"' });
  await shows(yes, ".clock", "waits for Send");
  assert.equal(await button(yes, "Refresh").count(), 0, "it has no timer");
  const no = members.filter({ hasText: '"no"' });
  await button(no, "Cancel").click();
  await shows(no, ".clock", "cancelled");
  await shows(yes, ".clock", "waits for Send"); // and the group goes on
  assert.equal((await room.scheduled(key)).length, 2);
  await button(yes, "Send").click();
  await shows(yes, ".clock", "sent");
  assert.deepEqual(await members.locator(".clock").allTextContents(), [
    "ended with its group",
    "sent",
    "cancelled",
  ]);
  assert.deepEqual(await room.contents(key), [{ question: "go?", outcome: "yes" }]);
  assert.deepEqual(await room.scheduled(key), []);
});

test("a future can join a group that is there, and goes with its last timeout", async () => {
  const { frame } = await open("first-draft");
  const [timed, action] = [room.key(), room.key()];
  await fill(frame, { key: timed, timeout: "60000" });
  await frame.click("#schedule");
  await shows(row(frame, timed), ".clock", "goes out");
  await frame.selectOption("#group", { label: "add to Group A" });
  await fill(frame, { key: action, timeout: "" });
  await frame.click("#schedule");
  await shows(row(frame, action), ".clock", "waits for Send");
  assert.equal(
    await frame.inputValue("#group"),
    await frame.$eval("#group option:last-child", (o) => o.value),
  );
  await button(row(frame, timed), "Cancel").click();
  await shows(row(frame, action), ".clock", "ended with its group");
  assert.deepEqual(await frame.$$eval("#group option", (all) => all.map((o) => o.label)), ["one of its own"]);
  assert.deepEqual(await room.scheduled(action), []);
});

test("what a dialect cannot say is switched off, with the reason", async () => {
  const today = await open("mwa-1.19.0");
  for (const id of ["group", "schedule-group"]) assert.ok(await today.frame.isDisabled(`#${id}`));
  await shows(today.frame, "#group-note", "the dialect “delayed” has none");
  await shows(today.frame, "#dialect", "as hosts take them today");
  assert.ok(await today.frame.isEnabled("#sticky"));
  const draft = await open("first-draft");
  for (const id of ["sticky", "unencrypted"]) assert.ok(await draft.frame.isDisabled(`#${id}`));
  await shows(draft.frame, "#sticky-note", "the dialect “futures” has none");
  await shows(draft.frame, "#dialect", "as in the first draft of June 2024");
  const without = await open("mwa-1.19.0", { grant: "^(?!.*sticky)" });
  assert.ok(await without.frame.isDisabled("#sticky"));
  await shows(without.frame, "#sticky-note", "has not allowed");
});
