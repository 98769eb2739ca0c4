/**
 * matrix-js-sdk as npm has it in a widget, around the original matrix-widget-api and around ours in its place, through the
 * real ClientWidgetApi on a real Synapse: a MatrixRTC call with all that goes wrong with it.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { APIS, pagePath } from "../test/js-sdk-build.mjs";
import { JsSdkWidget, leaveSteps, MEMBER, membership, until } from "../test/js-sdk-kit.mjs";
import { TOO_LONG } from "./room.mjs";
import { good, sleep, world } from "./world.mjs";

const { openRoom, openContext, openHost, synapses } = await world(
  "raised",
  "defaultLimits",
  "withoutDelayedEvents",
);

const DELAY_MS = 4000;
/** How much later than the last restart that was seen its timer may run out: there was another one, and the machine is busy. */
const LATE_MS = 5000;

/** Opens a client of an account in a room, with js-sdk in it that has started. */
async function openIn(context, { api, room, account = room.config, ...options }) {
  const { userId, deviceId } = account;
  const who = { userId, deviceId };
  const widgetOptions = { ...who, baseUrl: room.config.homeserver, contentLoaded: true, ...options };
  const { page } = await openHost(context, { room, account, path: pagePath(api), options: widgetOptions });
  const widget = await JsSdkWidget.in(page, who);
  good(await widget.started());
  return { context, room, page, widget };
}

async function open(t, api, { synapse = synapses.raised, ...options } = {}) {
  return openIn(await openContext(t), { api, room: await openRoom(synapse), ...options });
}

function join({ widget }, config) {
  return widget.joined({ delayedLeaveEventDelayMs: DELAY_MS, delayedLeaveEventRestartMs: 800, ...config });
}

const wire = ({ page }) => page.evaluate(() => window.wire);
const steps = async (opened) => leaveSteps(await wire(opened), opened.widget.key);

/** Waits until the widget has asked for its leave to be put off so often; returns when it last did (ms epoch). */
const restarted = (opened, count) =>
  until(`${count} restarts`, async () => {
    const asked = (await wire(opened)).filter(
      ({ message }) => message.data?.action === "restart" && message.response === undefined,
    );
    return asked.length >= count && asked.at(-1).t;
  });

async function lose(opened, share, ...wires) {
  await opened.page.evaluate(
    ([share, wires]) => {
      for (const wire of wires) window.loss.share[wire] = share;
    },
    [share, wires],
  );
}

/** The member has left, by the server's timer: not early, and not late. */
async function goneByTimer(t, { room, widget }, restartedAt) {
  const left = await room.leftAt(widget.key, { within: DELAY_MS });
  t.diagnostic(`left ${left - restartedAt} ms after the last restart that was seen, delay ${DELAY_MS} ms`);
  assert.ok(left >= restartedAt + DELAY_MS, "the leave was there before its timer ran out");
  assert.ok(left <= restartedAt + DELAY_MS + LATE_MS, "the leave was there long after its timer ran out");
  assert.equal((await room.leaves(widget.key)).length, 1);
}

/** The call is left by its own leave, and the room has seen one join and one leave. */
async function leavesBySend({ room, widget, ...opened }) {
  assert.equal(good(await widget.leave()), true);
  assert.equal((await steps({ widget, ...opened })).at(-1), "send");
  assert.deepEqual(await room.scheduled(widget.key), []);
  assert.deepEqual(await room.current(widget.key), {});
  assert.equal((await room.joins(widget.key)).length, 1);
  assert.equal((await room.leaves(widget.key)).length, 1);
  assert.deepEqual(await widget.told("failed"), []);
}

const ends = {
  "its iframe is removed": ({ page }) => page.evaluate(() => window.removeWidget()),
  "the host's page is closed": ({ page }) => page.close(),
  "the host's page is killed": async ({ context, page }) => {
    const session = await context.newCDPSession(page);
    session.send("Page.crash").catch(() => {});
  },
};

for (const api of APIS) {
  describe(`js-sdk around ${api}`, { concurrency: 3 }, () => {
    test(`js-sdk around ${api}: two members start, join, exchange keys, put their leaves off, and leave by send`, async (t) => {
      const alice = await open(t, api);
      const { room, context } = alice;
      const { moderator } = room.config;
      const other = await openIn(context, { api, room, account: moderator });
      for (const { widget } of [alice, other]) {
        const members = await widget.state("m.room.member");
        assert.deepEqual(
          members.map(({ state_key }) => state_key).sort(),
          [room.config.userId, moderator.userId].sort(),
        );
      }
      await join(alice, { manageMediaKeys: true });
      await join(other, { manageMediaKeys: true });
      for (const [one, its] of [
        [alice, other],
        [other, alice],
      ]) {
        await one.widget.waitForMembers(alice.widget.id, other.widget.id);
        await one.widget.waitFor("key", ({ userId }) => its.widget.id.startsWith(userId));
        await restarted(one, 4);
        assert.deepEqual((await steps(one)).slice(0, 4), ["schedule", "write join", "restart", "restart"]);
      }
      assert.equal((await room.scheduled(alice.widget.key)).length, 1);
      await leavesBySend(other);
      await alice.widget.waitForMembers(alice.widget.id);
      await leavesBySend(alice);
    });

    for (const [how, end] of Object.entries(ends)) {
      test(`js-sdk around ${api}: the member is gone by itself after ${how}`, async (t) => {
        const opened = await open(t, api);
        await join(opened);
        const at = await restarted(opened, 3);
        await end(opened);
        await goneByTimer(t, opened, at);
      });
    }

    test(`js-sdk around ${api}: the homeserver's limit ends the call with the homeserver's words, as it always did`, async (t) => {
      const opened = await open(t, api);
      const { room, widget } = opened;
      good(await widget.join({ delayedLeaveEventDelayMs: 48 * 3600 * 1000 }));
      const { message } = await widget.waitFor("failed");
      const said = message.match(/even though delayed events are supported\. (\S+): MatrixError: \[(\d+)\]/);
      assert.ok(said, message);
      assert.equal(said[1], TOO_LONG[said[2]]);
      assert.deepEqual(await steps(opened), ["schedule", "write join", "schedule"]);
      assert.deepEqual(await room.scheduled(widget.key), []);
    });

    test(`js-sdk around ${api}: the call outlives restarts that are limited`, async (t) => {
      const opened = await open(t, api, { synapse: synapses.defaultLimits });
      await join(opened, { delayedLeaveEventRestartMs: 150 });
      await restarted(opened, 9);
      const limited = (await wire(opened)).filter(
        ({ message }) => message.response?.error?.matrix_api_error?.http_status === 429,
      );
      assert.ok(limited.length > 0, "nothing was limited");
      await sleep(DELAY_MS);
      assert.deepEqual(await opened.room.leaves(opened.widget.key), []);
      assert.deepEqual(await opened.widget.told("failed"), []);
      const unknown = await opened.widget.client("_unstable_restartScheduledDelayedEvent", "syd_nobody");
      assert.deepEqual(unknown.classes, ["MatrixError", "HTTPError"]);
      t.diagnostic(
        `${limited.length} restarts limited; an unknown one: ${unknown.httpStatus} ${unknown.errcode}`,
      );
    });

    test(`js-sdk around ${api}: the call outlives a host that has lost its homeserver`, async (t) => {
      const opened = await open(t, api);
      await join(opened, { delayedLeaveEventDelayMs: 8000 });
      await lose(opened, 1, "host>homeserver");
      const delayId = (await opened.widget.told("delayId")).at(-1);
      const failed = await opened.widget.client("_unstable_restartScheduledDelayedEvent", delayId);
      assert.deepEqual(
        [failed.classes, failed.message, failed.data],
        [["WidgetApiResponseError"], "Error updating delayed event", {}],
      );
      const before = (await steps(opened)).length;
      await until("three more restarts", async () => (await steps(opened)).length >= before + 3);
      await lose(opened, 0, "host>homeserver");
      await restarted(opened, before + 3);
      await sleep(1000);
      await leavesBySend(opened);
    });

    test(`js-sdk around ${api}: the call outlives a host that does not answer, which is a ConnectionError`, async (t) => {
      const opened = await open(t, api, { timeoutSeconds: 1 });
      const { room, widget } = opened;
      await join(opened, { delayedLeaveEventDelayMs: 12_000 });
      await lose(opened, 1, "host>widget");
      const late = await widget.client(
        "sendStateEvent",
        room.config.roomId,
        MEMBER,
        {},
        `_${widget.id}_late`,
      );
      assert.equal(late.ok, false);
      const foreign = await widget.client("_unstable_restartScheduledDelayedEvent", "syd_nobody");
      assert.deepEqual([foreign.classes, foreign.message], [["ConnectionError"], "widget api timeout"]);
      await lose(opened, 0, "host>widget");
      await widget.patience(10);
      await sleep(1500);
      await leavesBySend(opened);
    });

    test(`js-sdk around ${api}: the member joins again when somebody else wrote its leave`, async (t) => {
      const opened = await open(t, api);
      const { room, widget } = opened;
      await join(opened);
      await widget.waitForMembers(widget.id);
      await room.sendAsModerator(MEMBER, {}, widget.key);
      await until("a second join", async () => {
        return (await steps(opened)).filter((step) => step === "write join").length === 2;
      });
      await widget.waitForMembers(widget.id);
      await restarted(opened, 3);
      assert.equal((await room.scheduled(widget.key)).length, 1);
      assert.equal(good(await widget.leave()), true);
      assert.deepEqual(await room.current(widget.key), {});
    });

    test(`js-sdk around ${api}: another member's join and leave is seen, whatever wrote them`, async (t) => {
      const { room, widget } = await open(t, api);
      const { userId } = room.config.moderator;
      await room.sendAsModerator(MEMBER, membership(userId, "OTHER"), `_${userId}_OTHER_m.call`);
      await widget.waitForMembers(`${userId}:OTHER`);
      await room.sendAsModerator(MEMBER, {}, `_${userId}_OTHER_m.call`);
      await widget.waitForMembers();
    });

    test(`js-sdk around ${api}: a homeserver without delayed events is joined without one`, async (t) => {
      const opened = await open(t, api, { synapse: synapses.withoutDelayedEvents });
      await join(opened);
      await opened.widget.waitForMembers(opened.widget.id);
      assert.equal(good(await opened.widget.leave()), true);
      assert.deepEqual(await steps(opened), ["write join", "write leave"]);
    });

    test(`js-sdk around ${api}: the homeserver's proof of identity and TURN servers, until js-sdk is stopped`, async (t) => {
      const opened = await open(t, api, { capabilities: { turnServers: true } });
      const { room, widget } = opened;
      const token = good(await widget.client("getOpenIdToken"));
      assert.equal(token.token_type, "Bearer");
      assert.equal(token.matrix_server_name, room.config.userId.split(":")[1]);
      const [server] = await widget.waitFor("turnServers");
      assert.deepEqual(server.urls, ["turn:turn.example.org"]);
      assert.match(server.username, new RegExp(`:${room.config.userId}$`));
      await widget.stop();
      await until("an answered unwatch_turn_servers", async () =>
        (await wire(opened)).some(
          ({ message }) => message.action === "unwatch_turn_servers" && message.response !== undefined,
        ),
      );
      const heard = (await widget.told("turnServers")).length;
      await sleep(3000);
      assert.equal((await widget.told("turnServers")).length, heard);
    });
  });
}
