import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { capability, connect } from "../../dist/index.js";
import { FakeHost, HOST, ROOM, wasm } from "./compat-kit.mjs";

test("a call has its time on a page whose tests have stopped Date", async (t) => {
  const host = new FakeHost();
  host.install();
  const now = Date.now();
  t.mock.method(Date, "now", () => now);
  const capabilities = [capability.sendEvent("m.test"), capability.timeline(ROOM)];
  const client = connect({ wasm, widgetId: "w1", hostOrigin: HOST, capabilities });
  await client.ready;
  host.handlers.send_event = () => undefined;
  for (const idleMs of [0, 400]) {
    await sleep(idleMs);
    const began = performance.now();
    const call = client.sendEvent({ type: "m.test", content: {}, roomId: ROOM }, { deadlineMs: 200 });
    await assert.rejects(call, { code: "timeout" });
    const ms = performance.now() - began;
    assert.ok(ms >= 195 && ms < 400, `after ${idleMs} ms of nothing it ended after ${ms} ms`);
  }
  await client.close();
});
