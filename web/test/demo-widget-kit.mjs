/** What the tests of the demo's widget page share: opening it, and looking at it as a person does. */
import assert from "node:assert/strict";
import { sleep } from "./harness.mjs";

export const TYPE = "org.example.demo";
/** Chromium reports each refused request, and the library of the hosts each refusal. */
export const REPORTS = [/Failed to load resource/, /^error (sending|updating)/];
const HOSTS = { "first-draft": "futures", "mwa-1.19.0": "auto", "mwa-1.6.0": "auto" };

/** Makes what opens the widget in a host page of the tests, and waits until they have agreed. */
export function opener({ config, openPage }) {
  return async function open(
    lib,
    { grant = "all", site = "same", dialect = HOSTS[lib], expect, name = "" } = {},
  ) {
    const widget = new URLSearchParams({
      roomId: config.roomId,
      userId: config.userId,
      deviceId: config.deviceId,
      baseUrl: config.homeserver,
      dialect,
      ...(name ? { host: name } : {}),
    });
    const url = new URL("host.html", config.host);
    url.search = new URLSearchParams({ lib, grant, site, feed: "1", widget: `/?${widget}` });
    const { page } = await openPage(url.href, { expect });
    const frame = await (await page.waitForSelector("iframe[title=Widget]")).contentFrame();
    await shows(frame, "#status", "Connected.");
    return { page, frame };
  };
}

export async function shows(frame, selector, text) {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const shown = (await frame.locator(selector).first().textContent({ timeout: 10_000 })) ?? "";
    if (text instanceof RegExp ? text.test(shown) : shown.includes(text)) return shown;
    assert.ok(Date.now() < deadline, `${selector} shows "${shown}" and not ${text}`);
    await sleep(30);
  }
}

/** Fills fields of the form by their ids. */
export async function fill(frame, fields) {
  for (const [id, value] of Object.entries({ type: TYPE, ...fields })) await frame.fill(`#${id}`, value);
}

export const row = (frame, key) => frame.locator(".future", { hasText: key });
export const button = (scope, name) => scope.getByRole("button", { name, exact: true });
export const focusedText = (frame) => frame.evaluate(() => document.activeElement.textContent);
