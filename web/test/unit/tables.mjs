/** The tables that the built wasm hands to the shim at the start. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { wasmExec } from "../../build.mjs";
import { importsOf, wasmExecModule } from "../../scripts/wasm-exec.mjs";
import { source } from "./source.mjs";

const { scope } = await source("scope");

/** A Go instance of the wasm, with the shim's side of the hand-over, before it runs. */
export async function contained(file, port) {
  const wasm = await readFile(file);
  const script = wasmExecModule(await wasmExec(), await importsOf(wasm), true);
  const { loadGo } = await import(`data:text/javascript,${encodeURIComponent(script)}`);
  const global = scope(port);
  const go = new (loadGo(global))();
  const { instance } = await WebAssembly.instantiate(wasm, go.importObject);
  return { global, run: () => go.run(instance), go };
}

export async function tables() {
  let told;
  const port = {
    table(version, paths, names, answers) {
      told = { version, paths, names, answers };
      return false; // it asks for nothing else then
    },
  };
  const wasm = fileURLToPath(new URL("../../dist/widget-futures.wasm", import.meta.url));
  const { run } = await contained(wasm, port);
  run(); // it never ends
  return told;
}
