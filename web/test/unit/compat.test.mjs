import assert from "node:assert/strict";
import { test } from "node:test";
import {
  crossed,
  DELAYED,
  FakeHost,
  libraries,
  outcome,
  ROOM,
  ready,
  run,
  sleep,
  UPDATE,
} from "./compat-kit.mjs";

/**
 * Runs the script with the original and with ours and expects the same of both: what the script returns, and what
 * crossed but for the differences on purpose (docs/compat.md).
 */
async function same(script, options) {
  const ends = {};
  for (const name of Object.keys(libraries)) {
    const host = options?.host?.() ?? new FakeHost();
    const value = await run(name, script, { ...options, host });
    ends[name] = { value, wire: crossed(host) };
  }
  assert.deepEqual(ends.ours.value, ends.original.value);
  assert.deepEqual(ends.ours.wire, ends.original.wire);
  return ends.ours;
}

const events = (api, names) => {
  const log = [];
  for (const name of names)
    api.on(name, (event) =>
      log.push([
        name,
        event?.constructor.name,
        event?.detail?.action,
        event?.cancelable,
        event?.detail?.data,
      ]),
    );
  return log;
};

test("from the constructor to ready: events, capabilities, versions and the wire are the original's", async () => {
  const { value } = await same(async ({ api, host }) => {
    const log = events(api, ["ready", "action:capabilities", "action:notify_capabilities"]);
    const before = [
      api.transport.ready,
      api.transport.widgetId,
      api.transport.targetOrigin,
      api.transport.timeoutSeconds,
      api.transport.strictOriginCheck,
    ];
    await ready(api, ["a", "b"]);
    api.requestCapability("late");
    const known = [api.hasCapability("a"), api.hasCapability("late"), api.hasCapability("x")];
    return {
      log,
      before,
      known,
      after: api.transport.ready,
      versions: await api.getClientVersions(),
      speaks: await host.ask("supported_api_versions"),
    };
  });
  assert.equal(value.log[0][0], "action:capabilities");
});

test("a host that tells nothing of what it approves is ready with its capabilities request", async () => {
  const host = () => Object.assign(new FakeHost(), { versions: ["0.0.2"], notify: async () => {} });
  const { value } = await same(
    async ({ api }) => {
      await ready(api, ["a"]);
      return [
        api.hasCapability("a"),
        api.hasCapability("b"),
        await outcome(() => api.requestCapability("c")),
      ];
    },
    { host },
  );
  assert.deepEqual(value.slice(0, 2), [true, false]);
  assert.equal(value[2].error.message, "Capabilities have already been negotiated");
});

/** Every method that asks the host, with what makes it post. */
const calls = {
  sendContentLoaded: [],
  sendSticker: [{ name: "n", content: { url: "mxc://a/b" } }],
  setAlwaysOnScreen: [true],
  openModalWidget: ["https://w.example", "Name"],
  closeModalWidget: [{ answer: 42 }],
  setModalButtonEnabled: ["ok", false],
  navigateTo: ["https://matrix.to/#/#room:example"],
  sendRoomEvent: ["m.test", { a: [1, null] }, ROOM],
  sendStateEvent: ["m.test", "", { a: 1 }],
  sendToDevice: ["m.test", true, { "@u:x": { "*": {} } }],
  readRoomAccountData: ["m.tag", ["*", ROOM]],
  readRoomEvents: ["m.test", 5, "m.text", [ROOM], "$since"],
  readStateEvents: ["m.test", undefined, "", ["*"]],
  readEventRelations: ["$e", ROOM, "m.thread", undefined, 2, undefined, "to", "b"],
  searchUserDirectory: ["ann", 3],
  getMediaConfig: [],
  getRtcTransports: [],
  uploadFile: ["text"],
  downloadFile: ["mxc://a/b"],
  getRtcLivekitToken: [{ server_name: "s", url: "u", room_id: ROOM, slot_id: "x", member: { id: "m" } }],
  delegateRtcLivekitDelayedLeave: [{ room_id: ROOM, slot_id: "x", member: { id: "m" }, delay_id: "d" }],
};
const body = { success: true, events: [{ event_id: "$1" }], chunk: [], jwt: "j", extra: { nested: [1] } };
const matrixError = {
  http_status: 403,
  http_headers: {},
  url: "https://hs/x",
  response: { errcode: "M_FORBIDDEN", error: "no" },
};

for (const [method, args] of Object.entries(calls)) {
  test(`${method} posts and ends as the original does: answered, refused, and refused with a Matrix error`, async () => {
    const answers = [
      body,
      { error: { message: "No, thank you" } },
      { error: { message: "Nope", matrix_api_error: matrixError, more: 1 } },
    ];
    for (const answer of answers) {
      const { value, wire } = await same(async ({ api, host, lib }) => {
        await ready(api);
        if (method === "sendContentLoaded") return "posted by ready";
        host.handlers["*"] = host.handlers.send_event = () => answer;
        const end = await outcome(() => api[method](...args));
        const error = await api[method](...args).catch((reason) => reason);
        return { end, isRefusal: error instanceof lib.WidgetApiResponseError, string: String(error) };
      });
      if (value.end)
        assert.equal(value.isRefusal, answer !== body && value.end.error?.class === "WidgetApiResponseError");
      assert.ok(wire.length >= 8, "something was posted");
    }
  });
}

test("optional arguments that are not given are not posted, or posted undefined where the original does", async () => {
  await same(async ({ api, host }) => {
    await ready(api);
    host.handlers["*"] = host.handlers.send_event = () => body;
    await api.sendRoomEvent("m.test", "no object");
    await api.sendRoomEvent("m.test", { map: new Map([[1, 2]]), none: undefined, date: new Date(5) });
    await api.sendRoomEvent("m.test", {}, undefined, undefined, 5000);
    await api.sendRoomEvent("m.test", {}, ROOM, undefined, undefined, 7000);
    await api.readRoomEvents("m.test");
    await api.readStateEvents("m.test", 0);
    await api.readEventRelations("$e");
    await api.searchUserDirectory("a");
    await api.readRoomAccountData("m.tag");
    await api.openModalWidget("u", "n", [{ id: "b", label: "B", kind: "m.primary" }], { d: 1 }, "m.other");
    return api.transport
      .sendComplete("org.example.own", { a: undefined, b: new Map() })
      .then(({ response, action }) => [response, action]);
  });
});

test("what a host does not speak is refused in the original's words, and nothing is posted", async () => {
  const host = () => Object.assign(new FakeHost(), { versions: ["org.matrix.msc2871"] });
  await same(
    async ({ api, lib }) => {
      await ready(api);
      const ends = {};
      for (const [method, args] of Object.entries(calls).slice(13))
        ends[method] = await outcome(() => api[method](...args));
      for (const [method, ...bad] of [
        ["navigateTo", "https://elsewhere"],
        ["navigateTo", ""],
        ["setModalButtonEnabled", lib.BuiltInModalButtonID.Close, true],
      ])
        try {
          api[method](...bad);
          ends[method] = "did not throw";
        } catch (error) {
          ends[`${method} ${bad[0]}`] = String(error);
        }
      return ends;
    },
    { host },
  );
});

test("OpenID: allowed, blocked, and asked of the user first", async () => {
  const token = { access_token: "t", expires_in: 3600, matrix_server_name: "x", token_type: "Bearer" };
  for (const later of [undefined, { state: "allowed", ...token }, { state: "blocked" }]) {
    for (const state of later ? ["request"] : ["allowed", "blocked", "nonsense"]) {
      await same(async ({ api, host }) => {
        await ready(api);
        const answers = [];
        host.handlers.get_openid = ({ requestId }) => {
          if (later)
            setImmediate(async () => {
              answers.push(
                await host.ask("openid_credentials", { ...later, original_request_id: requestId }),
              );
            });
          return { state, ...token };
        };
        const end = await outcome(api.requestOpenIDConnectToken());
        delete end.value?.original_request_id;
        await sleep(20);
        return { end, answers, listeners: api.listenerCount("action:openid_credentials") };
      });
    }
  }
});

test("actions are cancelable CustomEvents whose detail is the request, and unhandled ones get the original's answer", async () => {
  await same(async ({ api, host }) => {
    await ready(api);
    const answers = {};
    for (const action of [
      "visibility",
      "send_event",
      "update_state",
      "theme_change",
      "org.example.own",
      "screenshot",
      "notify_capabilities",
    ])
      answers[action] = await host.ask(action, { approved: [], visible: true });
    const log = events(api, ["action:send_event", "action:org.example.own"]);
    api.on("action:send_event", (event) => {
      event.preventDefault();
      api.transport.reply(event.detail, { got: event.detail.data.n });
    });
    answers.handled = await host.ask("send_event", { n: 1 });
    api.on("action:org.example.own", (event) => event.preventDefault());
    api.on("action:org.example.own", async ({ detail }) => {
      await sleep(5);
      api.transport.reply(detail, { late: true });
    });
    answers.later = await host.ask("org.example.own", {}, { extra: "member" });
    return { answers, log };
  });
});

test("the transport raises every request of the host as its message event", async () => {
  await same(async ({ api, host }) => {
    const log = [];
    api.transport.on("message", (event) =>
      log.push([event.type, event.constructor.name, event.detail.action, event.detail.api]),
    );
    await ready(api);
    await host.ask("visibility", { visible: false });
    return log;
  });
});

test("transport.send and sendComplete may be replaced, and everything goes through them", async () => {
  await same(async ({ api, host }) => {
    const seen = [];
    const { transport } = api;
    const [send, sendComplete] = [transport.send.bind(transport), transport.sendComplete.bind(transport)];
    transport.send = async (action, data) => {
      seen.push(["send", action]);
      return send(action, data).catch((error) => Promise.reject(new Error(`wrapped: ${error.message}`)));
    };
    transport.sendComplete = async (action, data) => {
      seen.push(["sendComplete", action]);
      return sendComplete(action, data);
    };
    await ready(api);
    host.handlers.get_openid = () => ({ state: "allowed" });
    host.handlers.send_event = () => ({ error: { message: "no" } });
    await api.requestOpenIDConnectToken();
    const end = await outcome(api.sendRoomEvent("m.test", {}));
    return { seen, end };
  });
});

test("time runs out, the transport stops, or it never started: the original's sentences", async () => {
  const { value } = await same(async ({ api, host }) => {
    const early = await outcome(api.sendRoomEvent("m.test", {}));
    await ready(api);
    api.transport.timeoutSeconds = 0.05;
    host.handlers.send_event = () => undefined;
    const late = await outcome(api.sendRoomEvent("m.test", {}));
    api.transport.timeoutSeconds = 10;
    const cut = outcome(api.sendRoomEvent("m.test", {}));
    await sleep(5);
    api.transport.stop();
    const after = await outcome(api.sendRoomEvent("m.test", {}));
    return { early, late, cut: await cut, after, ready: api.transport.ready, id: api.transport.widgetId };
  });
  assert.equal(value.early.error.message, "Not ready or unknown widget ID");
  assert.equal(value.late.error.message, "Request timed out");
  assert.equal(value.cut.error.message, "Transport stopped");
});

test("without an id the widget takes that of the host's first request, whatever its URL says", async () => {
  const host = () => Object.assign(new FakeHost(), { search: "?widgetId=another" });
  await same(
    async ({ api, host }) => {
      const before = api.transport.widgetId;
      api.start();
      const ready = new Promise((resolve) => api.once("ready", resolve));
      await sleep(5);
      host.negotiate();
      await ready;
      return [before, api.transport.widgetId];
    },
    { id: null, host },
  );
});

test("a delayed event, its verbs and what the homeserver says of them", async () => {
  await same(async ({ api, host }) => {
    await ready(api, DELAYED);
    const ends = [];
    ends.push(await outcome(api.sendStateEvent("m.test", "k", { a: 1 }, ROOM, 5000)));
    for (const verb of ["restart", "send", "cancel"])
      ends.push(await outcome(api[`${verb}ScheduledDelayedEvent`]("d1")));
    const gone = { ...matrixError, http_status: 404, response: { errcode: "M_NOT_FOUND", error: "gone" } };
    const failed = { error: { message: "Error updating delayed event", matrix_api_error: gone } };
    host.handlers[UPDATE] = () => failed;
    for (const verb of ["restart", "send", "cancel"])
      ends.push(await outcome(api[`${verb}ScheduledDelayedEvent`]("d1")));
    host.handlers.send_event = () => ({
      error: { message: "Error sending event", matrix_api_error: matrixError },
    });
    ends.push(await outcome(api.sendStateEvent("m.test", "k", {}, ROOM, 5000)));
    return ends;
  });
});

test("what cannot be cloned rejects with DataCloneError and posts nothing", async () => {
  await same(async ({ api }) => {
    await ready(api);
    const bad = [{ f: () => {} }, { nested: [Symbol("s")] }, () => {}];
    const ends = [];
    for (const content of bad) ends.push(await outcome(api.sendRoomEvent("m.test", content)));
    ends.push(await outcome(api.transport.send("org.example.own", { deep: { down: () => {} } })));
    return ends.map(({ error }) => [error.name, error.code, error.class]);
  });
});

test("cycles and Blobs cross untouched in what is no delayed event", async () => {
  await same(async ({ api, host }) => {
    await ready(api);
    host.handlers["*"] = ({ data }) => ({ back: data });
    const cycle = { list: [] };
    cycle.list.push(cycle);
    const { back } = await api.transport.send("org.example.own", { cycle, blob: new Blob(["text"]) });
    return [back.cycle.list[0] === back.cycle, back.blob.constructor.name, await back.blob.text()];
  });
});

test("an error has the original's shape", () => {
  for (const lib of Object.values(libraries)) {
    const error = new lib.WidgetApiResponseError("m", { matrix_api_error: 1 });
    assert.deepEqual(
      [
        error.name,
        lib.WidgetApiResponseError.name,
        lib.WidgetApiResponseError.prototype.name,
        String(error),
        error.data,
        Object.keys(error),
      ],
      [
        "WidgetApiResponseError",
        "WidgetApiResponseError",
        "WidgetApiResponseError",
        "WidgetApiResponseError: m",
        { matrix_api_error: 1 },
        ["data"],
      ],
    );
    const { isErrorResponse } = lib;
    const shapes = [
      {},
      { error: null },
      { error: "x" },
      { error: { message: 1 } },
      { error: { message: "m" } },
      { error: Object.assign(() => {}, { message: "m" }) },
    ];
    assert.deepEqual(shapes.map(isErrorResponse), [false, false, false, false, true, false]);
  }
});

test("more capabilities: the request, and what the host decides", async () => {
  await same(async ({ api }) => {
    await ready(api);
    api.requestCapabilityToSendState("m.a#b", "key");
    api.requestCapabilityForRoomTimeline("*");
    const notified = new Promise((resolve) => api.once("action:notify_capabilities", resolve));
    const end = await outcome(api.updateRequestedCapabilities());
    return [end, (await notified).detail.data];
  });
});
