import assert from "node:assert/strict";
import { test } from "node:test";
import { compat, DELAYED, FakeHost, outcome, ROOM, ready, run, sleep, UPDATE, wasm } from "./compat-kit.mjs";

const { WidgetApiResponseError } = compat;
const ours = (script, options) => run("ours", script, options);
const delayed = (api, delay, ...rest) => api.sendStateEvent("m.test", "k", { a: 1 }, ROOM, delay, ...rest);
const warned = (host) => host.console.map(([, ...args]) => args.join(" "));
/** What the widget asked to be scheduled or sent. */
const sent = (host) => host.asked("send_event").map(({ data }) => data);

test("a delayed event is asked for as ever, and only once the host has shown that it knows them", async () => {
  await ours(async ({ api, host }) => {
    await ready(api, DELAYED);
    assert.deepEqual(await delayed(api, 5000), { room_id: ROOM, delay_id: "d1" });
    await delayed(api, 6000);
    const answer = await api.transport.sendComplete("send_event", sent(host)[0]);
    assert.deepEqual(
      [answer.api, answer.action, answer.response.delay_id],
      ["fromWidget", "send_event", "d1"],
    );
    const state = { type: "m.test", state_key: "k", content: { a: 1 }, room_id: ROOM };
    assert.deepEqual(
      sent(host),
      [5000, 6000, 5000].map((delay) => ({ ...state, delay })),
    );
    assert.equal(host.asked(UPDATE).filter(({ data }) => data.delay_id === "").length, 1, "one probe");
  });
});

test("a delayed room event, sticky or not, may leave unencrypted: the original has no word for it", async () => {
  await ours(async ({ api, host }) => {
    await ready(api, [
      ...DELAYED,
      "org.matrix.msc2762.send.event:m.test",
      "org.matrix.msc4407.send.sticky_event",
    ]);
    await api.sendRoomEvent("m.test", {}, ROOM, 5000);
    await api.sendRoomEvent("m.test", {}, ROOM, 5000, 60_000);
    await api.sendRoomEvent("m.test", {}, ROOM, 5000, undefined, 70_000);
    await api.sendRoomEvent("m.test", {}, ROOM, 5000, 0);
    assert.deepEqual(
      sent(host).map((data) => data.sticky_duration_ms),
      [undefined, 60_000, 70_000, undefined],
    );
  });
});

test("what is not approved is refused in the host's stead: nothing is posted, and the cause says what is missing", async () => {
  const host = Object.assign(new FakeHost(), { approve: (one) => !one.includes("msc4157") });
  await ours(
    async ({ api, lib }) => {
      await ready(api, DELAYED);
      const errors = [];
      for (const work of [() => delayed(api, 5000), () => api.cancelScheduledDelayedEvent("d1")])
        errors.push(await work().catch((reason) => reason));
      for (const error of errors) {
        assert.ok(
          error instanceof WidgetApiResponseError && error.constructor === lib.WidgetApiResponseError,
        );
        assert.deepEqual([error.cause.code, error.data], ["capability", {}]);
        assert.deepEqual(Object.keys(error), ["data"]);
      }
      assert.deepEqual(errors[0].cause.missing, DELAYED.slice(2));
      assert.deepEqual([sent(host), host.asked(UPDATE)], [[], []]);
    },
    { host },
  );
});

test("a host that takes the verbs for an unknown action is not asked to schedule", async () => {
  const unknown = ({ action }) => ({ error: { message: `Unknown or unsupported action: ${action}` } });
  await ours(
    async ({ api, host }) => {
      await ready(api, DELAYED);
      const error = await delayed(api, 5000).catch((reason) => reason);
      assert.ok(error instanceof WidgetApiResponseError);
      assert.deepEqual([error.cause.code, sent(host)], ["unsupported", []]);
    },
    { handlers: () => ({ [UPDATE]: unknown, "*": unknown }) },
  );
});

test("a host that sends at once is told apart: the call rejects, it is warned of, and no more are asked for", async () => {
  await ours(
    async ({ api, host }) => {
      await ready(api, DELAYED);
      const error = await delayed(api, 5000).catch((reason) => reason);
      assert.ok(error instanceof WidgetApiResponseError);
      assert.deepEqual([error.cause.code, error.cause.eventId], ["sent_immediately", "$now"]);
      assert.match(warned(host).join(), /sent the event at once/);
      assert.equal((await delayed(api, 5000).catch((reason) => reason)).cause.code, "unsupported");
      assert.equal(sent(host).length, 1);
    },
    { handlers: () => ({ send_event: () => ({ room_id: ROOM, event_id: "$now" }) }) },
  );
});

test("a schedule that timed out is cancelled when its receipt comes late", async () => {
  await ours(async ({ api, host }) => {
    await ready(api, DELAYED);
    await delayed(api, 5000); // the probe is over
    let answer;
    host.handlers.send_event = (request) => {
      answer = () => host.post({ ...request, response: { room_id: ROOM, delay_id: "late" } });
    };
    api.transport.timeoutSeconds = 0.05;
    assert.equal((await outcome(delayed(api, 5000))).error.message, "Request timed out");
    assert.deepEqual(
      host.asked(UPDATE).filter(({ data }) => data.delay_id),
      [],
    );
    await answer();
    await sleep(10);
    assert.deepEqual(host.asked(UPDATE).at(-1).data, { delay_id: "late", action: "cancel" });
  });
});

test("parentDelayId with a delay is warned of and not sent; alone it is refused, and nothing is posted", async () => {
  await ours(async ({ api, host }) => {
    await ready(api, [...DELAYED, "org.matrix.msc2762.send.event:m.test"]);
    await delayed(api, 5000, "parent-secret");
    await api.sendRoomEvent("m.test", {}, ROOM, 5000, "parent-secret", 60_000).catch(() => {});
    assert.deepEqual(
      sent(host).map((data) => data.parent_delay_id),
      [undefined],
    );
    assert.equal(warned(host).length, 2);
    assert.match(warned(host)[0], /parentDelayId is deprecated/);
    assert.doesNotMatch(warned(host).join(), /secret/);
    for (const work of [
      () => api.sendStateEvent("m.test", "k", {}, ROOM, undefined, "parent"),
      () => api.sendRoomEvent("m.test", {}, ROOM, undefined, "parent", 60_000),
      () => api.transport.send("send_event", { type: "m.test", content: {}, parent_delay_id: "parent" }),
    ]) {
      const { error } = await outcome(work);
      assert.equal(error.code, "invalid");
      assert.match(error.message, /^parentDelayId: /);
    }
    assert.equal(sent(host).length, 1);
    // What says nothing is no parent.
    await api.sendStateEvent("m.test", "k", {}, ROOM, undefined, null);
    await api.sendStateEvent("m.test", "k", {}, ROOM, undefined, "");
    assert.deepEqual(
      sent(host)
        .slice(1)
        .map((data) => Object.keys(data)),
      Array(2).fill(["type", "content", "state_key", "room_id"]),
    );
  });
});

test("a delay that is none is refused by name, and so is what no delayed event has; nothing is posted", async () => {
  await ours(async ({ api, host }) => {
    await ready(api, DELAYED);
    const state = { type: "m.test", state_key: "k", content: {}, room_id: ROOM };
    const invalid = async (work, pattern) => {
      const { error } = await outcome(work);
      assert.equal(error?.code, "invalid", String(pattern));
      assert.match(error.message, pattern);
    };
    for (const delay of [0, -1, 1.5, "5000", null, Number.NaN, 2 ** 31, true, {}])
      await invalid(() => delayed(api, delay), /^delay: /);
    await invalid(
      () => api.transport.send("send_event", { ...state, delay: 5000, future_timeout: 1 }),
      /^future_timeout: /,
    );
    for (const name of ["timeout", "group_id", "future_timeout", "future_group_id"])
      await invalid(() => api.transport.send("send_event", { ...state, [name]: 1 }), new RegExp(name));
    await invalid(() => api.sendStateEvent("m.test", "k", { a: new Map() }, ROOM, 5000), /^content\.a: /);
    await invalid(() => api.sendStateEvent("m.test", "k", { a: 1.5 }, ROOM, 5000), /^content\.a: /);
    await invalid(() => api.sendStateEvent("m.test", null, {}, ROOM, 5000), /^stateKey: /);
    await invalid(() => api.sendStateEvent("m.test", "k", {}, undefined, 5000), /^roomId: /);
    await invalid(() => api.sendStateEvent("", "k", {}, ROOM, 5000), /^type: /);
    await invalid(() => api.restartScheduledDelayedEvent(""), /^delayId: /);
    const cycle = {};
    cycle.self = cycle;
    await invalid(() => api.sendStateEvent("m.test", "k", cycle, ROOM, 5000), /^content\.self/);
    const cloned = await outcome(() => api.sendStateEvent("m.test", "k", { f() {} }, ROOM, 5000));
    assert.equal(cloned.error.name, "DataCloneError");
    assert.deepEqual([sent(host), host.asked(UPDATE)], [[], []]);
  });
});

test("a verb that there is not is the host's to refuse, also one that every object has", async () => {
  await ours(async ({ api, host }) => {
    await ready(api, DELAYED);
    for (const action of ["revive", "constructor", "__proto__"]) {
      host.handlers[UPDATE] = () => ({ error: { message: "no such verb" } });
      const { error } = await outcome(api.transport.send(UPDATE, { delay_id: "d1", action }));
      assert.deepEqual([error.name, error.message], ["WidgetApiResponseError", "no such verb"], action);
    }
    assert.deepEqual(
      host.asked(UPDATE).map(({ data }) => data.action),
      ["revive", "constructor", "__proto__"],
    );
  });
});

test("what is sent is what was there when the call was made", async () => {
  await ours(async ({ api, host }) => {
    await ready(api, [...DELAYED, "org.matrix.msc2762.send.event:m.test"]);
    const content = { a: 1 };
    const calls = [
      api.sendStateEvent("m.test", "k", content, ROOM, 5000),
      api.sendRoomEvent("m.test", content, ROOM),
    ];
    content.a = 2;
    await Promise.all(calls);
    assert.deepEqual(
      sent(host).map((data) => data.content.a),
      [1, 1],
    );
  });
});

test("configure: the generation of delayed events, by name; a wrong one is refused by start", async () => {
  const dotted = "org.matrix.msc4157.update.delayed_event";
  compat.configure({ wasm, dialect: "none" });
  try {
    await ours(async ({ api, host }) => {
      await ready(api, DELAYED);
      assert.equal((await delayed(api, 5000).catch((reason) => reason)).cause.code, "unsupported");
      assert.deepEqual(sent(host), []);
    });
    compat.configure({ wasm, dialect: "no such" });
    await ours(async ({ api }) =>
      assert.match((await outcome(() => api.start())).error.message, /^dialect: /),
    );
  } finally {
    compat.configure({ wasm });
  }
  const known = ({ data }) => (data.delay_id ? {} : { error: { message: "missing delay_id" } });
  await ours(
    async ({ api, host }) => {
      await ready(api, [...DELAYED.slice(0, 3), dotted]);
      await delayed(api, 5000);
      await api.restartScheduledDelayedEvent("d1");
      assert.deepEqual(host.asked(dotted).at(-1).data, { delay_id: "d1", action: "restart" });
    },
    { handlers: () => ({ [dotted]: known }) },
  );
});

// --------------------------------------------------------------------------- TURN

test("TURN servers: no update between two reads is lost, and the last reader to leave un-watches", async () => {
  const server = (n) => ({ uris: [`turn:${n}`], username: "u", password: "p" });
  await ours(
    async ({ api, host }) => {
      await ready(api);
      const [first, second] = [api.getTurnServers(), api.getTurnServers()];
      assert.deepEqual(host.asked("watch_turn_servers"), [], "nobody reads yet");
      const one = first.next();
      await sleep(5);
      assert.deepEqual(await host.ask("update_turn_servers", server(1)), {});
      assert.deepEqual((await one).value, server(1));
      await host.ask("update_turn_servers", server(2)); // nobody waits for it
      assert.deepEqual([(await first.next()).value, (await second.next()).value], [server(2), server(2)]);
      await first.return();
      assert.equal(host.asked("unwatch_turn_servers").length, 0);
      await second.return();
      await sleep(5);
      assert.deepEqual(
        [host.asked("watch_turn_servers").length, host.asked("unwatch_turn_servers").length],
        [1, 1],
      );
      const third = api.getTurnServers().next();
      await sleep(5);
      api.transport.stop();
      assert.equal((await outcome(third)).error.message, "Transport stopped");
      assert.equal(host.asked("unwatch_turn_servers").length, 2, "also when the transport stops");
    },
    { handlers: () => ({ watch_turn_servers: () => ({}), unwatch_turn_servers: () => ({}) }) },
  );
});

test("two OpenID requests at once each get their own credentials", async () => {
  await ours(
    async ({ api, host }) => {
      await ready(api);
      const both = [api.requestOpenIDConnectToken(), api.requestOpenIDConnectToken()];
      await sleep(10);
      const [one, two] = host.asked("get_openid").map(({ requestId }) => requestId);
      const credentials = (original_request_id, access_token) => ({
        state: "allowed",
        original_request_id,
        access_token,
      });
      assert.deepEqual(await host.ask("openid_credentials", credentials(two, "second")), {});
      assert.match(
        (await host.ask("openid_credentials", credentials("nobody's", "x"))).error.message,
        /^Unknown/,
      );
      assert.deepEqual(await host.ask("openid_credentials", credentials(one, "first")), {});
      assert.deepEqual(
        (await Promise.all(both)).map(({ access_token }) => access_token),
        ["first", "second"],
      );
    },
    { handlers: () => ({ get_openid: () => ({ state: "request" }) }) },
  );
});
