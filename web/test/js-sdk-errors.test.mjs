/**
 * What goes wrong below matrix-js-sdk in a widget, around the original matrix-widget-api and around ours in its place: which
 * error js-sdk makes of it, and whether its member stays in the call.
 */
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { good, sleep } from "./harness.mjs";
import { APIS } from "./js-sdk-build.mjs";
import { leaveSteps, MEMBER, REPORTS, UPDATE, until } from "./js-sdk-kit.mjs";
import { jsSdkWorld } from "./js-sdk-world.mjs";

const { room, open, config } = await jsSdkWorld();
const { roomId } = config;

const DELAYED = "/delayed_events/";
/** A homeserver without faults, and with the usual options. */
const GOOD_DAY = {
  faults: {},
  options: { noDelayedEvents: false, maxDelayMs: 86_400_000, tooLong: "", ownStateCancels: false },
};

afterEach(() => room.administer(GOOD_DAY));

/** Opens js-sdk and has it start; errors on the console are what these tests are about. */
async function started(api, options) {
  const opened = await open(api, { expect: REPORTS, ...options });
  good(await opened.widget.started());
  return opened;
}

const steps = async ({ host, widget }) => leaveSteps(await host.wire(), widget.key);

/** Waits until the widget has taken that step so often. */
const step = (opened, name, count) =>
  until(`${count} times "${name}"`, async () => {
    return (await steps(opened)).filter((step) => step === name).length >= count;
  });

/** The error of an outcome that must be of these classes, of those that js-sdk tells apart. */
function failed(outcome, ...classes) {
  assert.equal(outcome.ok, false, `resolved to ${JSON.stringify(outcome.value)}`);
  assert.deepEqual(outcome.classes, classes, `${outcome.name}: ${outcome.message}`);
  return outcome;
}

for (const api of APIS) {
  describe(`errors of js-sdk around ${api}`, () => {
    test("what the homeserver refuses is a MatrixError, with all that it said", async () => {
      const { widget } = await started(api);
      const restart = () => widget.client("_unstable_restartScheduledDelayedEvent", "syd_nobody");
      const gone = failed(await restart(), "MatrixError", "HTTPError");
      assert.equal(gone.httpStatus, 404);
      assert.equal(gone.errcode, "M_NOT_FOUND");
      assert.equal(gone.retryAfterMs, null);

      await room.administer({ faults: { status: 429, retryAfterMs: 1234, only: DELAYED } });
      const limited = failed(await restart(), "MatrixError", "HTTPError");
      assert.equal(limited.httpStatus, 429);
      assert.equal(limited.errcode, "M_LIMIT_EXCEEDED");
      assert.equal(limited.data.retry_after_ms, 1234);
      assert.ok(limited.retryAfterMs >= 1234, `${limited.retryAfterMs}`);
    });

    test("what the host refuses by itself is the WidgetApiResponseError that js-sdk imports, in the host's words", async () => {
      const { widget } = await started(api);
      const state = ["org.example.never", {}, "key"];
      const refused = failed(
        await widget.client("sendStateEvent", roomId, ...state),
        "WidgetApiResponseError",
      );
      assert.equal(refused.message, "Cannot send state events of this type");
      assert.deepEqual(refused.data, {});
    });

    test("js-sdk's own send is what every method of the WidgetApi goes through", async () => {
      const { widget } = await started(api);
      const used = await widget.frame.evaluate(async (roomId) => {
        const { api, untouched } = window.jsSdk;
        const { transport } = api;
        const used = [];
        for (const name of ["send", "sendComplete"]) {
          const replacement = transport[name];
          if (replacement === untouched[name]) throw new Error(`js-sdk has not replaced ${name}`);
          transport[name] = (action, data) => {
            used.push(`${name} ${action}`);
            return replacement(action, data);
          };
        }
        await api.readStateEvents("m.room.name", undefined, "", [roomId]);
        await api.restartScheduledDelayedEvent("syd_nobody").catch(() => {});
        await api.requestOpenIDConnectToken();
        return used;
      }, roomId);
      assert.deepEqual(
        used.filter((line) => line.startsWith("send ")),
        ["send org.matrix.msc2876.read_events", `send ${UPDATE}`],
      );
      assert.ok(used.includes("sendComplete get_openid"));
      await room.administer({ faults: { status: 403, only: MEMBER } });
      failed(await widget.api("sendStateEvent", MEMBER, widget.key, {}, roomId), "MatrixError", "HTTPError");
      failed(await widget.api("restartScheduledDelayedEvent", "syd_nobody"), "MatrixError", "HTTPError");
    });

    test("what is not answered in time is a ConnectionError", async () => {
      const { widget } = await started(api, { timeoutSeconds: 1 });
      await room.administer({ faults: { lateMs: 4000, only: MEMBER } });
      const late = failed(
        await widget.client("sendStateEvent", roomId, MEMBER, {}, widget.key),
        "ConnectionError",
      );
      assert.equal(late.message, "widget api timeout");
    });

    const sent = api === "original";
    test(`an event that is to wait for another ${sent ? "is sent at once" : "is refused, and nothing is posted"}`, async () => {
      const { host, widget } = await started(api);
      const late = [roomId, { parent_delay_id: "syd_other" }, MEMBER, {}, widget.key];
      const { ok, message } = await widget.client("_unstable_sendDelayedStateEvent", ...late);
      assert.equal(ok, false);
      assert.match(message, sent ? /^'delay_id' absent from response/ : /parentDelayId/);
      assert.equal((await room.contents(widget.key)).length, sent ? 1 : 0);
      assert.equal((await host.requests("send_event")).length, sent ? 1 : 0);
    });

    test("js-sdk does without a delayed leave where the homeserver has none, and asks the host for none", async () => {
      await room.administer({ options: { noDelayedEvents: true } });
      const opened = await started(api);
      await opened.widget.joined();
      await opened.widget.waitForMembers(opened.widget.id);
      good(await opened.widget.leave());
      assert.deepEqual(await steps(opened), ["write join", "write leave"]);
      assert.deepEqual(await opened.widget.told("failed"), []);
    });

    test("js-sdk shortens a delay that is too long for the homeserver, where it is told the most", async () => {
      await room.administer({ options: { maxDelayMs: 3000, tooLong: "unstable" } });
      const opened = await started(api);
      await opened.widget.joined({ delayedLeaveEventDelayMs: 8000 });
      const [{ delay }] = await room.delayedEvents();
      assert.equal(delay, 3000);
      good(await opened.widget.leave());
      assert.deepEqual([...new Set(await steps(opened))], ["schedule", "write join", "restart", "send"]);
    });

    test("js-sdk gives the call up, with its join in the room, where a delay is too long and nobody says by how much", async () => {
      await room.administer({ options: { maxDelayMs: 3000 } });
      const opened = await started(api);
      good(await opened.widget.join({ delayedLeaveEventDelayMs: 8000 }));
      const { message } = await opened.widget.waitFor("failed");
      assert.match(
        message,
        /Could not send delayed event, even though delayed events are supported\. M_FORBIDDEN/,
      );
      assert.deepEqual(await steps(opened), ["schedule", "write join", "schedule"]);
      await room.sendAsModerator(MEMBER, {}, opened.widget.key); // nobody else will
    });

    test("js-sdk stays in the call while restarts are limited, and waits as long as it is told", async () => {
      const opened = await started(api);
      await opened.widget.joined();
      const isLimited = ({ message }) => message.response?.error?.matrix_api_error;
      let wire = [];
      while (!wire.some(isLimited)) {
        // On a busy machine no restart may fall into these moments.
        await room.administer({ faults: { status: 429, retryAfterMs: 1000, only: DELAYED, forMs: 800 } });
        await sleep(900);
        wire = await opened.host.wire();
      }
      const limited = wire.findIndex(isLimited);
      let again;
      await until("a restart after the limited one", async () => {
        again = (await opened.host.wire()).find(
          ({ message }, i) =>
            i > limited && message.response === undefined && message.data.action === "restart",
        );
        return again;
      });
      assert.ok(again.t - wire[limited].t >= 990, `asked again after ${again.t - wire[limited].t} ms`);
      assert.deepEqual(await opened.widget.told("failed"), []);
      good(await opened.widget.leave());
      assert.equal((await room.contents(opened.widget.key)).length, 2);
    });

    test("js-sdk stays in the call while a host cannot say why it did not update a delayed event", async () => {
      const opened = await started(api);
      await opened.widget.joined();
      await room.administer({ faults: { down: "abort", only: DELAYED, forMs: 1000 } });
      const error = failed(
        await opened.widget.client(
          "_unstable_restartScheduledDelayedEvent",
          (await opened.widget.told("delayId")).at(-1),
        ),
        "WidgetApiResponseError",
      );
      assert.equal(error.message, "Error updating delayed event");
      await sleep(1000);
      await step(opened, "restart", (await steps(opened)).length + 2);
      assert.deepEqual(await opened.widget.told("failed"), []);
      good(await opened.widget.leave());
      assert.equal((await room.contents(opened.widget.key)).length, 2);
    });

    test(`a leave that is scheduled after js-sdk was told that it was not ${sent ? "fires in the call" : "is cancelled"}`, async () => {
      const { widget } = await started(api, { timeoutSeconds: 1 });
      await room.administer({ faults: { lateMs: 1800, only: MEMBER } });
      good(await widget.join());
      await until("a leave on the homeserver", async () => (await room.scheduled(widget.key)).length > 0);
      await room.administer({ faults: {} });
      await widget.waitFor("status", (status) => status === "Connected");
      await widget.patience(10);
      await sleep(3000);
      const [joined, ...more] = await room.contents(widget.key);
      assert.equal(joined.application, "m.call");
      assert.deepEqual(more.slice(0, 1), sent ? [{}] : []);
      good(await widget.leave());
    });

    test("js-sdk schedules its leave anew where the homeserver lost it to the join", async () => {
      await room.administer({ options: { ownStateCancels: true } });
      const opened = await started(api);
      await opened.widget.joined();
      await step(opened, "schedule", 2);
      await step(opened, "restart", 2);
      assert.equal((await room.scheduled(opened.widget.key)).length, 1);
      good(await opened.widget.leave());
      assert.deepEqual((await steps(opened)).slice(0, 4), ["schedule", "write join", "restart", "schedule"]);
      assert.equal((await room.contents(opened.widget.key)).length, 2);
    });

    test("js-sdk joins again when somebody else wrote its leave", async () => {
      const opened = await started(api);
      await opened.widget.joined();
      await opened.widget.waitForMembers(opened.widget.id);
      await room.sendAsModerator(MEMBER, {}, opened.widget.key);
      await step(opened, "write join", 2);
      await step(opened, "schedule", 2);
      await opened.widget.waitForMembers(opened.widget.id);
      assert.equal((await room.scheduled(opened.widget.key)).length, 1);
      good(await opened.widget.leave());
      assert.equal((await room.contents(opened.widget.key)).at(-1).device_id, undefined);
    });
  });
}
