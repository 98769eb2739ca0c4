import assert from "node:assert/strict";
import { test } from "node:test";
import { connect } from "../../dist/index.js";
import { FakeHost, HOST, ROOM, wasm } from "./compat-kit.mjs";

test("a host that never tells what it approves has the capabilities before what needs them", async () => {
  const host = new FakeHost();
  host.versions = [];
  host.notify = () => {};
  host.install();
  const client = connect({ wasm, widgetId: "w1", hostOrigin: HOST, capabilities: ["a"] });
  await client.sendEvent({ type: "m.test", content: {}, roomId: ROOM });
  const posted = host.wire.filter(({ from }) => from === "widget").map(({ message }) => message.action);
  assert.deepEqual(posted.slice(-2), ["capabilities", "send_event"]);
  await client.close();
});
