// What build.mjs puts into the bundle that no source file holds.

/** The version of package.json; the wasm is built with the same one. */
declare const __WF_VERSION__: string;

/** The wasm_exec.js of the compiler that the wasm is of, contained: see wasm-exec.mjs. */
declare module "widget-futures:wasm_exec" {
  export interface Go {
    readonly importObject: WebAssembly.Imports;
    /** Whether Go's own runtime has ended; TinyGo's traps. */
    readonly exited: boolean;
    run(instance: WebAssembly.Instance): Promise<void>;
  }
  /**
   * Runs wasm_exec.js with `scope` as its globalThis and returns its class, which it leaves on scope. Go's js.Global() is
   * scope too, so it must answer for the page's globals. Go prints by `console`.
   */
  export function loadGo(scope: object, console: object): new () => Go;
}
