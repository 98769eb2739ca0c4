/** The compiler's wasm_exec.js as build.mjs contains it, and what the wasm exports. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { wasmExecModule } from "../../scripts/wasm-exec.mjs";
import { tables } from "./tables.mjs";

const dist = (name) => fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));

test("the wasm starts in a page whose fs, process, path and require are other things, and leaves all as it was", async () => {
  const own = { fs: "a file system", process, path: 1, require: { main: "of a loader of modules" } };
  const kept = Object.keys(own).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
  for (const [name, value] of Object.entries(own))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  const window = { origin: "https://widget.example", parent: { postMessage() {} } };
  globalThis.window = window;
  try {
    const before = Object.getOwnPropertyNames(globalThis).join();
    const { version, prefix, top } = await tables();
    const { version: ours } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url)));
    assert.equal(version, ours);
    assert.match(prefix, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}-$/);
    assert.equal(top, false);
    assert.equal(Object.getOwnPropertyNames(globalThis).join(), before);
    for (const [name, value] of Object.entries(own)) assert.equal(globalThis[name], value);
    assert.equal(globalThis.window, window);
  } finally {
    for (const [name, descriptor] of kept) {
      delete globalThis[name];
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
    }
    delete globalThis.window;
  }
});

test("a wasm_exec.js whose polyfills have no known end fails the build", () => {
  assert.throws(() => wasmExecModule("(() => {\n\twindow.global = window;\n})();", "tinygo"), /polyfills/);
});

test("what the shim holds of wasm_exec.js asks for nothing that only Node has", async () => {
  assert.doesNotMatch(await readFile(dist("index.js"), "utf8"), /node:|require\(/);
});

test("the shim calls every function that the wasm exports for it, and no other", async () => {
  const wasm = new WebAssembly.Module(await readFile(dist("widget-futures.wasm")));
  const exported = WebAssembly.Module.exports(wasm).map(({ name }) => name);
  const called = (await readFile(dist("index.js"), "utf8")).match(/\bwf_\w+/g);
  assert.deepEqual([...new Set(called)].sort(), exported.filter((name) => name.startsWith("wf_")).sort());
});
