/** What the tests of the demo's host page share: opening it as a visitor does, and looking at it as a visitor does. */
import { sleep } from "./harness.mjs";

export const TIMEOUT_MS = 2400;

/** The host that a visitor meets. */
const FIRST_HOST = "mwa-1.19.0";

/** Chromium reports each refused or unanswered request, and the libraries each refusal. */
export const REPORTS = [/Failed to load resource/, /error (sending|updating delayed) event/];

/** Waits until an element has that text. */
export async function shows(page, selector, text, { within = 10_000 } = {}) {
  await page.waitForFunction(
    ([selector, text]) => document.querySelector(selector)?.textContent.includes(text),
    [selector, text],
    { timeout: within, polling: 20 },
  );
}

/**
 * Presses a button of the widget. In the first moments after a navigation Chromium gives a press to the page that was in the
 * iframe before, where it is lost.
 */
export async function press(frame, selector) {
  const button = await frame.waitForSelector(selector);
  const pressed = () => button.evaluate(({ dataset }) => dataset.pressed);
  await button.evaluate((button) =>
    button.addEventListener("click", () => button.setAttribute("data-pressed", "yes"), { once: true }),
  );
  while (!(await pressed())) await button.click();
  await button.evaluate((button) => button.removeAttribute("data-pressed"));
}

export const join = (frame) => press(frame, "#join:enabled");

export class Demo {
  constructor({ config, room, openPage }) {
    this.config = config;
    this.room = room;
    this.openPage = openPage;
    this.ownKey = `_${config.userId}_${config.deviceId}`;
  }

  /** What an earlier test held is over before the next begins. */
  async settle() {
    while ((await this.room.scheduled(this.ownKey)).length > 0) await sleep(50);
  }

  async open(host, { expect, seconds, start, size, calm } = {}) {
    const url = new URL(this.config.host);
    if (seconds) url.searchParams.set("seconds", String(seconds));
    if (host !== FIRST_HOST) url.searchParams.set("host", host);
    const { page } = await this.openPage(url.href, { expect });
    if (size) await page.setViewportSize(size);
    if (calm) await page.emulateMedia({ reducedMotion: "reduce" });
    if (start) {
      await this.widgetOf(page);
      await page.click("#more summary");
      await page.selectOption("#start", start);
    }
    return { page, frame: await this.widgetOf(page) };
  }

  async widgetOf(page) {
    const frame = await (await page.waitForSelector("iframe")).contentFrame();
    await frame.waitForSelector("#join:not([disabled])");
    return frame;
  }

  /** Opens the demo and joins the call. */
  async joined(host, { expect = REPORTS, ...options } = {}) {
    const demo = await this.open(host, { expect, ...options });
    const before = (await this.contents()).length;
    await demo.frame.fill("#hold-timeout", String(TIMEOUT_MS));
    await join(demo.frame);
    await shows(demo.frame, "#hold-status", "held");
    await shows(demo.page, "#members", this.config.deviceId);
    return { ...demo, written: async () => (await this.contents()).slice(before) };
  }

  async contents() {
    return (await this.room.eventsWithKey(this.ownKey)).map(({ content }) => content);
  }

  /** Schedules a future of the first draft as another page of the same user would; resolves to its tokens. */
  future(kind, query, content) {
    const room = encodeURIComponent(this.config.roomId);
    const path = `_matrix/client/v3/rooms/${room}/${kind}?${new URLSearchParams(query)}`;
    return this.room.request("PUT", path, content, this.config.accessToken);
  }

  useToken(token) {
    return this.room.request("POST", `_matrix/client/v3/future/${token}`, {}, this.config.accessToken);
  }
}

/** The bar of the future with that text in it. */
export function barOf(page, text) {
  return page.locator(".future", { hasText: text }).first();
}

/** How much of a bar is left as it is drawn just now, 0 to 1. */
export function shareOf(bar) {
  return bar.evaluate((item) => {
    const [fill] = item.querySelectorAll(".bar > div");
    return fill.getBoundingClientRect().width / fill.parentElement.clientWidth;
  });
}
