/** What a call costs the runtime of the wasm: a module that counts it is driven by the shim. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { buildWasm, setVersion } from "../../build.mjs";
import { __debug, connect } from "../../dist/index.js";
import { DELAYED, FakeHost, HOST, ROOM } from "./compat-kit.mjs";

const event = { type: "m.test", stateKey: "", content: { a: [1, { b: "c" }] }, roomId: ROOM };

test("a plain event and its answer allocate nothing in the wasm, one by one and many at once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "widget-futures-counted-"));
  try {
    const file = join(folder, "counted.wasm");
    await buildWasm("./web/test/counted", file, { ldflags: setVersion });
    new FakeHost().install();
    const wasm = await readFile(file);
    const client = connect({ wasm, widgetId: "w1", hostOrigin: HOST, capabilities: DELAYED });
    await client.ready;
    const { mallocs } = __debug(client).core.exports;
    const alone = async (calls) => {
      for (let n = 0; n < calls; n++) await client.sendEvent(event);
    };
    const together = (calls) => Promise.all(Array.from({ length: calls }, () => client.sendEvent(event)));
    for (const send of [alone, together]) {
      for (let round = 0; round < 4; round++) await send(500); // the tables get their size, and each place its own
      const before = mallocs();
      await send(500);
      assert.equal(mallocs() - before, 0);
    }
    await client.close();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
