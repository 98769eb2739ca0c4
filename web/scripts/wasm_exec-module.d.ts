// What build.mjs puts into the bundle that no source file holds.

/** The version of package.json; the wasm is built with the same one. */
declare const __WF_VERSION__: string;

/** Go's own wasm_exec.js, contained: see containWasmExec in build.mjs. */
declare module "widget-futures:wasm_exec" {
  export interface Go {
    argv: string[];
    env: Record<string, string>;
    exit(code: number): void;
    readonly importObject: WebAssembly.Imports;
    readonly exited: boolean;
    run(instance: WebAssembly.Instance): Promise<void>;
  }
  /**
   * Runs wasm_exec.js with `scope` as its globalThis and returns its class. What it defines (Go, and fs, path and
   * process where scope has none) lands on scope; Go's js.Global() is scope too, so it must answer for the page's globals.
   */
  export function loadGo(scope: object): new () => Go;
}
