/** `running` for a Go program that only uses our three building blocks once: Go's own loader, and main has run. */
const start = performance.now();
// @ts-expect-error: Go's file, which has no types
await import("/wasm_exec.js");
const { Go } = globalThis as unknown as { Go: new () => GoProgram };
interface GoProgram {
  importObject: WebAssembly.Imports;
  run(instance: WebAssembly.Instance): Promise<void>;
}

const go = new Go();
const module = await WebAssembly.compileStreaming(fetch("/floor.wasm"));
await go.run(await WebAssembly.instantiate(module, go.importObject));
if ("floor" in globalThis)
  window.parent.postMessage({ started: { running: performance.now() - start } }, "*");

export {};
