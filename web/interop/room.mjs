/** A room on a real Synapse, asked over plain HTTP and not through any page. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Room } from "../test/room.mjs";

/** The state that MatrixRTC keeps for each of its members. */
export const TYPE = "org.matrix.msc3401.call.member";

/** How Synapse refuses an over-long delay: in its own words since 1.161, as forbidden before. */
export const TOO_LONG = { 400: "ORG.MATRIX.MSC4140_DELAY_TOO_LARGE", 403: "M_FORBIDDEN" };

/** How long a leave that is too late is waited for, to know how late it is. */
const TOO_LATE_MS = 20_000;

/** A room on a Synapse. */
export class SynapseRoom extends Room {
  /** What the server holds for one state key. */
  async scheduled(key) {
    return (await this.delayedEvents()).filter((event) => event.state_key === key);
  }

  /** The events of one key without content: the leaves. */
  async leaves(key) {
    return (await this.eventsWithKey(key)).filter(isLeave);
  }

  async joins(key) {
    return (await this.eventsWithKey(key)).filter((event) => !isLeave(event));
  }

  /** The content that the state of one key has now. */
  current(key) {
    const path = [this.config.roomId, "state", TYPE, key].map(encodeURIComponent).join("/");
    return this.get(`_matrix/client/v3/rooms/${path}`);
  }

  /**
   * Waits until the state is the leave; returns when that was seen (ms epoch). The event's own time would not tell: for a
   * timer that ran out Synapse writes when it was due, however late it is. The question is a cheap one, so that asking
   * does not keep the server from what is measured.
   */
  async leftAt(key, { within }) {
    const deadline = Date.now() + within + TOO_LATE_MS;
    while (Object.keys(await this.current(key)).length > 0) {
      assert.ok(Date.now() < deadline, `no leave of ${key} in the room within ${within + TOO_LATE_MS} ms`);
      await sleep(40);
    }
    return Date.now();
  }

  /** How many ms after the moment that `end` returns the state was left; it is looked at while `end` still runs. */
  async leftAfter(key, end, options) {
    const [left, at] = await Promise.all([this.leftAt(key, options), end()]);
    return left - at;
  }

  /** How long a bare state event takes from its request to being seen. */
  async roundTripMs() {
    const key = `_${this.config.userId}_FLOOR${Date.now()}`;
    const at = Date.now();
    await this.sendAsModerator(TYPE, {}, key);
    return (await this.leftAt(key, { within: 0 })) - at;
  }

  /** The same goes for "not early". */
  async firesOnTime(key, expiresAt) {
    const event = await super.firesOnTime(key, expiresAt);
    const seen = Date.now();
    assert.ok(seen >= expiresAt, `in the room ${expiresAt - seen} ms too early`);
    return { ...event, seen };
  }
}

const isLeave = (event) => Object.keys(event.content).length === 0;
