import { WidgetError } from "./errors.js";
import type { WasmSource } from "./options.js";

/** Modules by address, so that several clients on a page compile once. A failure is forgotten: a retry may succeed. */
const compiled = new Map<string, Promise<WebAssembly.Module>>();

const loadError = (message: string, hint?: string, cause?: unknown) =>
  new WidgetError("load", { message, hint, cause });

/** Compiles the wasm, telling apart what can be in the way of it. */
export function loadModule(
  source: WasmSource | undefined,
  integrity: string | undefined,
): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return Promise.resolve(source);
  if (source instanceof Response) return fromResponse(source);
  if (source !== undefined && typeof source !== "string" && !(source instanceof URL)) return compile(source);
  const address = new URL(source ?? new URL("./widget-futures.wasm", import.meta.url), document.baseURI).href;
  const key = `${address} ${integrity ?? ""}`;
  let module = compiled.get(key);
  if (!module) {
    module = fetchModule(address, integrity);
    compiled.set(key, module);
    module.catch(() => compiled.delete(key));
  }
  return module;
}

async function fetchModule(address: string, integrity: string | undefined): Promise<WebAssembly.Module> {
  let response: Response;
  try {
    response = await fetch(address, integrity ? { integrity } : {});
  } catch (cause) {
    throw loadError(
      "the wasm could not be fetched",
      integrity
        ? "it is out of reach, or is not what wasmIntegrity says"
        : "it is out of reach, or CSP's connect-src forbids it",
      cause,
    );
  }
  return fromResponse(response);
}

async function fromResponse(response: Response): Promise<WebAssembly.Module> {
  if (!response.ok) throw loadError(`the wasm could not be fetched: HTTP status ${response.status}`);
  // Streaming wants the right MIME type; every other server is served by the slower way.
  if (response.headers.get("Content-Type")?.split(";")[0]?.trim() === "application/wasm") {
    try {
      return await WebAssembly.compileStreaming(response);
    } catch (cause) {
      throw compileError(cause);
    }
  }
  return compile(await response.arrayBuffer());
}

async function compile(bytes: BufferSource): Promise<WebAssembly.Module> {
  const head = new Uint8Array(
    ArrayBuffer.isView(bytes) ? bytes.buffer : bytes,
    ArrayBuffer.isView(bytes) ? bytes.byteOffset : 0,
  );
  if (head[0] === 0x3c) {
    throw loadError(
      "the wasm's address served HTML",
      "give the wasm option the file's address; with Vite 7 or older, add widget-futures, and an alias of it, to optimizeDeps.exclude",
    );
  }
  try {
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw compileError(cause);
  }
}

function compileError(cause: unknown): WidgetError {
  if (/unsafe-eval|Content Security Policy/i.test(String(cause))) {
    return loadError(
      "the page's Content Security Policy forbids WebAssembly",
      "add 'wasm-unsafe-eval' to script-src; 'unsafe-eval' is not needed",
      cause,
    );
  }
  return loadError("the wasm could not be compiled", undefined, cause);
}
