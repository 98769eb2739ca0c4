/**
 * What the tests with matrix-js-sdk share: the widget that is js-sdk, driven beside pages/js-sdk/widget.ts, which does what
 * is asked here; the call it takes part in; and what it says on the wire.
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { good } from "./harness.mjs";

/** The state that MatrixRTC keeps for each of its members. */
export const MEMBER = "org.matrix.msc3401.call.member";
export const UPDATE = "org.matrix.msc4157.update_delayed_event";

/** A member's leave that comes soon, so that a test need not wait long for it; js-sdk's own numbers are 8 s and 5 s. */
export const BRISK = {
  delayedLeaveEventDelayMs: 2500,
  delayedLeaveEventRestartMs: 600,
  networkErrorRetryMs: 300,
};

/** What consoles say where a request goes wrong: Chromium's, the host's, and js-sdk's where it gives the call up. */
export const REPORTS = [
  /^Failed to load resource/,
  /^error (sending|updating delayed) event|^error while /,
  /^\[MatrixRTCSession .*MembershipManager/,
];

/** No call of these tests may take longer. */
const SETTLE_MS = 20_000;

/** Looks again and again until there is what is waited for; returns that. */
export async function until(what, look, within = 15_000) {
  const deadline = Date.now() + within;
  for (;;) {
    const found = await look();
    if (found) return found;
    assert.ok(Date.now() < deadline, `not within ${within} ms: ${what}`);
    await sleep(25);
  }
}

export class JsSdkWidget {
  constructor(frame, { userId, deviceId }) {
    Object.assign(this, { frame, userId, deviceId });
    this.id = `${userId}:${deviceId}`;
    this.key = memberKey(userId, deviceId);
  }

  /** The widget in a host page, once its script has run. */
  static async in(page, who) {
    const element = await page.waitForSelector("iframe[title=Widget]");
    const frame = await element.contentFrame();
    await frame.waitForFunction(() => window.jsSdk, undefined, { polling: 20 });
    return new JsSdkWidget(frame, who);
  }

  async #run(name, ...args) {
    const late = sleep(SETTLE_MS, undefined, { ref: false }).then(() =>
      assert.fail(`js-sdk has not ended "${name}" within ${SETTLE_MS} ms`),
    );
    const run = this.frame.evaluate(([name, args]) => window.jsSdk[name](...args), [name, args]);
    return Promise.race([run, late]);
  }

  /** How js-sdk's `startClient` ended. */
  started() {
    return this.#run("started");
  }

  join(config = {}) {
    return this.#run("join", { ...BRISK, ...config });
  }

  /** Joins, and is in the call as far as js-sdk knows. */
  async joined(config) {
    good(await this.join(config));
    await this.waitFor("status", (status) => status === "Connected");
  }

  leave(timeoutMs) {
    return this.#run("leave", timeoutMs);
  }

  members() {
    return this.#run("members");
  }

  /** Calls a method of js-sdk's client. */
  client(method, ...args) {
    return this.#run("call", "client", method, ...args);
  }

  /** Calls a method of the WidgetApi. */
  api(method, ...args) {
    return this.#run("call", "api", method, ...args);
  }

  state(type) {
    return this.#run("state", type);
  }

  /** From now on every request waits so many seconds for its answer. */
  patience(seconds) {
    return this.frame.evaluate((seconds) => {
      window.jsSdk.api.transport.timeoutSeconds = seconds;
    }, seconds);
  }

  stop() {
    return this.#run("stop");
  }

  /** What js-sdk has said of one thing, oldest first. */
  async told(what) {
    const log = await this.frame.evaluate(() => window.jsSdk.log);
    return log.filter((entry) => entry.what === what).map(({ detail }) => detail);
  }

  /** Waits until js-sdk has said something that `is` accepts; returns that. */
  async waitFor(what, is = () => true) {
    let told;
    const look = async () => {
      told = await this.told(what);
      return told.some(is);
    };
    await until(`what js-sdk was to say of "${what}"`, look);
    return told.find(is);
  }

  /** Waits until these are in the session, as far as js-sdk knows. */
  waitForMembers(...expected) {
    const are = async () => (await this.members()).join() === expected.join();
    return until(`in the session: ${expected.join(", ") || "nobody"}`, are);
  }
}

/** The state key of a member's device. */
export const memberKey = (userId, deviceId) => `_${userId}_${deviceId}_m.call`;

/** What another client in the call writes of itself. */
export const membership = (userId, deviceId) => ({
  application: "m.call",
  call_id: "",
  scope: "m.room",
  device_id: deviceId,
  membershipID: `${userId}:${deviceId}`,
  expires: 14_400_000,
  focus_active: { type: "livekit", focus_selection: "oldest_membership" },
  foci_preferred: [],
});

/** The requests of the widget for one action, oldest first. */
export const requestsIn = (wire, action) =>
  wire
    .filter(
      ({ direction, message }) =>
        direction === "widget>host" && message.action === action && message.response === undefined,
    )
    .map(({ message }) => message);

/** What the widget asked for about delayed events and its own state, in order, without ids. */
export function leaveSteps(wire, key) {
  const steps = [];
  for (const { direction, message } of wire) {
    const { action, data, response } = message;
    if (direction !== "widget>host" || response !== undefined) continue;
    if (action === "send_event" && data.state_key === key) {
      const left = Object.keys(data.content).length === 0;
      steps.push(data.delay !== undefined ? "schedule" : left ? "write leave" : "write join");
    }
    if (action === UPDATE && data.delay_id !== "") steps.push(data.action);
  }
  return steps;
}

/** What differs from run to run, in place of which a name stands. */
const VARIES = [
  [/syd_\w+/g, "<delay>"],
  [/\$[\w-]{43}/g, "<event>"],
  [/DEVICE\d+/g, "<device>"],
  [/("key":)"[^"]+"/g, '$1"<key>"'],
  [/\b1\d{12}\b/g, "<time>"],
];

const withNames = (value) =>
  VARIES.reduce((text, [pattern, name]) => text.replace(pattern, name), JSON.stringify(value));

/**
 * What the widget said, as far as it does not differ from run to run: its requests in their order (those to devices, which
 * come between the others at any time, apart), and how it answered the host, by action. One restart stands for many. Two things of ours are left out: the probe before the first future, and
 * that it asks for the host's versions for itself, before js-sdk has it do so.
 */
export function saidOnWire(wire) {
  const asked = new Map();
  const requests = [];
  const toDevices = [];
  const answers = {};
  for (const { direction, message } of wire) {
    const { action, data, requestId, response } = message;
    if (direction === "host>widget" && response === undefined) asked.set(requestId, message);
    if (direction !== "widget>host") continue;
    if (response === undefined) {
      if (data.delay_id === "") continue;
      const { requestId, ...rest } = message;
      const line = withNames(rest);
      const often = data.action === "restart" || action === "supported_api_versions";
      if (action === "send_to_device") toDevices.push(line);
      else if (!often || !requests.includes(line)) requests.push(line);
    } else {
      const { response, ...echo } = message;
      assert.deepEqual(echo, asked.get(requestId), `an answer to ${action} that is not what was asked`);
      answers[action] ??= [];
      answers[action].push(withNames(response));
    }
  }
  return { requests, toDevices, answers };
}
