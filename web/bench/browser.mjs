/**
 * A Chromium that is driven over its debugging pipe and nothing else. Playwright switches on what tells it of every message
 * on the console (Runtime.enable, Log.enable), and then each console.log of matrix-widget-api costs several times what it
 * costs on a page whose developer tools are closed. Here no domain is ever enabled: a page is only asked to evaluate.
 */
import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../scripts/steps.mjs";
import { CHROMIUM_FLAGS } from "../test/harness.mjs";

/** What a page is asked for takes less than that. */
const EVALUATE_MS = 120_000;

/** So many characters of what it wrote last are shown if it ends by itself. */
const SAID = 2000;

export class Browser {
  #child;
  #exited;
  #calls = new Map();
  #serial = 0;
  version = "";

  /** `profile`: a folder that nobody else uses; it is the caller's to remove. */
  static async launch(profile) {
    const executable = execFileSync(join(root, ".tools", "chrome", "find"), { encoding: "utf8" }).trim();
    const browser = new Browser();
    const args = [
      "--headless",
      ...CHROMIUM_FLAGS,
      `--user-data-dir=${profile}`,
      "--remote-debugging-pipe",
      "about:blank",
    ];
    browser.#start(spawn(executable, args, { stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"] }));
    browser.version = (await browser.send("Browser.getVersion")).product;
    return browser;
  }

  #start(child) {
    this.#child = child;
    let said = "";
    this.#exited = new Promise((resolve) => child.once("close", resolve));
    child.once("error", () => {}); // "close" follows
    this.#exited.then(() => {
      for (const { reject } of this.#calls.values()) reject(new Error(`Chromium has ended\n${said}`));
      this.#calls.clear();
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      said = (said + text).slice(-SAID);
    });
    child.stdio[3].on("error", () => {});
    let rest = "";
    child.stdio[4].setEncoding("utf8").on("data", (text) => {
      const messages = (rest + text).split("\0");
      rest = messages.pop();
      for (const message of messages) this.#receive(JSON.parse(message));
    });
  }

  #receive({ id, result, error }) {
    const call = this.#calls.get(id); // whatever has no id is an event, and nobody here listens to those
    this.#calls.delete(id);
    if (error) call?.reject(new Error(error.message));
    else call?.resolve(result);
  }

  /** One command of the DevTools protocol. */
  send(method, params = {}, sessionId = undefined) {
    return new Promise((resolve, reject) => {
      const id = ++this.#serial;
      this.#calls.set(id, { resolve, reject });
      this.#child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  /** Opens a page of the bench in a tab of its own, and waits until its script has run. */
  async open(url) {
    const { targetId } = await this.send("Target.createTarget", { url });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, targetId, sessionId);
    const deadline = performance.now() + 20_000;
    while (!(await page.evaluate(() => "bench" in window).catch(() => false))) {
      if (performance.now() > deadline) throw new Error(`${url} did not start within 20 s`);
      await sleep(20);
    }
    return page;
  }

  async close() {
    this.send("Browser.close").catch(() => {}); // it hangs up instead of answering
    await Promise.race([
      this.#exited,
      sleep(5000, undefined, { ref: false }).then(() => this.#child.kill("SIGKILL")),
    ]);
  }
}

class Page {
  constructor(browser, targetId, sessionId) {
    this.browser = browser;
    this.targetId = targetId;
    this.sessionId = sessionId;
  }

  /** Calls a function in the page, with arguments that are JSON, and waits for what it returns. */
  async evaluate(run, ...args) {
    const expression = `(${run})(...${JSON.stringify(args)})`;
    const call = this.command("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    const late = new AbortController();
    const timer = sleep(EVALUATE_MS, undefined, { signal: late.signal }).then(() => {
      throw new Error(`the page did not answer within ${EVALUATE_MS / 1000} s: ${expression}`);
    });
    timer.catch(() => {});
    const { result, exceptionDetails } = await Promise.race([call, timer]).finally(() => late.abort());
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** One command of the DevTools protocol, to this page. */
  command(method, params) {
    return this.browser.send(method, params, this.sessionId);
  }

  close() {
    return this.browser.send("Target.closeTarget", { targetId: this.targetId });
  }
}
