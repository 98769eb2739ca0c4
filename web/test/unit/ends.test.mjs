/** What ends: a wasm that dies, a signal that is let go of, calls by the thousand, and requests that hold what is not cloned. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { __debug, connect } from "../../dist/index.js";
import { DELAYED, FakeHost, HOST, ROOM, sleep, wasm } from "./compat-kit.mjs";

const event = { type: "m.test", stateKey: "", content: {}, roomId: ROOM };

async function joined({ host = new FakeHost(), ...options } = {}) {
  host.install();
  const client = connect({ wasm, widgetId: "w1", hostOrigin: HOST, capabilities: DELAYED, ...options });
  await client.ready;
  return { host, client, ...__debug(client) };
}

/** An allocation that no wasm can make: Go's runtime says so and exits. */
const die = ({ exports }) => exports.wf_reserve(0x7fffffff, 0);

test("a fatal error of Go ends everything at the export it happens in, and a new client works", async (t) => {
  t.mock.method(console, "log", () => {
    throw new Error("a console that throws");
  });
  for (const where of ["enter", "write"]) {
    const { host, client, core } = await joined();
    host.handlers.send_event = () => undefined;
    const open = client.sendEvent(event);
    if (where === "write") {
      const { border } = core;
      const write = border.write;
      border.write = function (...args) {
        die(core);
        return write.apply(this, args);
      };
    } else {
      const { exports } = core;
      core.exports = {
        ...exports,
        wf_call: (...args) => {
          die(core);
          return exports.wf_call(...args);
        },
        wf_reserve: exports.wf_reserve,
      };
    }
    let ended = 0;
    client.addEventListener("closed", () => ended++);
    const fatal = client.sendEvent(event);
    assert.deepEqual([client.status, ended], ["closed", 1], `${where}: at once`);
    for (const call of [open, fatal, client.sendEvent(event)])
      await assert.rejects(call, { code: "internal", message: /^the wasm failed: (panic|fatal error): \w/ });
  }
  const { client } = await joined();
  assert.equal((await client.sendEvent(event)).eventId, "$e");
  await client.close();
});

test("a request that brought a MessagePort is answered with the rest of it, by default and by a reply", async () => {
  const { host, client, core } = await joined();
  const posted = [];
  core.post = (message, target) => {
    posted.push(structuredClone(message));
    assert.equal(target, HOST);
  };
  const { port1, port2 } = new MessageChannel();
  const ask = (action) => ({
    ...{ api: "toWidget", widgetId: "w1", requestId: action, action },
    data: { name: "n", port: port1, deep: { list: [1, port1, { port: port1, kept: true }] } },
  });
  client.addEventListener("action:replied", (request) => {
    assert.equal(request.detail.port, port1);
    assert.throws(() => request.reply({ no: () => {} }), { name: "DataCloneError" });
    request.reply({ yes: true });
  });
  for (const action of ["replied", "unknown", "theme_change"]) await tell(host, ask(action));
  const data = {
    name: "n",
    port: undefined,
    deep: { list: [1, undefined, { port: undefined, kept: true }] },
  };
  assert.deepEqual(
    posted.map(({ response: _, ...request }) => request),
    ["replied", "unknown", "theme_change"].map((action) => ({ ...ask(action), data })),
  );
  assert.deepEqual(posted[0].response, { yes: true });
  assert.match(posted[1].response.error.message, /unknown/);
  assert.deepEqual(posted[2].response, {});
  port1.close();
  port2.close();
  await client.close();
});

/** Hands a message over as it is, as a window does with what was transferred. */
async function tell(host, data) {
  const clone = globalThis.structuredClone;
  globalThis.structuredClone = (value) => value;
  const posted = host.post(data);
  globalThis.structuredClone = clone;
  await posted;
}

test("a closed client lets go of its signal, and so does every call that has ended", async () => {
  const { signal } = new AbortController();
  const listeners = new Set();
  const count = (method, change) => {
    const original = signal[method];
    signal[method] = function (type, listener, ...rest) {
      listeners[change](listener);
      return original.call(this, type, listener, ...rest);
    };
  };
  count("addEventListener", "add");
  count("removeEventListener", "delete");
  const { client } = await joined({ signal });
  assert.equal(listeners.size, 1);
  const calls = Array.from({ length: 50 }, () => client.sendEvent(event, { signal }));
  assert.equal(listeners.size, 2, "one for all calls of a signal");
  await Promise.all(calls);
  assert.equal(listeners.size, 1);
  await client.close();
  assert.equal(listeners.size, 0);
});

test("of 112 calls on one signal the host gets the 12 that it has places for, whenever they are aborted", async () => {
  for (const maxInFlight of [12, undefined]) {
    const host = new FakeHost({ send_event: () => undefined });
    host.versions = ["0.0.1", "org.matrix.msc2871"];
    const { client } = await joined({ host, maxInFlight });
    const controller = new AbortController();
    const { signal } = controller;
    const calls = Array.from({ length: 112 }, () => client.sendEvent(event, { signal }).catch((why) => why));
    controller.abort("enough");
    assert.deepEqual(await Promise.all(calls), Array(112).fill("enough"));
    await sleep(5);
    assert.equal(host.asked("send_event").length, 12);
    await client.close();
  }
});

test("of 50 futures that are aborted before the host has shown that it knows them, none is scheduled", async () => {
  const { host, client } = await joined({ maxInFlight: 12 });
  const controller = new AbortController();
  const { signal } = controller;
  const calls = Array.from({ length: 50 }, () =>
    client.sendFuture({ ...event, timeoutMs: 8000 }, { signal }).catch((why) => why),
  );
  controller.abort("enough");
  assert.deepEqual(await Promise.all(calls), Array(50).fill("enough"));
  await sleep(20);
  assert.equal(host.asked("send_event").length, 0);
  await client.close();
});

test("an abort that aborts others, and calls again, gives up its own calls and no others", async () => {
  const { host, client } = await joined();
  const [first, second] = [new AbortController(), new AbortController()];
  const outcomes = [];
  const send = (name, signal) =>
    client.sendEvent({ ...event, content: { name } }, { signal }).then(
      () => outcomes.push(name),
      (why) => outcomes.push(`${name}: ${why}`),
    );
  first.signal.addEventListener("abort", () => {
    second.abort("two");
    calls.push(send("third"));
  });
  const calls = [send("a", first.signal), send("b", second.signal), send("c", first.signal)];
  first.abort("one");
  await Promise.all(calls);
  assert.deepEqual(outcomes.sort(), ["a: one", "b: two", "c: one", "third"]);
  assert.ok(host.asked("send_event").some(({ data }) => data.content.name === "third"));
  await client.close();
});

/** How long it takes, at best. */
async function least(run) {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3; i++) best = Math.min(best, await run());
  return best;
}

/** Four times as much takes far less than sixteen times as long. */
async function linear(n, run) {
  const tried = [];
  for (let attempt = 0; attempt < 4; attempt++) {
    const [one, four] = [await least(() => run(n)), await least(() => run(4 * n))];
    if (four < 9 * one) return;
    tried.push(`${n}: ${one} ms, ${4 * n}: ${four} ms`);
  }
  assert.fail(tried.join("; "));
}

test("9,000 calls are given up in a time that grows with their number, by one signal or by many", async () => {
  for (const many of [false, true])
    await linear(2250, async (n) => {
      const host = new FakeHost({ send_event: () => undefined });
      const { client } = await joined({ host });
      const controllers = Array.from({ length: many ? n : 1 }, () => new AbortController());
      for (let i = 0; i < n; i++)
        client.sendEvent(event, { signal: controllers[i % controllers.length].signal }).catch(() => {});
      const start = performance.now();
      for (const controller of controllers) controller.abort("enough");
      const ms = performance.now() - start;
      await client.close();
      return ms;
    });
});
