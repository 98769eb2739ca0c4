/**
 * `running` for a program that only uses our three building blocks once, made by the compiler that the query names: that
 * compiler's own loader, and main has run.
 */
const start = performance.now();
const folder = location.search.slice(1);
await import(`/${folder}/wasm_exec.js`);
const { Go } = globalThis as unknown as { Go: new () => GoProgram };
interface GoProgram {
  importObject: WebAssembly.Imports;
  run(instance: WebAssembly.Instance): Promise<void>;
}

const go = new Go();
const module = await WebAssembly.compileStreaming(fetch(`/${folder}/floor.wasm`));
await go.run(await WebAssembly.instantiate(module, go.importObject));
if ("floor" in globalThis)
  window.parent.postMessage({ started: { running: performance.now() - start } }, "*");

export {};
