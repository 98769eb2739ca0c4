/**
 * The globalThis of Go's wasm_exec.js: what it defines stays here, what it reads is the page's, but for a page's own `fs`.
 * Of that Go has what its panics and its main say by.
 */
export function scope(widgetFutures: unknown): { fs: object } {
  const decoder = new TextDecoder();
  let line = "";
  const writeSync = (_file: number, bytes: Uint8Array) => {
    line = (line + decoder.decode(bytes)).replace(/(.*)\n/s, (_, lines) => {
      try {
        console.log(lines);
      } catch {} // a page's own console must not throw into Go
      return "";
    });
  };
  const own: Record<PropertyKey, unknown> & { fs: object } = {
    widgetFutures,
    fs: { writeSync },
  };
  return new Proxy(own, {
    get: (target, key) => (key in target ? target[key] : Reflect.get(globalThis, key)),
  });
}
