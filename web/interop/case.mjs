/** What a case does with its widget and its host page, and what it asks them. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { good, widgetIn } from "../test/harness.mjs";
import { TYPE } from "./room.mjs";

/** One widget in one host page. */
export class Case {
  constructor(parts) {
    Object.assign(this, parts);
  }

  /** Calls one of the helpers that this page has beside those of the browser tests. */
  #run(helper, ...args) {
    return this.widget.frame.evaluate(([helper, args]) => window.interop[helper](...args), [helper, args]);
  }

  /** Asks for a hold of a state as MatrixRTC would; returns its key, and how the call ended. */
  async hold(name, spec, options) {
    const full = { type: TYPE, content: { membership: name }, ...spec };
    full.stateKey ??= this.room.key();
    const outcome = await this.#run("hold", name, full, options);
    return { key: full.stateKey, outcome };
  }

  /** Holds a state that must be held; returns its key and what the hold says. */
  async held(name, spec, options) {
    const { key, outcome } = await this.hold(name, spec, options);
    good(outcome);
    await this.waitFor(name, "held", { within: 5000 });
    return { key, ...(await this.described(name)) };
  }

  keep(name, options) {
    return this.#run("keep", name, options);
  }

  stopKeeping(name) {
    return this.#run("stop", name);
  }

  described(name) {
    return this.#run("describeHold", name);
  }

  kept(name) {
    return this.#run("describeKept", name);
  }

  update(name, content) {
    return this.#run("update", name, content);
  }

  release(name, options) {
    return this.#run("release", name, options);
  }

  /** What the page was told about one name: entries with time, event, status, and what goes with it. */
  async told(name) {
    const log = await this.widget.frame.evaluate(() => window.interop.log);
    return log.filter((entry) => entry.name === name);
  }

  async statuses(name) {
    return (await this.told(name)).map(({ event, status }) => (event === "rearmed" ? "(rearmed)" : status));
  }

  /** Waits until the page was told a status or an event after `since` (ms epoch). */
  async waitFor(name, what, { within, since = 0 }) {
    const deadline = Date.now() + within;
    for (;;) {
      const entry = (await this.told(name)).find(
        (entry) => entry.t >= since && (entry.event === what || entry.status === what),
      );
      if (entry) return entry;
      assert.ok(
        Date.now() < deadline,
        `"${name}" did not become ${what} within ${within} ms: ${(await this.statuses(name)).join(" → ")}`,
      );
      await sleep(25);
    }
  }

  /** The widget's page comes anew and is ready again. */
  async reload() {
    const { frame } = this.widget;
    await frame.evaluate(() => {
      window.oldPage = true;
    });
    await this.page.evaluate((url) => window.navigateWidget(url), this.widgetUrl.href);
    await frame.waitForFunction(() => window.start && !window.oldPage);
    good(await this.widget.ready());
  }

  /**
   * The host page comes anew with a new widget in it, which is not waited for: as on F5, or in another tab, since one
   * whose widget has crashed is of no more use to Playwright.
   */
  async comeBack({ inNewTab = false } = {}) {
    if (inNewTab) {
      const old = this.page;
      this.page = await this.context.newPage();
      await this.page.goto(old.url());
      await old.close();
    } else await this.page.reload();
    this.widget = await widgetIn(this.page);
  }

  /** From now on that share of the messages on those wires is lost. */
  lose(share, wires) {
    return this.page.evaluate(
      ([share, wires]) => {
        for (const wire of wires) window.loss.share[wire] = share;
      },
      [share, wires],
    );
  }

  /** How many messages were lost and passed on each wire while there was loss. */
  lossCounts() {
    return this.page.evaluate(() => ({ lost: window.loss.lost, passed: window.loss.passed }));
  }

  /** What the host's driver was asked for, by method or all. */
  async driverCalls(method) {
    const calls = await this.page.evaluate(() => window.driverCalls);
    return method === undefined ? calls : calls.filter((call) => call.method === method);
  }

  /** What the homeserver answered the host with this status. */
  async answers(status) {
    return (await this.page.evaluate(() => window.answers)).filter((answer) => answer.status === status);
  }

  /** The host's requests that the widget has not answered. */
  async unanswered() {
    const wire = await this.page.evaluate(() => window.wire);
    const of = (direction) =>
      wire.filter((entry) => entry.direction === direction && entry.message.api === "toWidget");
    const answered = new Set(of("widget>host").map(({ message }) => message.requestId));
    return of("host>widget")
      .map(({ message }) => message)
      .filter((message) => !answered.has(message.requestId));
  }

  crash() {
    return this.widget.crash();
  }
}
