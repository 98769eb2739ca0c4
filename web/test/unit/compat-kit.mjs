/**
 * A widget's window under Node, with a scripted host as its parent: the same script runs on `matrix-widget-api` and on our
 * drop-in for it, the wasm included, and what they do is compared. Messages are cloned and take a turn of the event loop,
 * as between windows.
 */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import * as compat from "../../dist/compat.js";

export const wasm = await WebAssembly.compile(
  await readFile(new URL("../../dist/widget-futures.wasm", import.meta.url)),
);
compat.configure({ wasm });

/** Both libraries, by name. */
export const libraries = { original: createRequire(import.meta.url)("matrix-widget-api"), ours: compat };
export { compat };

export const HOST = "https://host.example";
export const ROOM = "!room:host.example";
const WIDGET = "https://widget.example";
export const UPDATE = "org.matrix.msc4157.update_delayed_event";
const VERSIONS = ["0.0.1", "0.0.2", "org.matrix.msc2762", "org.matrix.msc2871", "org.matrix.msc2974"];

/** One turn of the event loop. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

/**
 * A host that negotiates after content_loaded, approves everything and knows delayed events. `handlers` answer the
 * widget's requests, by action; undefined is silence.
 */
export class FakeHost {
  origin = HOST;
  /** The query in the URL of the widget's page. */
  search = "";
  versions = [
    ...VERSIONS,
    "org.matrix.msc3869",
    "org.matrix.msc3973",
    "org.matrix.msc4039",
    "org.matrix.msc4515",
    "org.matrix.msc4533",
  ];
  /** Whatever crossed, in order: what the widget posted has a target. */
  wire = [];
  console = [];
  approve = () => true;
  #listeners = new Set();
  #asked = new Map();
  #last = 0;
  handlers = {
    supported_api_versions: () => ({ supported_versions: this.versions }),
    content_loaded: () => {
      setImmediate(() => this.negotiate());
      return {};
    },
    send_event: ({ data }) =>
      data.delay === undefined
        ? { room_id: data.room_id, event_id: "$e" }
        : { room_id: data.room_id, delay_id: "d1" },
    [UPDATE]: ({ data }) =>
      data.delay_id ? {} : { error: { message: "Invalid request - missing delay_id" } },
    "org.matrix.msc2974.request_capabilities": ({ data }) => {
      setImmediate(() => this.notify(data.capabilities));
      return {};
    },
    "*": ({ action }) => ({ error: { message: `Unknown or unsupported from-widget action: ${action}` } }),
  };
  /** What is approved, all in all. */
  approved = [];

  constructor(handlers = {}) {
    Object.assign(this.handlers, handlers);
    this.parent = { postMessage: (message, target) => this.#hear(structuredClone(message), target) };
  }

  /** Makes the globals those of a widget in this host. */
  install() {
    const window = {
      parent: this.parent,
      origin: WIDGET,
      location: { search: this.search, hash: "", origin: WIDGET, ancestorOrigins: [this.origin] },
      document: { referrer: "", addEventListener() {}, removeEventListener() {} },
      addEventListener: (type, listener) => type === "message" && this.#listeners.add(listener),
      removeEventListener: (_type, listener) => this.#listeners.delete(listener),
      reportError: (error) => this.console.push(["reported", error.message]),
      window: globalThis,
    };
    for (const [name, value] of Object.entries(window))
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }

  async #hear(message, target) {
    this.wire.push({ from: "widget", target, message });
    if (target !== "*" && target !== this.origin) return;
    await turn();
    if (message.response !== undefined) {
      this.#asked.get(message.requestId)?.(message.response);
      return;
    }
    const response = (this.handlers[message.action] ?? this.handlers["*"])(message);
    if (response !== undefined) this.post({ ...message, response: await response });
  }

  /** Posts to the widget, as the host or as somebody else. */
  async post(message, { origin = this.origin, source = this.parent } = {}) {
    const data = structuredClone(message);
    if (source === this.parent) this.wire.push({ from: "host", message: structuredClone(data) });
    await turn();
    for (const listener of [...this.#listeners]) {
      const event = { data, origin, source };
      if (typeof listener === "function") listener(event);
      else listener.handleEvent(event);
    }
  }

  /** Asks the widget; resolves with its response. */
  ask(action, data = {}, extra = {}) {
    const requestId = `host-${++this.#last}`;
    const answered = new Promise((resolve) => this.#asked.set(requestId, resolve));
    this.post({ api: "toWidget", widgetId: "w1", requestId, action, data, ...extra });
    return answered;
  }

  async negotiate() {
    const { capabilities } = await this.ask("capabilities");
    if (capabilities) await this.notify(capabilities);
  }

  notify(requested) {
    this.approved = [...new Set([...this.approved, ...requested.filter((one) => this.approve(one))])];
    return this.ask("notify_capabilities", { requested, approved: this.approved });
  }

  /** What the widget asked for by one action. */
  asked(action) {
    return this.wire
      .filter(
        ({ from, message }) =>
          from === "widget" && message.action === action && message.response === undefined,
      )
      .map(({ message }) => message);
  }

  /** What the widget answered to one action. */
  answers(action) {
    return this.wire
      .filter(
        ({ from, message }) =>
          from === "widget" && message.action === action && message.response !== undefined,
      )
      .map(({ message }) => message.response);
  }
}

/** What a promise or a function ends with, in plain data. */
export async function outcome(work) {
  try {
    return { value: await (typeof work === "function" ? work() : work) };
  } catch (error) {
    const { name, message, data, code } = error;
    return { error: { name, message, data, code, class: error.constructor.name } };
  }
}

/** The console of the widget goes to the host's list as long as `work` runs, and to nobody else. */
async function hushed(host, work) {
  const names = ["log", "warn", "error"];
  const before = names.map((name) => console[name]);
  for (const name of names) console[name] = (...args) => host.console.push([name, ...args]);
  try {
    return await work();
  } finally {
    for (const [i, name] of names.entries()) console[name] = before[i];
  }
}

/** Runs a script with one library: `script({lib, host, api})`, where `api` has the id w1 and knows its host. */
export async function run(name, script, { host = new FakeHost(), handlers, id = "w1", origin = HOST } = {}) {
  Object.assign(host.handlers, handlers?.(host));
  host.install();
  const lib = libraries[name];
  return hushed(host, async () => {
    const api = new lib.WidgetApi(id, origin);
    try {
      return await script({ lib, host, api, name });
    } finally {
      api.transport.stop();
      await turn(); // what it still has to say is not the test's
    }
  });
}

/** Starts the widget and waits until its capabilities are negotiated. */
export async function ready(api, capabilities = []) {
  api.requestCapabilities(capabilities);
  const negotiated = new Promise((resolve) => api.once("ready", resolve));
  api.start();
  await api.sendContentLoaded();
  await negotiated;
}

/** The capabilities that a delayed state event of the tests needs. */
export const DELAYED = [
  "org.matrix.msc2762.send.state_event:m.test",
  `org.matrix.msc2762.timeline:${ROOM}`,
  "org.matrix.msc4157.send.delayed_event",
  UPDATE,
];

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * What crossed, without ids, and without what ours posts beside the original (docs/compat.md). What is asked of the host in
 * the beginning comes first: ours does not wait for it with its capabilities.
 */
export function crossed({ wire }) {
  const isVersions = ({ message: { action, api } }) =>
    action === "supported_api_versions" && api === "fromWidget";
  const first = wire.find(isVersions)?.message.requestId;
  return wire
    .filter(
      ({ message: { action, data } }) =>
        !/^probe\./.test(action) && !(action === UPDATE && data.delay_id === ""),
    )
    .filter((one) => !isVersions(one) || one.message.requestId === first)
    .sort((a, b) => isVersions(b) - isVersions(a))
    .map(({ from, target, message: { requestId, ...message } }) => {
      if (message.data?.original_request_id) message.data = { ...message.data, original_request_id: "its" };
      return { from, target, message };
    });
}

/** What this module has warned of; it must never say what was in a message. */
export const warned = (host) =>
  host.console.filter(([kind]) => kind !== "reported").map(([, ...args]) => args.join(" "));
