/** Opens a widget of `matrix-widget-api`, or of our drop-in for it (pages/widget/compat-page.ts), in any of the test's hosts. */
import assert from "node:assert/strict";
import { sleep, widgetIn, world } from "./harness.mjs";
import { HostPage } from "./host-page.mjs";

const SETTLE_MS = 20_000;

/** What hosts say on the console of what they refuse, and of widgets that do not handle what they are told. */
const HOSTS_OWN = [
  /^Failed to push room state/,
  /^error while downloading a file/,
  /^error updating delayed event/,
  /Failed to load resource: .* 404/,
];

class CompatWidget {
  constructor(frame) {
    this.frame = frame;
  }

  #run(work, argument) {
    const late = sleep(SETTLE_MS, undefined, { ref: false }).then(() =>
      assert.fail(`a call of the widget has not settled within ${SETTLE_MS} ms`),
    );
    return Promise.race([this.frame.evaluate(work, argument), late]);
  }

  call(method, ...args) {
    return this.#run(([method, args]) => window.call(method, ...args), [method, args]);
  }

  send(action, data = {}) {
    return this.#run(([action, data]) => window.send(action, data), [action, data]);
  }

  turnServers(count) {
    return this.#run((count) => window.turnServers(count), count);
  }

  answer(action, response) {
    return this.frame.evaluate(([action, response]) => window.answer(action, response), [action, response]);
  }

  ready() {
    return this.#run(() => window.whenReady());
  }

  seen() {
    return this.frame.evaluate(() => window.seen);
  }
}

/** A world in which `openWidget({api, lib, …})` opens a host with such a widget. */
export async function compatWorld() {
  const { config, room, openPage } = await world();
  async function openWidget({
    api,
    lib,
    capabilities = [],
    wait = "content",
    grant = "all",
    feed = "0",
    ...open
  }) {
    const page = api === "ours" ? "compat" : "compat-original";
    const query = new URLSearchParams({ capabilities: JSON.stringify(capabilities) });
    const url = new URL("host.html", config.host);
    url.search = new URLSearchParams({
      lib,
      wait,
      grant,
      feed,
      site: "same",
      widget: `/${page}.html?${query}`,
    });
    const handle = await openPage(url.href, { expect: HOSTS_OWN, ...open });
    const { frame } = await widgetIn(handle.page);
    return Object.assign(handle, { host: new HostPage(handle.page), widget: new CompatWidget(frame) });
  }
  return { config, room, openWidget };
}
