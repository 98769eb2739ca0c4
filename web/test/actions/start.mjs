/** The beginning of a conversation, and the events and futures that it is for: once, so that all actions are among the scenes. */
import assert from "node:assert/strict";
import { good } from "../harness.mjs";

const UPDATE = "org.matrix.msc4157.update_delayed_event";
const ASK = "org.matrix.msc2974.request_capabilities";
const SENT = "org.example.sent";

export const START_SCENES = [
  {
    name: "host and widget tell each other what they know, want and allow",
    asked: ["supported_api_versions", "content_loaded", ASK],
    told: ["supported_api_versions", "capabilities", "notify_capabilities"],
    async play(open) {
      const { host, widget } = await open();
      const [{ supported_versions: versions }] = await host.answers("supported_api_versions");
      assert.deepEqual(await widget.frame.evaluate(() => [...window.client.hostVersions]), versions);
      const { value } = await host.ask("supported_api_versions");
      for (const version of value.supported_versions) assert.ok(versions.includes(version), version);
      assert.deepEqual(await host.answers("content_loaded"), [{}]);
      const more = "org.matrix.msc2762.send.event:org.example.more";
      const approved = good(await widget.call("requestCapabilities", [more]));
      assert.ok(approved.includes(more));
      assert.deepEqual(approved, await widget.frame.evaluate(() => [...window.client.approvedCapabilities]));
      good(await widget.call("sendEvent", { type: "org.example.more", content: {} }));
    },
  },
  {
    name: "what is sticky in the room is pushed at the start, to a widget that may receive it",
    told: ["send_event"],
    async play(open) {
      const { room, widget } = await open();
      const content = { body: room.key() };
      const sticky = { type: SENT, content, stickyDurationMs: 60_000 };
      const { eventId } = good(await widget.call("sendEvent", sticky));
      const receive = `org.matrix.msc2762.receive.event:${SENT}`;
      const capabilities = [receive, "org.matrix.msc4407.receive.sticky_event"];
      const other = await open({ options: { capabilities } });
      await other.page.waitForFunction(
        (id) => window.wire.some(({ message }) => message.data.event_id === id && message.response),
        eventId,
      );
      const pushed = (await other.host.wire()).find(({ message }) => message.data.event_id === eventId);
      assert.deepEqual(pushed.message.data.content, content);
      assert.equal(pushed.message.data.msc4354_sticky.duration_ms, 60_000);
    },
  },
  {
    name: "an event is sent, and futures are scheduled, refreshed, sent and cancelled by the driver's own methods",
    asked: ["send_event", UPDATE],
    async play(open) {
      const { config, host, room, widget } = await open();
      const body = room.key();
      const { eventId } = good(await widget.call("sendEvent", { type: SENT, content: { body } }));
      const sent = (await room.timeline()).find(({ event_id }) => event_id === eventId);
      assert.equal(sent.content.body, body);
      assert.deepEqual(await host.calls("sendEvent"), [[SENT, { body }, null, config.roomId]]);
      const later = { type: SENT, content: { body }, timeoutMs: 60_000, allowUnencrypted: true };
      const methods = {
        refresh: "restartScheduledDelayedEvent",
        send: "sendScheduledDelayedEvent",
        cancel: "cancelScheduledDelayedEvent",
      };
      for (const [verb, method] of Object.entries(methods)) {
        const { delayId } = good(await widget.schedule(verb, later));
        good(await widget.verb(verb, verb));
        assert.deepEqual(await host.calls(method), [[delayId]]);
      }
      good(await widget.cancel("refresh"));
      const bodies = (await room.timeline()).filter(({ content }) => content.body === body);
      assert.equal(bodies.length, 2);
    },
  },
];
