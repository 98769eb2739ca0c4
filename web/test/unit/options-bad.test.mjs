/** Options that are none, and text that is no Unicode: refused by name, and nothing is posted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "../../dist/index.js";
import { DELAYED, FakeHost, HOST, ROOM, wasm } from "./compat-kit.mjs";

const event = { type: "m.test", stateKey: "", content: {}, roomId: ROOM };
const half = "a\ud800b";

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

test("half a surrogate pair in any text of a call is invalid by its name, and nothing is posted", async () => {
  const { host, client } = await joined();
  const future = { ...event, timeoutMs: 8000 };
  const before = host.wire.length;
  for (const field of ["type", "stateKey", "roomId"]) {
    await invalid(() => client.sendEvent({ ...event, [field]: half }), field);
    await invalid(() => client.sendFuture({ ...future, [field]: half }), field);
    await invalid(() => client.holdState({ ...future, [field]: half }), field);
  }
  const text = { type: "m.room.message", content: { msgtype: half }, roomId: ROOM };
  await invalid(() => client.sendEvent(text), "content.msgtype");
  await invalid(() => client.readEvents({ type: half }), "type");
  await invalid(() => client.readEvents({ type: "t", roomIds: [ROOM, half] }), "roomIds");
  await invalid(() => client.request(half), "action");
  await invalid(() => client.requestCapabilities(["a", half]), "capabilities");
  await invalid(() => client.navigate(`https://matrix.to/#/${half}`), "uri");
  const saved = { v: 1, dialect: "delayed", delayId: "d" };
  await invalid(() => client.resumeFuture({ ...saved, delayId: half }), "saved.delayId");
  for (const field of ["widgetId", "roomId"]) await invalid(() => connect({ wasm, [field]: half }), field);
  await invalid(() => connect({ wasm, capabilities: [half] }), "capabilities");
  assert.equal(host.wire.length, before, "nothing was posted");
  // What a host says is the host's: it is answered, and the same word of the page is refused all the same.
  assert.deepEqual(await host.ask(half), {
    error: { message: `Unknown or unsupported to-widget action: ${half.toWellFormed()}` },
  });
  await invalid(() => client.request(half), "action");
  await client.sendEvent({ ...event, stateKey: "👋" });
  await client.close();
});
