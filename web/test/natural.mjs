/**
 * A Chromium as people run it. One that Playwright launches keeps every page visible for good (focus emulation), throttles
 * no timer, and has no back/forward cache; one that it only joins, and leaves as it is (`noDefaults`), has all three.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";

/** Starts the browser with those flags in a profile of its own; `close` ends it and removes the profile. */
export async function launchNatural(executable, flags) {
  const profile = await mkdtemp(join(tmpdir(), "widget-futures-"));
  const args = [
    "--headless",
    ...flags,
    `--user-data-dir=${profile}`,
    "--remote-debugging-port=0",
    "about:blank",
  ];
  const child = spawn(executable, args, { stdio: ["ignore", "ignore", "pipe"] });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  const lines = createInterface({ input: child.stderr });
  const address = await Promise.race([
    new Promise((resolve) => {
      lines.on("line", (line) => {
        const [, found] = /^DevTools listening on (ws:\S+)/.exec(line) ?? [];
        if (found) resolve(found);
      });
    }),
    exited.then((code) => assert.fail(`Chromium ended with code ${code} before it could be used`)),
  ]);
  const browser = await chromium.connectOverCDP(address, { noDefaults: true });
  const close = async () => {
    const session = await browser.newBrowserCDPSession();
    await session.send("Browser.close").catch(() => {}); // it hangs up instead of answering
    await Promise.race([exited, sleep(5000, undefined, { ref: false }).then(() => child.kill("SIGKILL"))]);
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  return { context: browser.contexts()[0], close };
}
