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
import { HostPage } from "./host-page.mjs";
import { launchNatural } from "./natural.mjs";
import { Room } from "./room.mjs";
import { Widget } from "./widget.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** How Chromium runs as root, on its own. */
export const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export { sleep, Widget };

/** The real host's library says so, at any moment, when it is stopped while it was still telling its widget something. */
const STOPPED = /^Failed to push room state Error: Transport stopped/;

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

/**
 * Builds and starts the demo server. Test files may run at the same time, so each builds its own file and renames it. With
 * a journal it may be killed, and started again where it was.
 */
async function startServer(journal) {
  const binary = `${root}build/bin/demo`;
  const ours = `${binary}.${process.pid}`;
  execFileSync("go", ["build", "-o", ours, "./web/demo"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  renameSync(ours, binary);
  const keep = journal ? ["-journal", journal] : [];
  let child, exited;
  const start = async (address) => {
    const at = ["host", "widget", "homeserver"].flatMap((origin) => [`-${origin}`, address(origin)]);
    child = spawn(binary, ["-announce", ...at, ...keep], { cwd: root, stdio: ["pipe", "pipe", "inherit"] });
    exited = new Promise((resolve) => child.once("exit", resolve));
    const lines = createInterface({ input: child.stdout });
    const line = await Promise.race([
      new Promise((resolve) => lines.once("line", resolve)),
      exited.then((code) => assert.fail(`the demo server ended with code ${code} before it served`)),
    ]);
    return JSON.parse(line);
  };
  const config = await start(() => "127.0.0.1:0");
  return {
    config,
    async stop() {
      child.stdin.end();
      await Promise.race([exited, sleep(3000, undefined, { ref: false }).then(() => child.kill())]);
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
    async startAgain() {
      assert.deepEqual(await start((origin) => new URL(config[origin]).host), config);
    },
  };
}

// --------------------------------------------------------------------- the world

/** Starts Chromium as Playwright does. There is one context for all: it keeps the compiled wasm. */
async function launchTame(executablePath) {
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
  return { context: await browser.newContext(), close: () => browser.close() };
}

/**
 * Starts everything for one test file and ends it when the file is through. With `natural`, a list of further flags, the
 * browser hides, throttles and caches pages as people's browsers do. With `journal`, the path of a file, `server` may be
 * killed and started again.
 */
export async function world({ natural, journal } = {}) {
  const server = await startServer(journal);
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
   * console errors that belong to the test; `prepare` gets the page before it loads anything.
   */
  async function openPage(url, { expect = [], keep = false, prepare } = {}) {
    const page = await context.newPage();
    await prepare?.(page);
    const handle = { page, problems: [], console: [] };
    const problem = (text) => {
      if (![STOPPED, ...expect].some((pattern) => pattern.test(text))) handle.problems.push(text);
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

  /** Opens the test host with one widget in it, which connects while its script first runs; `who` has the client. */
  async function openHost({
    lib,
    csp,
    wait = "content",
    grant = "all",
    site = "same",
    feed = false,
    who = {},
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
      ...who,
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

  return { config, server, room, openPage, openHost, openRaw, connectOptions, wasmPath };
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
export async function widgetIn(page, title = "Widget") {
  const element = await page.waitForSelector(`iframe[title=${title}]`);
  const frame = await element.contentFrame();
  await frame.waitForFunction(() => window.start, undefined, { polling: 20 });
  return new Widget(frame);
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
