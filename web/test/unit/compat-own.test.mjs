import assert from "node:assert/strict";
import { test } from "node:test";
import {
  compat,
  DELAYED,
  FakeHost,
  HOST,
  outcome,
  ROOM,
  ready,
  run,
  sleep,
  warned,
  wasm,
} from "./compat-kit.mjs";

const ours = (script, options) => run("ours", script, options);
const RENEGOTIATE = "org.matrix.msc2974.request_capabilities";
const delayed = (api, ...args) => api.sendStateEvent("m.test", "k", { a: 1 }, ROOM, ...args);

// ------------------------------------------------------------------- who is heard

test("nothing that crosses is logged", async () => {
  await ours(async ({ api, host }) => {
    await ready(api, DELAYED);
    await delayed(api, 5000);
    await host.ask("send_event", { secret: 1 });
    api.transport.stop();
    assert.deepEqual(host.console, []);
  });
});

test("only the parent is heard, and from its one origin only", async () => {
  await ours(async ({ api, host }) => {
    await ready(api, ["a"]);
    const heard = [];
    api.transport.on("message", ({ detail }) => heard.push(detail.action));
    const forged = { api: "toWidget", widgetId: "w1", requestId: "f1", action: "notify_capabilities" };
    const data = { requested: [], approved: ["stolen"] };
    await host.post({ ...forged, data }, { source: { postMessage() {} } });
    await host.post({ ...forged, data }, { origin: "https://evil.example" });
    let settled = false;
    host.handlers.send_event = () => undefined;
    const sent = api.sendRoomEvent("m.test", {}).finally(() => {
      settled = true;
    });
    const [request] = host.asked("send_event");
    await host.post({ ...request, response: { event_id: "$forged" } }, { origin: "https://evil.example" });
    await host.post({ ...request, response: { event_id: "$forged" } }, { source: {} });
    assert.deepEqual([heard, api.hasCapability("stolen"), settled], [[], false, false]);
    await host.post({ ...request, response: { event_id: "$e" } });
    assert.deepEqual(await sent, { event_id: "$e" });
  });
});

test("without a client origin the host is found; '*' stays '*', '/' is the page's own", async () => {
  for (const [given, target] of [
    [null, HOST],
    ["null", HOST],
    ["*", "*"],
    [`${HOST}/some/path`, HOST],
  ]) {
    const host = new FakeHost();
    await ours(async ({ api }) => ready(api), { host, origin: given });
    assert.deepEqual([...new Set(host.wire.flatMap(({ target }) => target ?? []))], [target], String(given));
  }
  await ours(
    async ({ api, host }) => {
      api.start();
      api.sendContentLoaded().catch(() => {});
      await sleep(100);
      assert.equal(host.wire[0].target, "/");
    },
    { origin: "/" },
  );
});

test("transport.targetOrigin and strictOriginCheck are read by start, and a later change is warned of", async () => {
  await ours(
    async ({ api, host }) => {
      api.transport.targetOrigin = HOST;
      await ready(api);
      api.transport.targetOrigin = "*";
      api.transport.strictOriginCheck = true;
      assert.deepEqual(
        warned(host).map((text) => text.match(/transport\.\w+/)?.[0]),
        ["transport.targetOrigin", "transport.strictOriginCheck"],
      );
    },
    { origin: "https://elsewhere.example" },
  );
  await ours(async ({ api, host }) => {
    api.transport.strictOriginCheck = true;
    api.start();
    await sleep(100);
    assert.deepEqual(host.answers("capabilities"), []);
    assert.equal(host.wire[0].target, "/", "a host of another origin is told nothing");
  });
  await ours(async ({ api, host }) => {
    globalThis.origin = "null"; // as in a sandbox
    api.transport.strictOriginCheck = true;
    const { error } = await outcome(() => api.start());
    await sleep(100);
    assert.match(error?.message, /^strictOriginCheck: /);
    assert.deepEqual(host.wire, []);
  });
  await ours(
    async ({ api }) => {
      const { error } = await outcome(() => api.start());
      assert.match(error.message, /^targetOrigin: /);
    },
    { origin: "not a URL" },
  );
});

test("the transport is this page's own: another window or the host's side is refused by name", () => {
  const { PostmessageTransport } = compat;
  new FakeHost().install();
  const make =
    (...args) =>
    () =>
      new PostmessageTransport(...args);
  assert.throws(make("toWidget", "w", globalThis.parent, globalThis), /^WidgetError: sendDirection: /);
  assert.throws(make("fromWidget", "w", {}, globalThis), /^WidgetError: transportWindow: /);
  assert.throws(make("fromWidget", "w", globalThis.parent, {}), /^WidgetError: inboundWindow: /);
  assert.equal(make("fromWidget", "w", globalThis.parent, globalThis)().targetOrigin, "*");
});

// ---------------------------------------------------------------------- handlers

test("a handler that throws is reported, the others still run, and the host gets its answer", async () => {
  await ours(async ({ api, host }) => {
    await ready(api);
    const ran = [];
    api.transport.on("message", () => {
      throw new Error("of the transport");
    });
    api.on("action:send_event", () => {
      throw new Error("mine");
    });
    api.on("action:send_event", () => ran.push("second"));
    const answer = await host.ask("send_event");
    assert.deepEqual(answer, { error: { message: "Unknown or unsupported to-widget action: send_event" } });
    api.on("action:send_event", (event) => event.preventDefault());
    api.on("action:send_event", ({ detail }) => api.transport.reply(detail, { ok: true }));
    assert.deepEqual(await host.ask("send_event"), { ok: true });
    assert.deepEqual(ran, ["second", "second"]);
    assert.deepEqual(
      host.console,
      Array(2)
        .fill([
          ["reported", "mine"],
          ["reported", "of the transport"],
        ])
        .flat(),
    );
  });
});

test("a second answer is dropped, and so is one to what no host has asked; neither is told with its contents", async () => {
  await ours(async ({ api, host }) => {
    await ready(api);
    let detail;
    api.on("action:own", (event) => {
      event.preventDefault();
      detail = event.detail;
      api.transport.reply(event.detail, { first: true });
      api.transport.reply(event.detail, { second: "secret" });
    });
    assert.deepEqual(await host.ask("own"), { first: true });
    for (const foreign of [
      { ...detail, requestId: "made up" },
      {},
      undefined,
      { ...detail, api: "fromWidget" },
    ])
      api.transport.reply(foreign, { third: "secret" });
    assert.equal(host.answers("own").length, 1);
    assert.equal(warned(host).length, 5);
    assert.doesNotMatch(warned(host).join(), /secret|made up/);
  });
});

test("an answer that cannot be cloned is the caller's error, and another may follow, also by a copy of the request", async () => {
  await ours(async ({ api, host }) => {
    await ready(api);
    api.on("action:own", (event) => {
      event.preventDefault();
      assert.throws(() => api.transport.reply(event.detail, { f() {} }), { name: "DataCloneError" });
      api.transport.reply(structuredClone(event.detail), { second: true });
    });
    assert.deepEqual(await host.ask("own"), { second: true });
    assert.deepEqual(host.console, []);
  });
});

test("an id that comes twice is two requests: the first one's answer is not taken for the second's", async () => {
  await ours(async ({ api, host }) => {
    await ready(api);
    const details = [];
    api.on("action:own", (event) => {
      event.preventDefault();
      details.push(event.detail);
    });
    const request = { api: "toWidget", widgetId: "w1", requestId: "same", action: "own" };
    await host.post({ ...request, data: { n: 1 } });
    await host.post({ ...request, data: { n: 2 } });
    api.transport.reply(details[0], { to: 1 });
    api.transport.reply(details[1], { to: 2 });
    await sleep(5);
    assert.deepEqual(host.answers("own"), [{ to: 2 }]);
  });
});

test("ten thousand requests in a burst are all answered, in order, and nothing is kept", async () => {
  await ours(async ({ api, host }) => {
    await ready(api);
    let told = 0;
    api.on("action:send_event", (event) => {
      event.preventDefault();
      told++;
      if (event.detail.data.n % 2) api.transport.reply(event.detail, { n: event.detail.data.n });
      else setImmediate(() => api.transport.reply(event.detail, { n: event.detail.data.n }));
    });
    const answers = await Promise.all(
      Array.from({ length: 10_000 }, (_, n) => host.ask("send_event", { n })),
    );
    assert.equal(told, 10_000);
    assert.ok(answers.every(({ n }, i) => n === i));
    assert.deepEqual(host.console, []);
  });
});

test("of requests that a page takes and never answers the newest are kept", async () => {
  const kept = 16_384;
  await ours(async ({ api, host }) => {
    await ready(api);
    const taken = [];
    api.on("action:own", (event) => {
      event.preventDefault();
      taken.push(event.detail);
    });
    for (let n = 0; n <= kept; n++) host.ask("own", { n });
    while (taken.length <= kept) await sleep(10);
    for (const request of [taken[0], taken[1], taken[kept]]) api.transport.reply(request, request.data);
    await sleep(10);
    assert.deepEqual(host.answers("own"), [{ n: 1 }, { n: kept }]);
    assert.equal(warned(host).length, 1);
  });
});

// ------------------------------------------------------------------ start and stop

test("nothing is raised once the transport has stopped, not even that there was nothing to ask", async () => {
  await ours(async ({ api, host }) => {
    await ready(api, ["a"]);
    const raised = [];
    api.transport.on("message", ({ detail }) => raised.push(detail.action));
    await api.updateRequestedCapabilities();
    api.transport.stop();
    await sleep(10);
    assert.deepEqual([raised, host.asked(RENEGOTIATE)], [[], []]);
  });
});

test("timeoutSeconds of nothing is one second", async () => {
  await ours(async ({ api, host }) => {
    await ready(api);
    api.transport.timeoutSeconds = 0;
    host.handlers.send_event = async () => {
      await sleep(50);
      return { event_id: "$e" };
    };
    assert.deepEqual(await api.sendRoomEvent("m.test", {}), { event_id: "$e" });
    host.handlers.send_event = () => undefined;
    assert.equal((await outcome(api.sendRoomEvent("m.test", {}))).error.message, "Request timed out");
  });
});

test("two starts are one, a stop is final, and one before the start is too", async () => {
  await ours(async ({ api, host }) => {
    api.start();
    api.start();
    await ready(api);
    await host.ask("visibility", {});
    assert.equal(host.answers("visibility").length, 1, "there is one listener");
    api.transport.stop();
    api.transport.stop();
    const before = host.wire.length;
    api.start();
    await sleep(5);
    host.post({ api: "toWidget", widgetId: "w1", requestId: "late", action: "visibility", data: {} });
    assert.equal((await outcome(api.sendRoomEvent("m", {}))).error.message, "Not ready or unknown widget ID");
    await sleep(10);
    assert.deepEqual([host.wire.length, api.transport.ready], [before + 1, false]);
  });
  await ours(async ({ api, host }) => {
    api.transport.stop();
    api.start();
    assert.equal((await outcome(api.sendContentLoaded())).error.message, "Not ready or unknown widget ID");
    await sleep(100);
    assert.deepEqual([host.wire, api.transport.ready], [[], false]);
  });
  await ours(async ({ api, host }) => {
    api.start();
    const waiting = outcome(api.sendRoomEvent("m", {}));
    api.transport.stop(); // the wasm is not there yet
    assert.equal((await waiting).error.message, "Transport stopped");
    await sleep(100);
    assert.deepEqual(host.wire, []);
  });
});

test("who waits until the user has decided is told when the transport stops, and hears no decision after it", async () => {
  const type = "action:openid_credentials";
  await ours(
    async ({ api }) => {
      await ready(api);
      const waiting = outcome(api.requestOpenIDConnectToken());
      while (api.listenerCount(type) === 0) await sleep(1);
      api.transport.stop();
      assert.equal((await waiting).error.message, "Transport stopped");
      assert.equal(api.listenerCount(type), 0);
    },
    { handlers: () => ({ get_openid: () => ({ state: "request" }) }) },
  );
});

test("a wasm that cannot be loaded is what every call rejects with", async () => {
  compat.configure({ wasm: new Uint8Array([1, 2, 3]) });
  try {
    await ours(async ({ api, host }) => {
      api.start();
      assert.equal((await outcome(api.sendContentLoaded())).error.code, "load");
      assert.match(warned(host).join(), /non-fatal error getting supported client versions/);
      assert.ok(
        warned(host).includes("widget-futures: the wasm could not be compiled"),
        "also where nobody asks",
      );
    });
  } finally {
    compat.configure({ wasm });
  }
});
