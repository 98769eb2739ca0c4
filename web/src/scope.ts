/**
 * The globalThis of wasm_exec.js: what it defines stays here, what it reads is the page's, but for what only Node has, which
 * in a page is something else of that name.
 */
export function scope(widgetFutures: unknown): object {
  const own: Record<PropertyKey, unknown> = {
    widgetFutures,
    fs: undefined,
    path: undefined,
    process: undefined,
    require: undefined,
  };
  return new Proxy(own, {
    get: (target, key) => (key in target ? target[key] : Reflect.get(globalThis, key)),
  });
}

/** The console of wasm_exec.js. Go prints nothing before its end, and then why it ends, which goes to `said` too. */
export function console(said: (line: string) => void): object {
  const log = (...words: unknown[]) => {
    said(words.join(" "));
    try {
      globalThis.console.log(...words);
    } catch {} // a page's own console must not throw into Go
  };
  return { log, warn: log, error: log };
}
