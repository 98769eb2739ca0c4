/** Page code that runs while an input is written or carried out, and calls again: nothing is lost, and all keeps its order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { __debug, capability, connect } from "../../dist/index.js";
import { DELAYED, FakeHost, HOST, ROOM, sleep, wasm } from "./compat-kit.mjs";

const event = { type: "m.test", stateKey: "", content: {}, roomId: ROOM };
const state = [capability.sendState("m.test"), capability.timeline(ROOM)];

/** A client that is ready, in a host that is the test's. */
async function joined({ host = new FakeHost(), ...options } = {}) {
  host.install();
  const listen = globalThis.addEventListener;
  let hear;
  globalThis.addEventListener = (type, listener) => {
    if (type === "message")
      hear = (data) => listener.handleEvent({ data, origin: HOST, source: host.parent });
    listen(type, listener);
  };
  const client = connect({ wasm, widgetId: "w1", hostOrigin: HOST, capabilities: state, ...options });
  await client.ready;
  return { host, client, hear, ...__debug(client) };
}

const contents = (host) => host.asked("send_event").map(({ data }) => data.content.n);

test("calls that a wrapped postMessage makes while calls are posted all go out, in their order", async () => {
  const { host, client, core } = await joined();
  const post = core.post;
  const calls = [];
  const send = (n) => calls.push(client.sendEvent({ ...event, content: { n } }));
  core.post = (message, target) => {
    const { n } = message.data?.content ?? {};
    if (message.action === "send_event" && n < 4) {
      send(2 * n);
      send(2 * n + 1);
    }
    post(message, target);
  };
  send(1);
  assert.equal(calls.length, 7);
  await Promise.all(calls);
  assert.deepEqual(contents(host), [1, 2, 3, 4, 5, 6, 7]);
  await client.close();
});

test("a host that answers at once, inside of postMessage, loses no effect of what was being carried out", async () => {
  const { client, core, hear } = await joined({ maxInFlight: 2 });
  const posted = [];
  core.post = (message) => {
    posted.push(message.data.content.n);
    hear({ ...message, response: { room_id: ROOM, event_id: `$${message.data.content.n}` } });
  };
  const sent = await Promise.all(
    Array.from({ length: 20 }, (_, n) => client.sendEvent({ ...event, content: { n } })),
  );
  assert.deepEqual(
    sent.map(({ eventId }) => eventId),
    Array.from({ length: 20 }, (_, n) => `$${n}`),
  );
  assert.equal(posted.length, 20);
  await client.close();
});

test("a wrapped fetch that calls again, and one that throws, take nothing from the effects behind it", async (t) => {
  const { host, client } = await joined({
    dialect: "futures",
    homeserverUrl: "https://hs.example",
  });
  const calls = [];
  t.mock.method(globalThis, "fetch", () => {
    calls.push(client.sendEvent({ ...event, content: { n: calls.length } }));
    throw new TypeError("no network");
  });
  const future = client.resumeFuture({ v: 1, dialect: "futures", sendToken: "secret" });
  await assert.rejects(future.send());
  await Promise.all(calls);
  assert.ok(calls.length > 0);
  assert.equal(contents(host).length, calls.length);
  await client.close();
});

test("an input that comes while another is written waits for its turn: getters, clocks, signals and close too", async () => {
  const { host, client, core } = await joined();
  const { border } = core;
  const write = border.write;
  const aborted = new AbortController();
  const waiting = [];
  let nested = 0;
  border.write = function (side, record, ...more) {
    if (nested++ === 0) {
      const { signal } = aborted;
      waiting.push(client.sendEvent({ ...event, content: { n: 2 } }));
      waiting.push(client.sendEvent({ ...event, content: { n: "given up" } }, { signal }));
      aborted.abort("why");
      waiting.push(client.sendEvent({ ...event, content: { n: 3 } }));
    }
    return write.call(this, side, record, ...more);
  };
  waiting.push(client.sendEvent({ ...event, content: { n: 1 } }));
  const outcomes = await Promise.allSettled(waiting);
  assert.deepEqual(
    outcomes.map(({ status, reason }) => reason ?? status),
    ["fulfilled", "why", "fulfilled", "fulfilled"],
  );
  assert.deepEqual(contents(host), [1, 2, 3]);
  nested = 0;
  let last;
  let closing;
  border.write = function (...args) {
    if (nested++ === 0) {
      closing = client.close();
      last = client.sendEvent(event);
    }
    return write.apply(this, args);
  };
  await assert.rejects(client.sendEvent(event), { code: "closed" });
  await assert.rejects(last, { code: "closed" });
  await closing;
  assert.equal(client.status, "closed");
});

test("what is called while another is carried out is what was there when it was called", async () => {
  const { host, client, core } = await joined();
  const post = core.post;
  const content = { n: 1, list: [1] };
  let second;
  core.post = (message, target) => {
    if (!second && message.action === "send_event") {
      second = client.sendEvent({ ...event, content });
      content.n = 99;
      content.list.push(99);
    }
    post(message, target);
  };
  await client.sendEvent({ ...event, content: { n: 0 } });
  await second;
  assert.deepEqual(host.asked("send_event")[1].data.content, { n: 1, list: [1] });
  await client.close();
});

test("an update that waits for its turn changes no content before it is its turn", async () => {
  const capabilities = [...state, ...DELAYED];
  const { host, client, core } = await joined({ capabilities });
  const hold = await client.holdState({ ...event, content: { n: 1 }, timeoutMs: 8000 });
  const post = core.post;
  let waiting;
  core.post = (message, target) => {
    if (!waiting && message.data.content?.n === 2) waiting = hold.update({ n: 3 });
    post(structuredClone(message), target);
  };
  await hold.update({ n: 2 });
  await waiting;
  const states = host.asked("send_event").filter(({ data }) => data.delay === undefined);
  assert.deepEqual(
    states.map(({ data }) => data.content.n),
    [1, 2, 3],
  );
  await assert.rejects(
    hold.update({ n: 4 }, { signal: AbortSignal.abort("no") }),
    (reason) => reason === "no",
  );
  await client.close();
});

test("a listener that throws, and a clock that does, are reported and take nothing from those behind them", async (t) => {
  const { host, client, core } = await joined();
  const reported = [];
  t.mock.method(globalThis, "queueMicrotask", (task) => {
    try {
      task();
    } catch (error) {
      reported.push(error.message);
    }
  });
  const set = globalThis.setTimeout;
  t.mock.method(globalThis, "setTimeout", (task, ms, ...rest) => {
    if (ms > 5000) throw new Error("no timers");
    return set(task, ms, ...rest);
  });
  assert.ok(core);
  const sent = client.sendEvent({ ...event, content: { n: 1 } }, { deadlineMs: 7000 });
  await sent;
  assert.deepEqual(contents(host), [1]);
  assert.ok(reported.includes("no timers"), `reported ${reported}`);
  t.mock.restoreAll();
  await client.close();
  await sleep(0);
});
