/**
 * What every browser test stands on: one demo server (host origin, widget origin, homeserver; built from this tree) and
 * one Chromium per test file, a host page with a widget in it, and the room as the homeserver tells it. Any error on the
 * console of a page fails the test that opened it, unless the test said that it would come.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { readdirSync, renameSync } from "node:fs";
import { createInterface } from "node:readline";
import { after, afterEach } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { classes } from "./classes.mjs";
import { launchNatural } from "./natural.mjs";
import { Room } from "./room.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** No call of these tests may take longer: the longest deadline in them is the default of 10 s, behind a slow wasm. */
const SETTLE_MS = 20_000;

export { sleep };

// --------------------------------------------------------------------- processes

function findChromium() {
  for (const name of [process.env.CHROMIUM, "chromium", "chromium-browser", "google-chrome"]) {
    if (!name) continue;
    try {
      return execFileSync("which", [name], { encoding: "utf8" }).trim();
    } catch {
      // the next name
    }
  }
  throw new Error(
    "The browser tests need Chromium: install it (Debian: apt-get install chromium) or set CHROMIUM to its path.",
  );
}

/** Builds and starts the demo server. Test files may run at the same time, so each builds its own file and renames it. */
async function startServer() {
  const binary = `${root}build/bin/demo`;
  const ours = `${binary}.${process.pid}`;
  execFileSync("go", ["build", "-o", ours, "./web/demo"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  renameSync(ours, binary);
  const ports = ["-host", "-widget", "-homeserver"].flatMap((flag) => [flag, "127.0.0.1:0"]);
  const child = spawn(binary, ["-announce", ...ports], { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const lines = createInterface({ input: child.stdout });
  const line = await Promise.race([
    new Promise((resolve) => lines.once("line", resolve)),
    exited.then((code) => assert.fail(`the demo server ended with code ${code} before it served`)),
  ]);
  const stop = async () => {
    child.stdin.end();
    await Promise.race([exited, sleep(3000, undefined, { ref: false }).then(() => child.kill())]);
  };
  return { config: JSON.parse(line), stop };
}

// --------------------------------------------------------------------- the world

/** Starts Chromium as Playwright does. There is one context for all: it keeps the compiled wasm. */
async function launchTame(executablePath) {
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
  return { context: await browser.newContext(), close: () => browser.close() };
}

/**
 * Starts everything for one test file and ends it when the file is through. With `natural`, a list of further flags, the
 * browser hides, throttles and caches pages as people's browsers do.
 */
export async function world({ natural } = {}) {
  const server = await startServer();
  const executable = findChromium();
  const { context, close } = natural
    ? await launchNatural(executable, [...CHROMIUM_FLAGS, ...natural])
    : await launchTame(executable);
  context.setDefaultTimeout(10_000);
  const { config } = server;
  const room = new Room(config);
  const opened = [];
  const kept = [];
  afterEach(async () => {
    const handles = opened.splice(0);
    const problems = [...handles, ...kept].flatMap((handle) => handle.problems.splice(0));
    await Promise.all(handles.map((handle) => handle.page.close()));
    assert.deepEqual(problems, [], "errors on the console of the pages");
  });
  after(async () => {
    await close();
    await server.stop();
  });

  /**
   * Opens any page, for one test or, with `keep`, for the whole file. `expect` lists patterns of
   * console errors that belong to the test.
   */
  async function openPage(url, { expect = [], keep = false } = {}) {
    const page = await context.newPage();
    const handle = { page, problems: [], console: [] };
    const problem = (text) => {
      if (!expect.some((pattern) => pattern.test(text))) handle.problems.push(text);
    };
    page.on("console", (message) => {
      handle.console.push(message);
      if (message.type() === "error") problem(message.text());
    });
    page.on("pageerror", (error) => problem(`uncaught: ${error.message}`));
    (keep ? kept : opened).push(handle);
    await page.goto(url);
    return handle;
  }

  /** The options a widget of this room connects with; a test adds its own. */
  function connectOptions(extra = {}) {
    return { roomId: config.roomId, homeserverUrl: config.homeserver, ...extra };
  }

  /** Opens the test host with one widget in it, which connects while its script first runs. */
  async function openHost({
    lib,
    csp,
    wait = "content",
    grant = "all",
    site = "same",
    feed = false,
    options,
    ...open
  }) {
    const url = new URL("host.html", config.host);
    url.search = new URLSearchParams({
      lib,
      wait,
      grant,
      site,
      feed: feed ? "1" : "0",
      widget: widgetPath(options, csp),
    });
    const handle = await openPage(url.href, open);
    return Object.assign(handle, { host: new HostPage(handle.page), widget: await widgetIn(handle.page) });
  }

  /** Opens the scripted host; the widget comes with `loadRaw`. */
  async function openRaw({ options, expect, keep, load = true } = {}) {
    const handle = await openPage(new URL("raw.html", config.host).href, { expect, keep });
    await handle.page.waitForFunction(() => window.load);
    const loadWidget = async (extra) => {
      const path = `${widgetPath({ ...options, ...extra })}&widgetId=w1`;
      await handle.page.evaluate((path) => window.load(path), path);
      handle.widget = await widgetIn(handle.page);
    };
    if (load) await loadWidget();
    return Object.assign(handle, { loadWidget, heard: (action) => heard(handle.page, action) });
  }

  function widgetPath(options, csp) {
    const query = { auto: "1", options: JSON.stringify(options ?? connectOptions()) };
    return `/widget.html?${new URLSearchParams(csp ? { ...query, csp } : query)}`;
  }

  return { config, room, openPage, openHost, openRaw, connectOptions, wasmPath };
}

/** Where the widget origin serves the wasm. */
function wasmPath() {
  const name = readdirSync(`${root}build/web/widget/widget-futures`).find((file) => file.endsWith(".wasm"));
  assert.ok(name, "the build has put no .wasm into build/web/widget/widget-futures");
  return `/widget-futures/${name}`;
}

/** The requests a scripted host has received for one action. */
function heard(page, action) {
  return page.evaluate(
    (action) => window.heard.filter((message) => message.action === action && message.response === undefined),
    action,
  );
}

/** The widget's frame, once its script has run. */
export async function widgetIn(page) {
  const element = await page.waitForSelector("iframe[title=Widget]");
  const frame = await element.contentFrame();
  await frame.waitForFunction(() => window.start);
  return new Widget(frame);
}

// ------------------------------------------------------------------- both pages

/** The host page of a test: what crossed the wire and what reached its driver. */
class HostPage {
  constructor(page) {
    this.page = page;
  }

  wire() {
    return this.page.evaluate(() => window.wire);
  }

  /** The requests of the widget for one action. */
  async requests(action) {
    return (await this.wire())
      .filter(
        ({ direction, message }) =>
          direction === "widget>host" && message.action === action && !message.response,
      )
      .map(({ message }) => message);
  }

  /** The host's answers to one action. */
  async answers(action) {
    return (await this.wire())
      .filter(
        ({ direction, message }) =>
          direction === "host>widget" && message.action === action && message.response,
      )
      .map(({ message }) => message.response);
  }

  driverCalls() {
    return this.page.evaluate(() => window.driverCalls);
  }

  events() {
    return this.page.evaluate(() => window.hostEvents);
  }

  removeWidget() {
    return this.page.evaluate(() => window.removeWidget());
  }

  async reloadWidget() {
    const element = await this.page.$("iframe[title=Widget]");
    const frame = await element.contentFrame();
    await frame.evaluate(() => {
      window.oldPage = true;
    });
    await this.page.evaluate(() => window.reloadWidget());
    await frame.waitForFunction(() => window.start && !window.oldPage);
    return new Widget(frame);
  }
}

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
}

/** The value of an outcome that must be good. */
export function good(outcome) {
  assert.ok(outcome.ok, `rejected with ${outcome.code}: ${outcome.message}`);
  return outcome.value;
}

/** The error of an outcome that must be a WidgetError with that code, of the class of that code. */
export function refused(outcome, code) {
  assert.equal(
    outcome.ok,
    false,
    `resolved to ${JSON.stringify(outcome.value)} instead of rejecting with ${code}`,
  );
  assert.equal(outcome.code, code, `${outcome.name}: ${outcome.message}`);
  assert.equal(outcome.name, classes[code] ?? "WidgetError");
  assert.deepEqual(outcome.classes, classes[code] ? ["WidgetError", classes[code]] : ["WidgetError"]);
  return outcome;
}
