import { WidgetError } from "./errors.js";
import type { ConnectOptions } from "./options.js";

/** A wasm that is being compiled: until the module is there the page has time for other things. */
export interface Arrival {
  module: WebAssembly.Module | Promise<WebAssembly.Module>;
}

/** Wasm by address, so that several clients on a page compile once. A failure is forgotten: a retry may succeed. */
const arrivals = new Map<string, Promise<Arrival>>();

const loadError = (message: string, hint?: string, cause?: unknown) =>
  new WidgetError("load", { message, hint, cause });

/** Begins to load the wasm, telling apart what can be in the way of it. A failure need not be handled. */
export function loadModule(options: ConnectOptions): Promise<Arrival> {
  const arrival = arrive(options);
  whenFailed(arrival, () => {});
  return arrival;
}

function whenFailed(arrival: Promise<Arrival>, tell: () => void): void {
  arrival.then(({ module }) => module).catch(tell);
}

async function arrive({ wasm: source, wasmIntegrity: integrity }: ConnectOptions): Promise<Arrival> {
  if (source instanceof WebAssembly.Module) return { module: source };
  if (source instanceof Response) return fromResponse(source);
  if (source !== undefined && typeof source !== "string" && !(source instanceof URL)) {
    return { module: compile(source) };
  }
  const address = new URL(source ?? new URL("./widget-futures.wasm", import.meta.url), document.baseURI).href;
  const key = `${address} ${integrity ?? ""}`;
  let arrival = arrivals.get(key);
  if (!arrival) {
    arrival = fetchWasm(address, integrity);
    arrivals.set(key, arrival);
    whenFailed(arrival, () => arrivals.delete(key));
  }
  return arrival;
}

async function fetchWasm(address: string, integrity: string | undefined): Promise<Arrival> {
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

function fromResponse(response: Response): Arrival {
  if (!response.ok) throw loadError(`the wasm could not be fetched: HTTP status ${response.status}`);
  // Streaming wants this very MIME type, without parameters; every other server is served by the slower way.
  const streams = response.headers.get("Content-Type") === "application/wasm";
  return {
    module: streams
      ? WebAssembly.compileStreaming(response).catch(refuse)
      : response.arrayBuffer().then(compile),
  };
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
