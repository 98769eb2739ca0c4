/**
 * matrix-js-sdk as npm has it in a widget, around the original matrix-widget-api and around ours in its place: starting,
 * the state of the room, and a MatrixRTC call from joining to every way of being gone from it.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { good } from "./harness.mjs";
import { APIS } from "./js-sdk-build.mjs";
import {
  JsSdkWidget,
  leaveSteps,
  MEMBER,
  memberKey,
  membership,
  REPORTS,
  saidOnWire,
  until,
} from "./js-sdk-kit.mjs";
import { jsSdkWorld } from "./js-sdk-world.mjs";

const { config, room, open } = await jsSdkWorld();
const { roomId, userId, moderator } = config;

/** Somebody else, with a client that is none of ours. */
const other = {
  deviceId: "OTHER",
  id: `${moderator.userId}:OTHER`,
  key: memberKey(moderator.userId, "OTHER"),
  join: () => room.sendAsModerator(MEMBER, membership(moderator.userId, "OTHER"), other.key),
  leave: () => room.sendAsModerator(MEMBER, {}, other.key),
};

/** How much later than its timer a leave may be seen. */
const LATE_MS = 5000;

const ends = {
  "its iframe is removed": { site: "cross", end: (page) => page.evaluate(() => window.removeWidget()) },
  "the host's page is killed": {
    site: "same",
    end: async (page) => {
      const session = await page.context().newCDPSession(page);
      session.send("Page.crash").catch(() => {});
    },
  },
};

const isAnswerTo =
  (action) =>
  ({ direction, message }) =>
    direction === "widget>host" && message.action === action && message.response !== undefined;

/** Waits until the widget has asked for its leave to be put off so many times; returns when it last did (ms epoch). */
const restart = (host, count) =>
  until(`${count} restarts`, async () => {
    const asked = (await host.wire()).filter(
      ({ message }) => message.data.action === "restart" && message.response === undefined,
    );
    return asked.length >= count && asked.at(-1).t;
  });

for (const api of APIS) {
  describe(`js-sdk around ${api}`, () => {
    for (const wait of ["content", "load"]) {
      test(`js-sdk knows the state of the room that a host pushes, after ${wait === "load" ? "the iframe's load" : "content_loaded"}`, async () => {
        const { host, widget } = await open(api, { wait });
        good(await widget.started());
        assert.deepEqual(await named(widget), [userId, moderator.userId].sort());
        assert.deepEqual((await widget.state("m.room.create")).length, 1);
        assert.deepEqual(await host.requests("org.matrix.msc2876.read_events"), []);
        assert.equal((await host.requests("content_loaded")).length, wait === "content" ? 1 : 0);
      });
    }

    test("js-sdk asks a host for the state of the room that does not push it", async () => {
      const { host, widget } = await open(api, { lib: "mwa-1.9.0" });
      good(await widget.started());
      assert.deepEqual(await named(widget), [userId, moderator.userId].sort());
      const asked = await host.requests("org.matrix.msc2876.read_events");
      assert.deepEqual(
        asked.map(({ data }) => data),
        ["m.room.create", "m.room.name", "m.room.member", "m.room.encryption", MEMBER].map((type) => ({
          type,
          state_key: true,
          room_ids: [roomId],
        })),
      );
    });

    test("js-sdk hears a burst of events, each once and in its order, and acknowledges all", async () => {
      const { page, host, widget } = await open(api);
      good(await widget.started());
      const ids = Array.from({ length: 300 }, (_, i) => `$burst${i}`);
      await page.evaluate(
        ([ids, room_id, sender]) => {
          const event = { type: "m.reaction", room_id, sender, content: {}, origin_server_ts: Date.now() };
          for (const event_id of ids) window.feed({ ...event, event_id });
        },
        [ids, roomId, moderator.userId],
      );
      await widget.waitFor("event", ({ event_id }) => event_id === ids.at(-1));
      const heard = (await widget.told("event")).map(({ event_id }) => event_id);
      assert.deepEqual(
        heard.filter((id) => id.startsWith("$burst")),
        ids,
      );
      await until("an answer to each", async () => {
        return (await host.wire()).filter(isAnswerTo("send_event")).length >= ids.length;
      });
      assert.ok(!(await host.events()).some(({ name }) => name === "unheard"));
      // js-sdk asks the WidgetApi for the host's versions at every event.
      assert.ok((await host.requests("supported_api_versions")).length <= 2);
    });

    test("js-sdk starts anew, and joins, in a page that is loaded anew", async () => {
      const { page, widget: old } = await open(api);
      good(await old.started());
      await page.evaluate(() => window.reloadWidget());
      await old.frame.waitForNavigation();
      const widget = await JsSdkWidget.in(page, old);
      good(await widget.started());
      await widget.joined();
      assert.equal(good(await widget.leave()), true);
      assert.deepEqual(await widget.state("m.room.name"), await old.state("m.room.name"));
    });

    for (const [how, { site, end }] of Object.entries(ends)) {
      test(`js-sdk's member is gone from the room by itself after ${how}, ${site}-site`, async () => {
        const { page, host, widget } = await open(api, { site });
        const delayMs = 2500;
        good(await widget.started());
        await widget.joined({ delayedLeaveEventDelayMs: delayMs });
        const restarted = await restart(host, 2);
        assert.deepEqual(leaveSteps(await host.wire(), widget.key).slice(0, 3), [
          "schedule",
          "write join",
          "restart",
        ]);
        await end(page);
        const [, left] = await room.waitForEvents(widget.key, 2, { within: delayMs + LATE_MS });
        assert.deepEqual(left.content, {});
        assert.ok(
          left.origin_server_ts >= restarted + delayMs,
          "the leave was there before its timer ran out",
        );
      });
    }
  });
}

/** Whom js-sdk has heard to be in the room. */
async function named(widget) {
  const members = await widget.state("m.room.member");
  return members.map(({ state_key }) => state_key).sort();
}

for (const lib of ["mwa-1.19.0", "mwa-1.9.0", "rust-style"]) {
  describe(`a call on ${lib}`, () => {
    const said = {};

    for (const api of APIS) {
      test(`js-sdk around ${api} joins, keeps its leave away, sees others come and go, and leaves by send`, async () => {
        const { host, widget } = await open(api, { lib, expect: REPORTS });
        good(await widget.started());
        await other.join();
        await widget.waitForMembers(other.id);
        await widget.joined({ manageMediaKeys: true });
        await widget.waitForMembers(other.id, widget.id);
        const [{ content }] = await room.scheduled(widget.key);
        assert.deepEqual(content, {});
        await other.leave();
        await widget.waitForMembers(widget.id);
        await restart(host, 3);
        assert.equal(good(await widget.leave()), true);
        await widget.waitForMembers();

        const steps = leaveSteps(await host.wire(), widget.key);
        assert.deepEqual([...new Set(steps)], ["schedule", "write join", "restart", "send"]);
        assert.equal(steps.filter((step) => step !== "restart").length, 3, steps.join());
        const [joined, left, ...more] = await room.contents(widget.key);
        assert.equal(joined.device_id, widget.id.split(":").at(-1));
        assert.deepEqual([left, more], [{}, []]);
        assert.deepEqual(await room.scheduled(widget.key), []);
        assert.deepEqual(await widget.told("failed"), []);
        said[api] = saidOnWire(await host.wire());
      });
    }

    test("js-sdk says the same to the host around ours as around the original", () => {
      assert.deepEqual(said.ours, said.original);
    });
  });
}

describe("a host that knows no delayed events and sends at once what is meant for later", () => {
  for (const api of APIS) {
    const leaves = api === "original";
    test(`js-sdk around ${api} ${leaves ? "leaves when it has just joined" : "sends no leave"}, and gives the call up`, async () => {
      const { widget } = await open(api, { lib: "mwa-1.6.0", expect: REPORTS });
      good(await widget.started());
      good(await widget.join());
      const { message } = await widget.waitFor("failed");
      assert.match(message, /Could not send delayed event, even though delayed events are supported/);
      const joined = (await room.contents(widget.key)).map(({ application }) => application !== undefined);
      if (leaves) assert.deepEqual(joined.slice(0, 3), [false, true, false]);
      else assert.deepEqual(joined, [true]);
      await room.sendAsModerator(MEMBER, {}, widget.key); // nobody else will
    });
  }
});
