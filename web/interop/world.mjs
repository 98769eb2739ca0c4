/**
 * What every interop case stands on: a Chromium, the pages of both origins, one Synapse of each kind that the file asks
 * for, and for each case an account, a room with a moderator, a host page and the widget in it. Each case has a browser
 * context of its own, so the long-polling hosts do not queue for each other's connections.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { after } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
import { root } from "../scripts/steps.mjs";
import { CHROMIUM_FLAGS, good, refused, widgetIn } from "../test/harness.mjs";
import { pages } from "./build.mjs";
import { Case } from "./case.mjs";
import { SynapseRoom, TYPE } from "./room.mjs";
import { serve } from "./serve.mjs";
import { startSynapse as start } from "./synapse.mjs";

export { good, refused, sleep, TYPE };

export const MESSAGE = "org.example.interop";

/** What the browser and the host's library say of a request that did not go well; the cases are full of those. */
const EXPECTED = [
  /^Failed to load resource/,
  /has been blocked by CORS policy/,
  /^error (sending|updating) /,
  /^Failed to push room state Error: Request timed out/,
];

/** Starts everything for one test file, `kinds` being keys of the settings, and ends it when the file is through. */
export async function world(...kinds) {
  const running = [];
  after(async () => {
    for (const stop of running.reverse()) await stop();
  });
  const executablePath = execFileSync(join(root, ".tools", "chrome", "find"), { encoding: "utf8" }).trim();
  const browser = await chromium.launch({ executablePath, args: CHROMIUM_FLAGS });
  running.push(() => browser.close());
  const origins = {};
  for (const side of ["host", "widget"]) {
    const server = await serve(join(pages, side));
    running.push(server.stop);
    origins[side] = server.port;
  }

  /** One more Synapse, for a case that stops it or for the whole file. */
  async function startSynapse(kind) {
    const { synapse, end } = await start(kind);
    running.push(end);
    return synapse;
  }
  const synapses = Object.fromEntries(
    await Promise.all(kinds.map(async (kind) => [kind, await startSynapse(kind)])),
  );

  let accounts = 0;

  /** A room of a moderator, with an ordinary member in it. */
  async function openRoom(synapse) {
    const name = `${process.pid}.${++accounts}`;
    const [moderator, member] = await Promise.all(
      ["moderator", "alice"].map((who) => synapse.register(`${who}.${name}`)),
    );
    const { room_id: roomId } = await synapse.request(
      "POST",
      "_matrix/client/v3/createRoom",
      moderator.accessToken,
      {
        preset: "public_chat",
        power_level_content_override: { events: { [TYPE]: 0 }, events_default: 0 },
      },
    );
    await synapse.request(
      "POST",
      `_matrix/client/v3/join/${encodeURIComponent(roomId)}`,
      member.accessToken,
      {},
    );
    return new SynapseRoom({ homeserver: synapse.baseUrl, roomId, ...member, moderator });
  }

  /**
   * Opens one case, ready to be called. Options:
   *   synapse       where it happens (default: that of the first kind)
   *   site          same | cross: whether host and widget are same-site
   *   homeserverUrl whether the widget knows its homeserver (default true)
   *   grant         a regular expression of what the host approves (default everything)
   *   asksVersions  the host asks /versions before it schedules, as matrix-js-sdk does
   *   seed          of what gets lost; nothing does before `lose`
   *   connect       more options for the widget's connect()
   */
  async function openCase(t, options = {}) {
    const { site = "same", homeserverUrl = true, grant = "", asksVersions = false, seed = 1 } = options;
    const synapse = options.synapse ?? synapses[kinds[0]];
    const room = await openRoom(synapse);
    const context = await browser.newContext();
    context.setDefaultTimeout(20_000);
    const page = await context.newPage();
    const problems = [];
    const problem = (text) => {
      if (!EXPECTED.some((pattern) => pattern.test(text))) problems.push(text);
    };
    page.on("console", (message) => message.type() === "error" && problem(message.text()));
    page.on("pageerror", (error) => problem(`uncaught: ${error.message}`));
    t.after(async () => {
      await context.close();
      assert.deepEqual(problems, [], "errors on the console of the pages");
    });

    const hostOrigin = `http://127.0.0.1:${origins.host}`;
    const widgetUrl = new URL("/widget.html", `http://127.0.0.1:${origins.widget}`);
    if (site === "cross") widgetUrl.hostname = "localhost";
    widgetUrl.search = new URLSearchParams({
      auto: "1",
      widgetId: "w1",
      parentUrl: hostOrigin,
      options: JSON.stringify({
        roomId: room.config.roomId,
        ...(homeserverUrl ? { homeserverUrl: synapse.baseUrl } : {}),
        capabilities: [
          `org.matrix.msc2762.send.state_event:${TYPE}`,
          `org.matrix.msc2762.receive.state_event:${TYPE}`,
          `org.matrix.msc2762.send.event:${MESSAGE}`,
        ],
        ...options.connect,
      }),
    });
    const hostUrl = new URL("/host.html", hostOrigin);
    hostUrl.searchParams.set(
      "case",
      JSON.stringify({
        homeserver: synapse.baseUrl,
        accessToken: room.config.accessToken,
        userId: room.config.userId,
        roomId: room.config.roomId,
        widgetUrl: widgetUrl.href,
        grant,
        asksVersions,
        seed,
      }),
    );
    await page.goto(hostUrl.href);
    const widget = await widgetIn(page);
    good(await widget.ready());
    const blankUrl = `${hostOrigin}/blank.html`;
    return new Case({ page, context, room, synapse, widget, widgetUrl, blankUrl });
  }

  return { synapses, openCase, startSynapse };
}
