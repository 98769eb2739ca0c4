// What build.mjs puts into the bundle that no source file holds.

/** The version of package.json; the wasm is built with the same one. */
declare const __WF_VERSION__: string;

/** Go's own wasm_exec.js, contained: see wasm-exec.mjs. */
declare module "widget-futures:wasm_exec" {
  export interface Go {
    readonly importObject: WebAssembly.Imports;
    readonly exited: boolean;
    run(instance: WebAssembly.Instance): Promise<void>;
  }
  /**
   * Runs wasm_exec.js with `scope` as its globalThis and returns its class, which it leaves on scope. Go's js.Global() is
   * scope too, so it must answer for the page's globals; `fs` is where Go prints.
   */
  export function loadGo(scope: { fs: object }): new () => Go;
}
