/**
 * What matrix-js-sdk in a widget asks of a host beyond rooms, around the original matrix-widget-api and around ours in its
 * place: keys by to-device messages, proofs of identity, TURN servers, sticky events, and the ways to a LiveKit server.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { good } from "./harness.mjs";
import { APIS } from "./js-sdk-build.mjs";
import { REPORTS, until } from "./js-sdk-kit.mjs";
import { jsSdkWorld } from "./js-sdk-world.mjs";

const { open, config } = await jsSdkWorld();
const { roomId } = config;
const RTC_MEMBER = "org.matrix.msc4143.rtc.member";

async function started(api, options) {
  const opened = await open(api, options);
  good(await opened.widget.started());
  return opened;
}

/** Waits until the widget has made so many requests of that action; returns them. */
const requested = (host, action, count = 1) =>
  until(`${count} requests of ${action}`, async () => {
    const requests = await host.requests(action);
    return requests.length >= count && requests;
  });

for (const api of APIS) {
  describe(`js-sdk around ${api} and what a host has beside rooms`, () => {
    test("js-sdk's members send each other their keys", async () => {
      const alice = await started(api);
      const moderator = await started(api, { as: "moderator" });
      await alice.widget.joined({ manageMediaKeys: true });
      await moderator.widget.joined({ manageMediaKeys: true });
      const keyOf = ({ id }) => ["key", ({ userId, deviceId }) => `${userId}:${deviceId}` === id];
      await alice.widget.waitFor(...keyOf(moderator.widget));
      await moderator.widget.waitFor(...keyOf(alice.widget));
      const [{ data }] = await requested(alice.host, "send_to_device");
      assert.equal(data.encrypted, true);
      assert.equal(data.type, "io.element.call.encryption_keys");
      good(await alice.widget.leave());
      good(await moderator.widget.leave());
    });

    test("js-sdk gets a proof of identity that the user need not be asked for", async () => {
      const { widget } = await started(api);
      const token = good(await widget.client("getOpenIdToken"));
      assert.match(token.access_token, /^openid_/);
      assert.equal(token.matrix_server_name, config.userId.split(":")[1]);
    });

    test("js-sdk gets a proof of identity when the user has been asked, and an error when the user declines", async () => {
      const { host, page, widget } = await started(api);
      await host.set({ openId: { manner: "ask" } });
      for (const allowed of [true, false]) {
        const token = widget.client("getOpenIdToken");
        await page.evaluate((allowed) => window.services.openId.decide(allowed), allowed);
        const { ok, value, message } = await token;
        assert.equal(ok, allowed);
        if (allowed) assert.match(value.access_token, /^openid_/);
        else assert.equal(message, "User declined to verify their identity");
      }
    });

    test("js-sdk watches the TURN servers until it is stopped", async () => {
      const { host, page, widget } = await started(api, { capabilities: { turnServers: true } });
      await widget.waitFor("turnServers", ([server]) => server?.urls[0] === "turn:one.example.org");
      const next = (uri) =>
        page.evaluate((uri) => window.services.turn.next({ uris: [uri], username: "u", password: "p" }), uri);
      await next("turn:two.example.org");
      const [server] = await widget.waitFor(
        "turnServers",
        ([server]) => server?.urls[0] === "turn:two.example.org",
      );
      assert.deepEqual(server, { urls: ["turn:two.example.org"], username: "u", credential: "p" });
      await widget.stop();
      await next("turn:three.example.org"); // the original ends with the first server that comes after it was stopped
      await requested(host, "unwatch_turn_servers");
      assert.equal((await host.requests("watch_turn_servers")).length, 1);
      const heard = (await widget.told("turnServers")).length;
      assert.equal(heard, { original: 3, ours: 2 }[api], "TURN servers that js-sdk has heard of");
    });

    test("js-sdk's member may be a sticky event", async () => {
      const { host, widget } = await started(api, {
        capabilities: {
          sendEvent: [RTC_MEMBER],
          receiveEvent: [RTC_MEMBER],
          sendSticky: true,
          receiveSticky: true,
        },
      });
      good(await widget.join({ unstableSendStickyEvents: true }));
      await widget.waitForMembers(widget.id);
      const [leave, join] = (await requested(host, "send_event", 2)).map(({ data }) => data);
      assert.equal(leave.type, RTC_MEMBER);
      assert.equal(leave.delay, 2500);
      assert.equal(leave.sticky_duration_ms, 3_600_000);
      assert.equal(join.sticky_duration_ms, 3_600_000);
      assert.equal(join.delay, undefined);
      assert.ok(![leave, join].some((data) => "parent_delay_id" in data || "state_key" in data));
      good(await widget.leave());
      await widget.waitForMembers();
    });

    test("js-sdk does without sticky events where they are not approved", async () => {
      const { widget } = await started(api);
      const refused = await widget.client("_unstable_sendStickyEvent", roomId, 60_000, null, RTC_MEMBER, {});
      assert.deepEqual(refused.classes, ["UnsupportedStickyEventsEndpointError"]);
      assert.equal(refused.message, "Widget was not granted the capability to send sticky events");
    });

    test("js-sdk learns of calls' transports, gets a token for one, and hands its leave over", async () => {
      const { host, widget } = await started(api, {
        expect: REPORTS,
        capabilities: { rtcTransports: true, rtcLivekitGetToken: true, rtcLivekitDelegateDelayedLeave: true },
      });
      const [transport] = good(await widget.client("_unstable_getRTCTransports"));
      assert.equal(transport.type, "livekit");
      const body = { errcode: "M_LIMIT_EXCEEDED", error: "Not so fast", retry_after_ms: 100 };
      const failure = { status: 429, headers: { "retry-after": "7" }, body };
      await host.set({ failures: { getRtcTransports: failure } });
      const limited = await widget.client("_unstable_getRTCTransports");
      assert.deepEqual([limited.httpStatus, limited.retryAfterMs, limited.data], [429, 7000, body]);
      const member = { id: "m", claimed_device_id: "d" };
      const place = { room_id: roomId, slot_id: "m.call#ROOM", member };
      const url = "https://livekit.example.org";
      const { jwt } = good(await widget.client("_unstable_getLivekitToken", { ...place, url }));
      const asked = JSON.parse(atob(jwt.split(".")[1]));
      assert.deepEqual(asked, { ...place, url, server_name: config.userId.split(":")[1] });

      await widget.joined();
      const delayId = (await widget.told("delayId")).at(-1);
      const delegate = (delay_id) => widget.client("_unstable_delegateDelayedLeave", { ...place, delay_id });
      good(await delegate(delayId));
      assert.equal((await host.calls("delegateRtcLivekitDelayedLeave")).length, 1);
      const unknown = await delegate("syd_nobody");
      assert.deepEqual(unknown.classes, ["MatrixError", "HTTPError"]);
      assert.equal(unknown.httpStatus, 404);
      good(await widget.leave());
    });
  });
}
