/** The world of the browser tests with matrix-js-sdk in it, as the widget of real hosts on the embedded homeserver. */
import { fileURLToPath } from "node:url";
import { world } from "./harness.mjs";
import { HostPage } from "./host-page.mjs";
import { buildJsSdk, pagePath } from "./js-sdk-build.mjs";
import { JsSdkWidget } from "./js-sdk-kit.mjs";

const widgetPages = fileURLToPath(new URL("../../build/web/widget", import.meta.url));

export async function jsSdkWorld() {
  await buildJsSdk(widgetPages);
  const { config, room, openPage } = await world();
  let devices = 0;

  /**
   * Opens a host page with js-sdk in it, as a device that no other test is; it starts by itself. `lib`, `wait`, `grant`, `site`,
   * `as` and `expect` are the host's, the rest are options of the widget's page.
   */
  async function open(api, options = {}) {
    const { lib = "mwa-1.19.0", wait = "content", grant = "all", site = "same", as = "", ...rest } = options;
    const { expect, ...more } = rest;
    const { userId } = as === "moderator" ? config.moderator : config;
    const who = { userId, deviceId: `DEVICE${process.pid}${++devices}` };
    const place = { roomId: config.roomId, baseUrl: config.homeserver };
    const widget = { ...place, ...who, contentLoaded: wait === "content", ...more };
    const url = new URL("host.html", config.host);
    const path = `${pagePath(api)}?${new URLSearchParams({ options: JSON.stringify(widget) })}`;
    url.search = new URLSearchParams({
      lib,
      wait,
      grant,
      site,
      as,
      device: who.deviceId,
      feed: "1",
      widget: path,
    });
    const { page } = await openPage(url.href, { expect });
    return { page, host: new HostPage(page), widget: await JsSdkWidget.in(page, who) };
  }

  return { config, room, open };
}
