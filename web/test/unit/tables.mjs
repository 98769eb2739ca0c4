/** The tables that the built wasm hands to the shim at the start. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { compiler, wasmExec } from "../../build.mjs";
import { wasmExecModule } from "../../scripts/wasm-exec.mjs";
import { source } from "./source.mjs";

const { scope } = await source("scope");
const file = fileURLToPath(new URL("../../dist/widget-futures.wasm", import.meta.url));

/** What the wasm tells the shim that is its page's. */
export async function tables() {
  const script = wasmExecModule(await wasmExec(), compiler);
  const { loadGo } = await import(`data:text/javascript,${encodeURIComponent(script)}`);
  let told;
  globalThis.window ??= { origin: "https://widget.example", parent: { postMessage() {} } };
  const shim = {
    start(record) {
      told = record;
    },
  };
  const go = new (loadGo(scope(shim), console))();
  const { instance } = await WebAssembly.instantiate(await readFile(file), go.importObject);
  go.run(instance);
  instance.exports.wf_load();
  return told;
}
