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

/** What the browser, the host's library and js-sdk say of what did not go well; the cases are full of that. */
const EXPECTED = [
  /^Failed to load resource/,
  /has been blocked by CORS policy/,
  /^error (sending|updating) /,
  /^Failed to push room state Error: Request timed out/,
  /^error polling for TURN servers /,
  /^\[MatrixRTCSession .*MembershipManager/,
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

  /** A browser context for one case, which fails for errors on the console of its pages. */
  async function openContext(t) {
    const context = await browser.newContext();
    context.setDefaultTimeout(20_000);
    const problems = [];
    const problem = (text) => {
      if (!EXPECTED.some((pattern) => pattern.test(text))) problems.push(text);
    };
    context.on("page", (page) => {
      page.on("console", (message) => message.type() === "error" && problem(message.text()));
      page.on("pageerror", (error) => problem(`uncaught: ${error.message}`));
    });
    t.after(async () => {
      await context.close();
      assert.deepEqual(problems, [], "errors on the console of the pages");
    });
    return context;
  }

  /**
   * Opens the client of an account with a widget in it, for a room. Options:
   *   path          of the widget's page
   *   options       of the widget's page
   *   site          same | cross: whether host and widget are same-site
   *   grant         a regular expression of what the host approves (default everything)
   *   asksVersions  the host asks /versions before it schedules, as matrix-js-sdk does
   *   seed          of what gets lost; nothing does before `lose`
   */
  async function openHost(context, { room, account = room.config, path, site = "same", options, ...client }) {
    const page = await context.newPage();
    const hostOrigin = `http://127.0.0.1:${origins.host}`;
    const widgetUrl = new URL(path, `http://127.0.0.1:${origins.widget}`);
    if (site === "cross") widgetUrl.hostname = "localhost";
    widgetUrl.search = new URLSearchParams({
      auto: "1",
      widgetId: "w1",
      parentUrl: hostOrigin,
      options: JSON.stringify({ roomId: room.config.roomId, ...options }),
    });
    const hostUrl = new URL("/host.html", hostOrigin);
    const { homeserver, roomId } = room.config;
    const { accessToken, userId } = account;
    const place = { homeserver, roomId, accessToken, userId, widgetUrl: widgetUrl.href };
    const spec = { grant: "", asksVersions: false, seed: 1, ...place, ...client };
    hostUrl.searchParams.set("case", JSON.stringify(spec));
    await page.goto(hostUrl.href);
    return { page, widgetUrl, blankUrl: `${hostOrigin}/blank.html` };
  }

  /**
   * Opens one case, ready to be called. Options, beside those of the client and `site`:
   *   synapse       where it happens (default: that of the first kind)
   *   homeserverUrl whether the widget knows its homeserver (default true)
   *   connect       more options for the widget's connect()
   */
  async function openCase(t, options = {}) {
    const { synapse = synapses[kinds[0]], homeserverUrl = true, connect, ...client } = options;
    const room = await openRoom(synapse);
    const context = await openContext(t);
    const opened = await openHost(context, {
      room,
      path: "/widget.html",
      options: {
        ...(homeserverUrl ? { homeserverUrl: synapse.baseUrl } : {}),
        capabilities: [
          `org.matrix.msc2762.send.state_event:${TYPE}`,
          `org.matrix.msc2762.receive.state_event:${TYPE}`,
          `org.matrix.msc2762.send.event:${MESSAGE}`,
        ],
        ...connect,
      },
      ...client,
    });
    const widget = await widgetIn(opened.page);
    good(await widget.ready());
    return new Case({ ...opened, context, room, synapse, widget });
  }

  return { synapses, openRoom, openContext, openHost, openCase, startSynapse };
}
