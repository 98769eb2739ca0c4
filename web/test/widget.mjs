/** The widget's page as a test drives it, beside pages/widget/widget.ts, which does what is asked here. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

/** No call of these tests may take longer: the longest deadline in them is the default of 10 s, behind a slow wasm. */
const SETTLE_MS = 20_000;

/** The widget's page. Every call ends in `{ok: true, value}` or `{ok: false, code, message, …}`, and it does end. */
export class Widget {
  constructor(frame) {
    this.frame = frame;
  }

  async #run(work, argument) {
    const late = sleep(SETTLE_MS, undefined, { ref: false }).then(() =>
      assert.fail(`a call of the widget has not settled within ${SETTLE_MS} ms`),
    );
    return Promise.race([this.frame.evaluate(work, argument), late]);
  }

  ready() {
    return this.#run(() => window.ready());
  }

  call(method, ...args) {
    return this.#run(([method, args]) => window.call(method, ...args), [method, args]);
  }

  schedule(name, spec, opts) {
    return this.#run(([name, spec, opts]) => window.schedule(name, spec, opts), [name, spec, opts]);
  }

  verb(name, method) {
    return this.#run(([name, method]) => window.verb(name, method), [name, method]);
  }

  refresh(name) {
    return this.verb(name, "refresh");
  }

  send(name) {
    return this.verb(name, "send");
  }

  cancel(name) {
    return this.verb(name, "cancel");
  }

  /** Keeps a future alive; the keepAlive has its name. */
  keep(name, opts) {
    return this.#run(([name, opts]) => window.keep(name, opts), [name, opts]);
  }

  stop(name) {
    return this.#run((name) => window.stop(name), name);
  }

  hold(name, spec, opts) {
    return this.#run(([name, spec, opts]) => window.hold(name, spec, opts), [name, spec, opts]);
  }

  update(name, content, opts) {
    const args = [name, content, opts];
    return this.#run(([name, content, opts]) => window.holdVerb(name, "update", content, opts), args);
  }

  release(name, opts) {
    return this.#run(([name, opts]) => window.holdVerb(name, "release", opts), [name, opts]);
  }

  keepNow(name) {
    return this.frame.evaluate((name) => window.describeKeep(window.keeps[name]), name);
  }

  holdNow(name) {
    return this.frame.evaluate((name) => window.describeHold(window.holds[name]), name);
  }

  /** What a keepAlive or hold has told the page, oldest first. */
  kept(name) {
    return this.frame.evaluate((name) => window.kept.filter((entry) => entry.name === name), name);
  }

  /** The statuses it went through after the first. */
  async statuses(name) {
    const told = await this.kept(name);
    return told.filter(({ event }) => event === "statuschange").map(({ detail }) => detail);
  }

  async waitForStatus(name, status, { within = 10_000 } = {}) {
    await this.frame.waitForFunction(
      ([name, status]) => (window.holds[name] ?? window.keeps[name]).status === status,
      [name, status],
      { timeout: within, polling: 20 },
    );
  }

  future(name) {
    return this.frame.evaluate((name) => window.describeFuture(window.futures[name]), name);
  }

  save(name) {
    return this.frame.evaluate((name) => window.save(name), name);
  }

  resume(name, saved) {
    return this.frame.evaluate(([name, saved]) => window.resume(name, saved), [name, saved]);
  }

  listen(action, reply) {
    return this.frame.evaluate(([action, reply]) => window.listen(action, reply), [action, reply]);
  }

  /** What the client has told the page, one entry per event. */
  async seen(name) {
    const all = await this.frame.evaluate(() => window.seen);
    return name === undefined ? all : all.filter((entry) => entry.name === name);
  }

  async waitForSeen(name) {
    await this.frame.waitForFunction((name) => window.seen.some((entry) => entry.name === name), name);
    return (await this.seen(name))[0].detail;
  }

  /** Returns when the host has handled every message that was posted before. */
  async settle() {
    await this.call("request", "supported_api_versions", {});
  }

  /** Its process dies, and no handler of its page runs any more; for widgets of another site only. Returns when (ms epoch). */
  async crash() {
    const session = await this.frame.page().context().newCDPSession(this.frame);
    const at = Date.now();
    session.send("Page.crash").catch(() => {}); // nobody is left to answer
    const alive = () => this.frame.evaluate(() => true).catch(() => false);
    while (await Promise.race([alive(), sleep(50, true)]));
    return at;
  }
}
