/** The room as the homeserver tells it, asked over plain HTTP and not through any page. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

/** What the homeserver is on a good day. */
const GOOD_DAY = {
  faults: {},
  options: {
    maxDelayMs: 0,
    maxScheduled: 0,
    maxWrongTokens: 0,
    noDelayedEvents: false,
    ownStateCancels: false,
    managePerSecond: 0,
    manageBurst: 0,
    generation: "",
    tooLong: "",
    tooMany: "",
    off: "",
    finished: "",
  },
};

/** What a server needs to notice that a timer ran out and to write the event. */
const FIRING_SLACK_MS = 3000;

export class Room {
  constructor(config) {
    this.config = config;
    this.keys = 0;
  }

  async get(path, token = this.config.accessToken) {
    return this.request("GET", path, undefined, token);
  }

  async request(method, path, body, token) {
    const response = await fetch(new URL(path, this.config.homeserver), {
      method,
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer = await response.json();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  /** Changes the homeserver while it runs: its options, its faults, its clock, or that it forgets what is scheduled. Tells its state. */
  async administer(change) {
    const response = await fetch(new URL("homeserver", this.config.host), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(change),
    });
    assert.ok(response.ok, `administer: ${response.status} ${await response.clone().text()}`);
    return response.json();
  }

  /** Makes the homeserver again what it was at first, its clock too. */
  async heal() {
    const { clockStepMs } = await this.administer(GOOD_DAY);
    if (clockStepMs !== 0) await this.administer({ stepClockMs: -clockStepMs });
  }

  async timeline() {
    const { chunk } = await this.get(
      `_matrix/client/v3/rooms/${encodeURIComponent(this.config.roomId)}/messages?dir=f&limit=1000`,
    );
    return chunk;
  }

  futures() {
    return this.get("_matrix/client/v3/future");
  }

  async delayedEvents() {
    return (await this.get("_matrix/client/unstable/org.matrix.msc4140/delayed_events")).delayed_events;
  }

  /** What the homeserver will send later for that state key, of either generation: by what it is known, and what. */
  async scheduled(key) {
    const path = `/${encodeURIComponent(key)}`;
    const [futures, delayed] = await Promise.all([this.futures(), this.delayedEvents()]);
    return [
      ...futures
        .filter(({ url }) => new URL(url, this.config.homeserver).pathname.endsWith(path))
        .map(({ response, body }) => ({ secret: response.send_token, content: body })),
      ...delayed
        .filter(({ state_key }) => state_key === key)
        .map(({ delay_id, content }) => ({ secret: delay_id, content })),
    ];
  }

  /** What was written under that state key, oldest first. */
  async contents(key) {
    return (await this.eventsWithKey(key)).map(({ content }) => content);
  }

  /** Waits until so many events have that state key; returns them. */
  async waitForEvents(key, count, { within = 5000 } = {}) {
    const deadline = Date.now() + within;
    for (;;) {
      const events = await this.eventsWithKey(key);
      if (events.length >= count) return events;
      assert.ok(
        Date.now() < deadline,
        `${events.length} instead of ${count} events with state key ${key} within ${within} ms`,
      );
      await sleep(20);
    }
  }

  /** Another member says something. */
  sendAsModerator(type, content, stateKey) {
    const room = encodeURIComponent(this.config.roomId);
    const path =
      stateKey === undefined
        ? `send/${encodeURIComponent(type)}/t${Date.now()}${Math.random()}`
        : `state/${encodeURIComponent(type)}/${encodeURIComponent(stateKey)}`;
    return this.request(
      "PUT",
      `_matrix/client/v3/rooms/${room}/${path}`,
      content,
      this.config.moderator.accessToken,
    );
  }

  /** Schedules a state with that key, past every page; returns its delay id. */
  async delay(key, ms) {
    const room = encodeURIComponent(this.config.roomId);
    const path = `_matrix/client/v3/rooms/${room}/state/org.example.delayed/${encodeURIComponent(key)}`;
    const query = `?org.matrix.msc4140.delay=${ms}`;
    return (await this.request("PUT", path + query, {}, this.config.accessToken)).delay_id;
  }

  /** Does something to a delayed event, past every page. */
  act(delayId, action) {
    const path = `_matrix/client/unstable/org.matrix.msc4140/delayed_events/${delayId}/${action}`;
    return this.request("POST", path, {}, this.config.accessToken);
  }

  /** A state key no other test uses, so that tests do not see each other's events. */
  key() {
    return `_${this.config.userId}_TEST${++this.keys}`;
  }

  async eventsWithKey(key) {
    return (await this.timeline()).filter((event) => event.state_key === key);
  }

  /** Waits for the first event with that state key. */
  async waitForKey(key, { within = 5000 } = {}) {
    const deadline = Date.now() + within;
    for (;;) {
      const [event] = await this.eventsWithKey(key);
      if (event) return event;
      assert.ok(Date.now() < deadline, `no event with state key ${key} within ${within} ms`);
      await sleep(50);
    }
  }

  /** The future of that key goes out by itself: not before `expiresAt`, and soon after it. */
  async firesOnTime(key, expiresAt) {
    const event = await this.waitForKey(key, {
      within: Math.max(0, expiresAt - Date.now()) + FIRING_SLACK_MS,
    });
    assert.ok(
      event.origin_server_ts >= expiresAt,
      `sent ${expiresAt - event.origin_server_ts} ms before the earliest moment the page was told`,
    );
    return event;
  }
}
