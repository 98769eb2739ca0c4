/**
 * The demo as a visitor uses it: join the call in the widget, take the widget away, and see the leave arrive by itself.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { sleep, world } from "./harness.mjs";

const { config, room, openPage } = await world();
const OWN_KEY = `_${config.userId}_${config.deviceId}`;

async function openDemo(host, expect) {
  const { page } = await openPage(config.host, { expect });
  await page.check(`input[value=${host}]`);
  return { page, frame: await widgetOf(page) };
}

async function widgetOf(page) {
  const frame = await (await page.waitForSelector("iframe")).contentFrame();
  await frame.waitForSelector("#join:not([disabled])");
  return frame;
}

async function contents() {
  return (await room.eventsWithKey(OWN_KEY)).map(({ content }) => content);
}

async function textAppears(page, selector, text) {
  await page.waitForFunction(
    ([selector, text]) => document.querySelector(selector)?.textContent.includes(text),
    [selector, text],
  );
}

for (const [host, name] of [
  ["first-draft", "the first draft"],
  ["client-widget-api", "matrix-widget-api 1.19.0"],
]) {
  test(`join, lose the widget, and the leave arrives by itself (${name})`, async () => {
    const { page, frame } = await openDemo(host);
    const before = (await contents()).length;
    await frame.fill("#timeout", "2400");
    await frame.click("#join");
    await textAppears(frame, "#futures", "in 3 s");
    await textAppears(page, "#futures", OWN_KEY);
    await sleep(3500); // the page keeps its leave from going out
    assert.equal((await contents()).length, before + 1, "the join, and no leave");
    assert.equal(await frame.textContent("#error"), "");
    await page.click("#remove");
    assert.equal(await page.locator("iframe").count(), 0);
    await page.waitForFunction(
      ([key, count]) =>
        [...document.querySelectorAll("#timeline li")].filter((item) => item.textContent.includes(key))
          .length === count,
      [OWN_KEY, before + 2],
    );
    const [joined, left] = (await contents()).slice(-2);
    assert.equal(joined.device_id, config.deviceId);
    assert.deepEqual(left, {});
    await textAppears(page, "#futures", "Nothing is scheduled.");
    await page.click("#load");
    await widgetOf(page);
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
      await textAppears(page, "#futures", key);
      const row = frame.locator("#futures li", { hasText: key });
      await row.getByRole("button", { name: "Refresh" }).click();
      await row.getByRole("button", { name: verb }).click();
      await textAppears(frame, "#futures", outcome);
      assert.equal(await row.locator("button:enabled").count(), 0);
      const expected = verb === "Send" ? [{ verb }] : [];
      assert.deepEqual(
        (await room.eventsWithKey(key)).map(({ content }) => content),
        expected,
      );
    }
    assert.equal(await frame.textContent("#error"), "");
  });

  test(`a wrong timeout is shown as a sentence with its code (${name})`, async () => {
    const { frame } = await openDemo(host);
    await frame.fill("#timeout", "-1");
    await frame.click("#schedule");
    await textAppears(frame, "#error", "timeoutMs");
    await textAppears(frame, "#error", "(invalid)");
  });
}

test("both pages fit a phone, light and dark", async () => {
  const { page } = await openPage(config.host);
  await page.setViewportSize({ width: 360, height: 740 });
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    const frame = await widgetOf(page);
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
