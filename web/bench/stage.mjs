/** Where everything is measured: the pages built and served on loopback, a browser that nobody else uses, and all of it ended. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { serve } from "../interop/serve.mjs";
import { Browser } from "./browser.mjs";
import { buildPages } from "./build.mjs";

/**
 * Calls `use` with the browser and the origins, and clears up behind it, whatever becomes of it. One folder is served from
 * two ports: a frame's origin is the host's own, another port's, or another site's. Of a run that is killed Chromium
 * notices by itself: its pipe is cut.
 */
export async function onStage(dir, use) {
  const ends = [];
  const clear = () => rm(dir, { recursive: true, force: true, maxRetries: 5 });
  try {
    await clear();
    ends.push(clear);
    await mkdir(dir, { recursive: true });
    const pages = join(dir, "pages");
    await buildPages(pages);
    const ports = [];
    for (const _ of ["host", "widget"]) {
      const server = await serve(pages, "max-age=3600");
      ends.push(server.stop);
      ports.push(server.port);
    }
    const browser = await Browser.launch(join(dir, "profile"));
    ends.push(() => browser.close());
    const host = `http://127.0.0.1:${ports[0]}`;
    const widgets = {
      "same-origin": host,
      "cross-origin": `http://127.0.0.1:${ports[1]}`,
      "cross-site": `http://localhost:${ports[1]}`,
    };
    return await use({ browser, host, widgets, pages });
  } finally {
    for (const end of ends.reverse()) await end();
  }
}
