import { WidgetError } from "./errors.js";
import type { ConnectOptions } from "./options.js";

/** Modules by address, so that several clients on a page compile once. A failure is forgotten: a retry may succeed. */
const modules = new Map<string, Promise<WebAssembly.Module>>();

const loadError = (message: string, hint?: string, cause?: unknown) =>
  new WidgetError("load", { message, hint, cause });

/** Begins to load the wasm, telling apart what can be in the way of it. A failure need not be handled. */
export function loadModule(options: ConnectOptions): Promise<WebAssembly.Module> {
  const module = load(options);
  module.catch(() => {});
  return module;
}

async function load({ wasm: source, wasmIntegrity: integrity }: ConnectOptions): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof Response) return fromResponse(source);
  if (source !== undefined && typeof source !== "string" && !(source instanceof URL)) return compile(source);
  const address = new URL(source ?? new URL("./widget-futures.wasm", import.meta.url), document.baseURI).href;
  const key = `${address} ${integrity ?? ""}`;
  let module = modules.get(key);
  if (!module) {
    module = fetchWasm(address, integrity);
    modules.set(key, module);
    module.catch(() => modules.delete(key));
  }
  return module;
}

async function fetchWasm(address: string, integrity: string | undefined): Promise<WebAssembly.Module> {
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

function fromResponse(response: Response): Promise<WebAssembly.Module> {
  if (!response.ok) throw loadError(`the wasm could not be fetched: HTTP status ${response.status}`);
  // Streaming wants this very MIME type, without parameters; every other server is served by the slower way.
  const streams = response.headers.get("Content-Type") === "application/wasm";
  return streams
    ? WebAssembly.compileStreaming(response).catch(refuse)
    : response.arrayBuffer().then(compile);
}

async function compile(bytes: BufferSource): Promise<WebAssembly.Module> {
  const head = new Uint8Array(
    ArrayBuffer.isView(bytes) ? bytes.buffer : bytes,
    ArrayBuffer.isView(bytes) ? bytes.byteOffset : 0,
  );
  if (head[0] === 0x3c) {
    throw loadError(
      "the wasm's address served HTML",
      "give the wasm option its address; for Vite see the guide",
    );
  }
  return WebAssembly.compile(bytes).catch(refuse);
}

function refuse(cause: unknown): never {
  if (/unsafe-eval|Content Security Policy/i.test(String(cause))) {
    throw loadError(
      "the page's Content Security Policy forbids WebAssembly",
      "add 'wasm-unsafe-eval' to script-src; 'unsafe-eval' is not needed",
      cause,
    );
  }
  throw loadError("the wasm could not be compiled", undefined, cause);
}
