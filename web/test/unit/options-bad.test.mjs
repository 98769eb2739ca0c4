/** Options that are none: refused by name, and nothing is posted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "../../dist/index.js";
import { DELAYED, FakeHost, HOST, ROOM, wasm } from "./compat-kit.mjs";

const event = { type: "m.test", stateKey: "", content: {}, roomId: ROOM };

async function joined() {
  const host = new FakeHost();
  host.install();
  const client = connect({ wasm, widgetId: "w1", hostOrigin: HOST, capabilities: DELAYED });
  await client.ready;
  return { host, client };
}

const invalid = (work, field) =>
  assert.rejects(
    async () => work(),
    (error) => error.code === "invalid" && error.message.startsWith(`${field}: `),
    field,
  );

const calls = (client, hold, future) => ({
  sendEvent: (options) => client.sendEvent(event, options),
  sendFuture: (options) => client.sendFuture({ ...event, timeoutMs: 8000 }, options),
  holdState: (options) => client.holdState({ ...event, timeoutMs: 8000 }, options),
  update: (options) => hold.update({}, options),
  release: (options) => hold.release(options),
  refresh: (options) => future.refresh(options),
  keepAlive: (options) => future.keepAlive(options),
  requestCapabilities: (options) => client.requestCapabilities(["a"], options),
  contentLoaded: (options) => client.contentLoaded(options),
  request: (options) => client.request("org.example.act", {}, options),
  readEvents: (options) => client.readEvents({ type: "m.test" }, options),
  requestOpenId: (options) => client.requestOpenId(options),
  turnServers: (options) => client.turnServers(options),
});

test("options that are none, and a signal that is none, are invalid in every call and in connect", async () => {
  const { host, client } = await joined();
  const hold = await client.holdState({ ...event, timeoutMs: 8000 });
  const future = await client.sendFuture({ ...event, stateKey: "other", timeoutMs: 8000 });
  const before = host.wire.length;
  for (const work of Object.values(calls(client, hold, future))) {
    await invalid(() => work(null), "options");
    await invalid(() => work("fast"), "options");
    for (const signal of ["signal", {}, new AbortController(), { aborted: false }])
      await invalid(() => work({ signal }), "signal");
  }
  assert.equal(host.wire.length, before, "nothing was posted");
  await invalid(() => connect(null), "options");
  await invalid(() => connect({ wasm, signal: new AbortController() }), "signal");
  await client.sendEvent(event, { signal: null });
  await client.close();
});
