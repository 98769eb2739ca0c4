/** The app of ./app as a widget in the tests' host page, and what it asks of its host in the words of the recording. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { HostPage } from "../host-page.mjs";

/** The host of these tests; hosts.test.mjs and js-sdk.test.mjs have the others. */
const HOST = "mwa-1.19.0";
/** What `vite dev` may take on a busy machine before the first page is there: it bundles js-sdk first. */
const START_MS = 40_000;
export const UPDATE = "org.matrix.msc4157.update_delayed_event";

/** What Element Call did, as testdata/ has it. */
export async function recording() {
  const text = await readFile(new URL("testdata/element-call-0.26.1.jsonl", import.meta.url), "utf8");
  const [{ capabilities }, ...requests] = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  return { capabilities, requests };
}

export class CallPage {
  /** Puts the app at `address` into a host page. `query` is added to what a client writes into a widget's address. */
  static async open(
    { config, openPage },
    address,
    { wait = "content", grant = "all", query, deviceId, ...open },
  ) {
    const widget = new URL(address);
    const { roomId, userId } = config;
    const baseUrl = config.homeserver.replace(/\/$/, "");
    for (const [name, value] of Object.entries({ roomId, userId, deviceId, baseUrl, ...query }))
      widget.searchParams.set(name, value);
    const host = new URL("host.html", config.host);
    host.search = new URLSearchParams({
      lib: HOST,
      wait,
      grant,
      site: "same",
      feed: "1",
      widget: widget.href,
    });
    const handle = await openPage(host.href, open);
    const element = await handle.page.waitForSelector("iframe[title=Widget]");
    const page = new CallPage(handle, await element.contentFrame(), { roomId, userId, deviceId });
    return Object.assign(page, { origin: widget.origin });
  }

  constructor(handle, frame, who) {
    Object.assign(this, { ...handle, frame, who, host: new HostPage(handle.page) });
    this.key = `_${who.userId}_${who.deviceId}_m.call`;
  }

  /** Returns when js-sdk has the room's state and the call may be joined. */
  async ready() {
    await this.frame.waitForFunction(() => window.ready, undefined, { polling: 20, timeout: START_MS });
    await this.frame.evaluate(() => window.ready);
  }

  /** Joins as a person would, and returns when js-sdk is connected. */
  async join() {
    await this.frame.evaluate(() => window.call.join());
    await this.frame.waitForFunction(() => window.call.status === "Connected", undefined, { polling: 20 });
  }

  leave() {
    return this.frame.evaluate(() => window.call.leave());
  }

  /** A member of the call: its theme, say. */
  get(name) {
    return this.frame.evaluate((name) => window.call[name], name);
  }

  /** The times at which a verb of the leave was asked for. */
  async times(verb) {
    return (await this.host.wire())
      .filter(
        ({ direction, message: { action, data, response } }) =>
          direction === "widget>host" &&
          !response &&
          action === UPDATE &&
          data.action === verb &&
          data.delay_id,
      )
      .map(({ t }) => t);
  }

  async waitForTimes(verb, count, within = 15_000) {
    const deadline = Date.now() + within;
    for (;;) {
      const times = await this.times(verb);
      if (times.length >= count) return times;
      assert.ok(
        Date.now() < deadline,
        `${times.length} instead of ${count} times ${verb} within ${within} ms`,
      );
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /**
   * What the page has asked of its host, in the names of the recording. Our own question whether the host knows delayed
   * events, which touches none (an empty id), is no part of it; and what is asked twice in a row is told once.
   */
  async asked() {
    const requests = [];
    for (const { direction, message } of await this.host.wire()) {
      const { action, data, response } = message;
      if (direction !== "widget>host" || response || data.delay_id === "") continue;
      const request = this.#neutral({ action, data });
      if (JSON.stringify(requests.at(-1)) !== JSON.stringify(request)) requests.push(request);
    }
    return requests;
  }

  /** What was asked about our membership and its leave, and answered, in the order in which it crossed. */
  async leaveSteps() {
    return (await this.host.wire())
      .filter(({ message: { api, action, data } }) => {
        if (api !== "fromWidget") return false;
        return action === UPDATE ? data.delay_id : action === "send_event" && data.state_key === this.key;
      })
      .map(({ message: { data, response } }) => {
        const what = data.action ?? (data.delay === undefined ? "write" : "schedule");
        return response ? `${what} answered` : what;
      });
  }

  /** The capabilities the page told its host to want, in their order. */
  async capabilities() {
    const answers = (await this.host.wire()).filter(
      ({ direction, message: { action, response } }) =>
        direction === "widget>host" && action === "capabilities" && response,
    );
    assert.equal(answers.length, 1, "the capabilities were told once");
    return this.#neutral(answers[0].message.response.capabilities);
  }

  #neutral(value) {
    const { roomId, userId, deviceId } = this.who;
    const names = { [roomId]: "{room}", [userId]: "{user}", [`_${deviceId}_`]: "_{device}_" };
    let text = JSON.stringify(value);
    for (const [own, name] of Object.entries(names)) text = text.replaceAll(own, name);
    text = text
      .replaceAll(`"${deviceId}"`, '"{device}"')
      .replaceAll(`:${deviceId}"`, ':{device}"')
      .replace(/"syd_\w+"/g, '"{delay}"')
      .replace(/"\$[\w-]{20,}"/g, '"{event}"')
      .replace(/"https:\/\/livekit\.example\.org"/g, '"{service}"')
      .replace(/"sender_ts":\d+/g, '"sender_ts":0');
    return JSON.parse(text);
  }
}

/** Drops what was asked twice in a row, as `asked` does. */
export const once = (requests) =>
  requests.filter((request, i) => JSON.stringify(request) !== JSON.stringify(requests[i - 1]));
