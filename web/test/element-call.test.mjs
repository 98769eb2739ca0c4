/**
 * Element Call's own sequence, as Element Call 0.26.1 was seen to do it (vite/testdata), on the real matrix-widget-api 1.19.0
 * host and the embedded homeserver: through a page that does the same with matrix-js-sdk, built by Vite around the original
 * matrix-widget-api and around ours.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { serve } from "../interop/serve.mjs";
import { sleep, world } from "./harness.mjs";
import { CallPage, once, recording } from "./vite/call-page.mjs";
import { APIS, project } from "./vite/project.mjs";

const stage = await world();
const { room } = stage;
const recorded = await recording();
/** Element Call's 18 s and 4 s in the same proportion, so that a test is short. */
const BRISK = { delayMs: 4500, restartMs: 1000 };
/** How much later than asked for a timer of a busy machine may run. */
const SLACK_MS = 1500;

let app;
const addresses = {};
const servers = [];
let devices = 0;

before(async () => {
  app = await project();
  for (const api of APIS) {
    const server = await serve((await app.build({ api })).origin);
    servers.push(server);
    addresses[api] = `http://127.0.0.1:${server.port}/index.html`;
  }
});
after(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await app?.stop();
});

/** A page whose call may be joined. Every one is a device of its own. */
async function open(api, { query = BRISK, ready = true, ...options } = {}) {
  const deviceId = `EC${++devices}`;
  const page = await CallPage.open(stage, addresses[api], { query, deviceId, ...options });
  if (ready) await page.ready();
  return page;
}

const isRing = ({ data }) => data.type === "org.matrix.msc4075.rtc.notification";
const not = (is) => (value) => !is(value);
const isEmpty = (content) => Object.keys(content).length === 0;

for (const api of APIS) {
  test(`${api}: asks for what Element Call asked for, in its order, from the start to the end`, async () => {
    const page = await open(api, { query: {} });
    assert.deepEqual(await page.capabilities(), recorded.capabilities);
    await page.join();
    await page.waitForTimes("restart", 1);
    await page.leave();
    const [asked, expected] = [await page.asked(), once(recorded.requests)];
    // When it rings depends on when the host tells of the membership, and what it says on the version of js-sdk.
    assert.deepEqual(asked.filter(isRing).length, 1);
    assert.deepEqual(asked.filter(not(isRing)), expected.filter(not(isRing)));
    assert.deepEqual(await page.get("failures"), []);
    const contents = await room.contents(page.key);
    assert.deepEqual(contents.map(isEmpty), [false, true]);
    assert.deepEqual(await room.scheduled(page.key), []);
    const logged = page.console.filter(
      (message) =>
        message.location().url.startsWith(page.origin) && message.text().includes("Sending object"),
    );
    assert.equal(logged.length > 0, api === "original", "ours writes no message to the console");
  });

  test(`${api}: restarts the leave at once and then at its interval, and leaves by sending it`, async () => {
    const page = await open(api);
    await page.join();
    const times = await page.waitForTimes("restart", 5);
    const gaps = times.slice(1).map((time, i) => time - times[i]);
    for (const gap of gaps)
      assert.ok(
        gap >= BRISK.restartMs - 50 && gap < BRISK.restartMs + SLACK_MS,
        `restarts ${gaps.join(", ")} ms apart`,
      );
    const scheduled = await room.scheduled(page.key);
    assert.deepEqual(
      scheduled.map(({ content }) => content),
      [{}],
    );
    await page.leave();
    assert.equal((await page.times("send")).length, 1);
    assert.deepEqual((await room.contents(page.key)).map(isEmpty), [false, true]);
    assert.deepEqual(await room.scheduled(page.key), []);
  });

  test(`${api}: does one thing after the other: no membership before its leave is scheduled`, async () => {
    const page = await open(api);
    await page.join();
    await page.waitForTimes("restart", 1);
    await page.leave();
    const steps = await page.leaveSteps();
    const expected = ["schedule", "write", "restart"].flatMap((step) => [step, `${step} answered`]);
    assert.deepEqual(steps.slice(0, expected.length), expected);
    // What ours asks beside that: whether the host knows delayed events, once, by an id that is none.
    const probes = (await page.host.wire()).filter(
      ({ direction, message: { data, response } }) =>
        direction === "widget>host" && !response && data.delay_id === "",
    );
    assert.equal(probes.length, api === "ours" ? 2 : 0);
  });

  test(`${api}: removed without a goodbye, the homeserver sends the leave when its time is over`, async () => {
    const page = await open(api);
    await page.join();
    const restarts = await page.waitForTimes("restart", 2);
    await page.host.removeWidget();
    const last = (await page.times("restart")).at(-1);
    const events = await room.waitForEvents(page.key, 2, { within: BRISK.delayMs + SLACK_MS + 3000 });
    assert.deepEqual(
      events.map(({ content }) => isEmpty(content)),
      [false, true],
    );
    const after = events[1].origin_server_ts - last;
    assert.ok(
      restarts.length >= 2 && after >= BRISK.delayMs - 50,
      `the leave came ${after} ms after the last restart`,
    );
  });

  test(`${api}: a leave that a LiveKit service looks after is scheduled for an hour and restarted once`, async () => {
    const page = await open(api, { query: { delegate: "service" } });
    await page.join();
    await page.waitForTimes("restart", 1);
    await sleep(1500);
    assert.equal((await page.times("restart")).length, 1);
    const [{ secret }] = await room.scheduled(page.key);
    const [{ data }] = (await page.host.requests("send_event")).filter(
      ({ data }) => data.delay !== undefined,
    );
    assert.equal(data.delay, 3_600_000);
    const delegation = await page.get("delegation");
    assert.equal(delegation.delayId, secret);
    assert.ok(delegation.accessToken.length > 0);
    await page.host.removeWidget();
    await room.act(secret, "send"); // as the service does when the person is gone
    assert.deepEqual((await room.contents(page.key)).map(isEmpty), [false, true]);
  });

  test(`${api}: a leave can be handed to the homeserver through the host`, async () => {
    const page = await open(api, { query: { delegate: "host" } });
    await page.join();
    await page.waitForTimes("restart", 1);
    const [{ secret }] = await room.scheduled(page.key);
    const delegated = await page.page.evaluate(() => window.services.rtc.delegated);
    assert.equal(delegated.length, 1);
    assert.equal(delegated[0].delay_id, secret);
    assert.equal(delegated[0].room_id, page.who.roomId);
    await page.leave();
    assert.deepEqual(await page.get("failures"), []);
  });

  test(`${api}: the host's requests are answered by who handles them: theme, mute, hang up`, async () => {
    const page = await open(api);
    await page.join();
    assert.deepEqual(await page.host.ask("theme_change", { name: "light" }), { ok: true, value: {} });
    assert.equal(await page.get("theme"), "light");
    const mute = await page.host.ask("io.element.device_mute", { video_enabled: true });
    assert.deepEqual(mute, { ok: true, value: { audio_enabled: false, video_enabled: true } });
    assert.deepEqual(await page.host.ask("im.vector.hangup"), { ok: true, value: {} });
    await room.waitForEvents(page.key, 2);
    await page.page.waitForFunction(() =>
      window.actions.asked.some(({ action }) => action === "io.element.close"),
    );
    assert.equal((await page.times("send")).length, 1);
  });

  test(`${api}: a request from a window that is not the host is ${api === "ours" ? "not heard" : "obeyed"}`, async () => {
    const page = await open(api);
    await page.page.evaluate(() => {
      const sibling = document.body.appendChild(document.createElement("iframe"));
      const forged = {
        api: "toWidget",
        widgetId: "w1",
        requestId: "forged",
        action: "theme_change",
        data: { name: "forged" },
      };
      sibling.contentWindow.eval(`parent.frames[0].postMessage(${JSON.stringify(forged)}, "*")`);
    });
    await page.host.ask("io.element.device_mute"); // is handled behind it
    assert.equal(await page.get("theme"), api === "ours" ? "dark" : "forged");
  });

  test(`${api}: what the host asks for before the call is there waits for the call, and is answered then`, async () => {
    let letGo;
    const held = new Promise((resolve) => {
      letGo = resolve;
    });
    // js-sdk's client has started when it has the room's state.
    const holdState = (page) =>
      page.route(/\/rooms\/[^/]+\/state/, async (route) => {
        await held;
        await route.continue();
      });
    const page = await open(api, { ready: false, prepare: holdState });
    await page.page.waitForFunction(() =>
      window.wire.some(({ message }) => message.action === "notify_capabilities" && message.response),
    );
    const answer = page.host.ask("theme_change", { name: "light-high-contrast" });
    let answered = false;
    void answer.then(() => {
      answered = true;
    });
    await sleep(500);
    assert.equal(answered, false);
    letGo();
    await page.ready();
    assert.deepEqual(await answer, { ok: true, value: {} });
    assert.equal(await page.get("theme"), "light-high-contrast");
  });

  test(`${api}: a preloaded page joins when the host asks, and answers when it has begun`, async () => {
    const page = await open(api);
    assert.deepEqual(await page.host.ask("io.element.join", { audioInput: null, videoInput: null }), {
      ok: true,
      value: {},
    });
    await room.waitForEvents(page.key, 1);
    await page.waitForTimes("restart", 1);
  });

  test(`${api}: a request that nobody handles is refused`, async () => {
    const page = await open(api);
    const refusal = await page.host.ask("io.element.tile_layout");
    assert.deepEqual(refusal, {
      ok: false,
      message: "Unknown or unsupported to-widget action: io.element.tile_layout",
    });
  });

  test(`${api}: works where the host waits for the iframe, and tells that content_loaded is not expected`, async () => {
    const page = await open(api, { wait: "load" });
    await page.join();
    await page.waitForTimes("restart", 1);
    await page.leave();
    assert.deepEqual((await room.contents(page.key)).map(isEmpty), [false, true]);
  });

  test(`${api}: after it has asked to be closed it says nothing more, and what is asked then is rejected`, async () => {
    const page = await open(api);
    await page.join();
    await page.leave();
    const before = (await page.host.wire()).length;
    const message = await page.frame.evaluate(() =>
      window.widget.api.setAlwaysOnScreen(true).then(
        () => "answered",
        (error) => error.message,
      ),
    );
    assert.equal(message, "Not ready or unknown widget ID");
    await sleep(2 * BRISK.restartMs);
    assert.equal(
      (await page.host.wire()).slice(before).filter(({ direction }) => direction === "widget>host").length,
      0,
    );
  });

  test(`${api}: a host that never answers the wish to be closed cannot keep the page talking`, async () => {
    const deaf = () => {
      addEventListener("message", (event) => {
        if (event.data.action === "io.element.close") event.stopImmediatePropagation();
      });
    };
    const page = await open(api, { prepare: (page) => page.addInitScript(deaf) });
    await page.join();
    await page.frame.evaluate(() => {
      window.widget.api.transport.timeoutSeconds = 1;
    });
    await page.leave();
    assert.deepEqual(await page.get("failures"), ["Error: Request timed out"]);
    const wish = page.frame.evaluate(() =>
      window.widget.api.setAlwaysOnScreen(true).catch((error) => error.message),
    );
    assert.equal(await wish, "Not ready or unknown widget ID");
  });

  test(`${api}: tells what was granted: reactions only where all four capabilities are`, async () => {
    const all = await open(api);
    assert.equal(await all.frame.evaluate(() => window.supportsReactions()), true);
    const few = await open(api, { grant: "^(?!.*receive.event:m.reaction)" });
    assert.equal(await few.frame.evaluate(() => window.supportsReactions()), false);
  });

  test(`${api}: an avatar is downloaded through the host as the Blob that it is`, async () => {
    const page = await open(api);
    const uri = await page.page.evaluate(() =>
      window.services.media.upload(new Blob(["an avatar"], { type: "image/png" })),
    );
    const file = await page.frame.evaluate(async (uri) => {
      const { file } = await window.widget.api.downloadFile(uri);
      return { blob: file instanceof Blob, type: file.type, text: await file.text() };
    }, uri);
    assert.deepEqual(file, { blob: true, type: "image/png", text: "an avatar" });
  });
}
