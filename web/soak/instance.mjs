// An instance of the built wasm, as web/src/core.ts makes one, for what is to be seen without the shim.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { compiler, wasmExec } from "../build.mjs";
import { wasmExecModule } from "../scripts/wasm-exec.mjs";
import { source } from "../test/unit/source.mjs";

const { scope } = await source("scope");
const file = fileURLToPath(new URL("../dist/widget-futures.wasm", import.meta.url));

/** Makes what makes instances. */
export async function loadWasm() {
  const script = wasmExecModule(await wasmExec(), compiler);
  const { loadGo } = await import(`data:text/javascript,${encodeURIComponent(script)}`);
  const module = await WebAssembly.compile(await readFile(file));
  globalThis.window ??= { origin: "https://widget.example", parent: { postMessage() {} } };
  return () => {
    let told;
    const shim = {
      start(record) {
        told = record;
      },
    };
    const go = new (loadGo(scope(shim), console))();
    const instance = new WebAssembly.Instance(module, go.importObject);
    go.run(instance); // Go's own never returns
    instance.exports.wf_load();
    return { told, exports: instance.exports };
  };
}
