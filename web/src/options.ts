import { invalid, WidgetError } from "./errors.js";
import { isUnicode, notUnicode } from "./plain.js";
import { type Dialect, dialects, Limit } from "./wire.gen.js";

/** Where the wasm comes from: an address, a response, its bytes, or compiled. */
export type WasmSource = string | URL | Response | BufferSource | WebAssembly.Module;

/** Options of {@link connect}. Everything is optional; durations are milliseconds. */
export interface ConnectOptions {
  /** Default: `widgetId` in the page's search, or in the query inside its hash; else adopted from the host's first request. */
  widgetId?: string;
  /**
   * The one origin that is heard and spoken to. Default: the parent's, where the browser tells it; else that of
   * `parentUrl` in the page's URL; else that of the referrer; else pinned from the parent's first accepted message.
   * "*" accepts any.
   */
  hostOrigin?: string;
  /** The room of every request that names none. */
  roomId?: string;
  /**
   * Who the user is: a hold tells the user's own events from others' by it. Default: `userId` in the page's search, or in
   * the query inside its hash, as clients' URL templates fill it in; what is no user id there counts as not told.
   */
  userId?: string;
  /**
   * Base URL of the homeserver (https, or loopback): needed to use the tokens of the first draft, and for a hold to leave
   * at once when the page dies.
   */
  homeserverUrl?: string;
  /** The wire generation. Default "auto": delayed events, if the host proves that it knows them. */
  dialect?: Dialect;
  /** Where tokens are posted, with `{token}` in it. Default: the dialect's own. */
  tokenPath?: string;
  /** Capabilities to ask for beside those that the dialect and `roomId` need: see {@link capability}. */
  capabilities?: Iterable<string>;
  /** Who sends `content_loaded`: this module at once ("auto"), or the page with {@link WidgetClient.contentLoaded}. */
  contentLoaded?: "auto" | "manual";
  /** Of each call, counted from posting. Default 10000. */
  deadlineMs?: number;
  /** Of the negotiation (people answer prompts meanwhile), and before that of loading the wasm. Default 120000. */
  handshakeTimeoutMs?: number;
  /** Requests in flight; more wait in order. Default 1000, 12 for hosts that drop what is beyond 15. */
  maxInFlight?: number;
  /** Default: `widget-futures.wasm` beside this module. */
  wasm?: WasmSource;
  /** Subresource integrity of a wasm that is fetched. */
  wasmIntegrity?: string;
  /** Aborting it is {@link WidgetClient.close}. */
  signal?: AbortSignal;
}

/** Options of every call. */
export interface CallOptions {
  /** Aborting it rejects the call with the signal's reason. */
  signal?: AbortSignal;
  /** Of this call, in ms, instead of the client's. */
  deadlineMs?: number;
}

/** The options of a call or of the client, unless they or their signal are none. */
export function checked<Options extends { signal?: AbortSignal }>(options: Options): Options {
  if (typeof options !== "object" || !options) throw invalid("options", "must be an object");
  const { signal } = options;
  // A signal may be of another realm.
  if (signal && (typeof signal.aborted !== "boolean" || typeof signal.addEventListener !== "function"))
    throw invalid("signal", "must be an AbortSignal");
  return options;
}

/** Throws unless what is given is a non-empty string; undefined stands for null, too. */
export function text(value: unknown, name: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string" || value === "") throw invalid(name, "must be a non-empty string");
  if (!isUnicode(value)) throw invalid(name, notUnicode);
  return value;
}

/** Takes an option that was given, by its name; returns what the core is told, or throws. */
type Check = (value: unknown, name: string) => unknown;

const number =
  (unit: string, valid: (value: unknown) => boolean = Number.isFinite): Check =>
  (value, name) => {
    if (!(valid(value) && (value as number) >= 1 && (value as number) <= Limit.DurationMs))
      throw invalid(name, `must be ${unit} from 1 to ${Limit.DurationMs}`);
    return value;
  };

const duration = number("a number of milliseconds");

/** What a future's timer takes. */
export const timeout = number("an integer", Number.isInteger);

const oneOf =
  (words: readonly unknown[]): Check =>
  (value, name) => {
    if (!words.includes(value)) throw invalid(name, `must be one of ${words.join(", ")}`);
    return value;
  };

function url(value: unknown, name: string): URL {
  try {
    return new URL(text(value, name) as string);
  } catch (cause) {
    if (cause instanceof WidgetError) throw cause;
    throw new WidgetError("invalid", { message: `${name}: must be a URL`, cause });
  }
}

const isUser = (value: unknown) => typeof value === "string" && /^@[^:\s]+:\S+$/.test(value);

const checks: { [name in keyof ConnectOptions]: Check } = {
  widgetId: text,
  hostOrigin(value, name) {
    if (value === "*") return value;
    const { origin } = url(value, name);
    if (origin === "null") throw invalid(name, 'has no origin; "*" accepts any');
    return origin;
  },
  roomId: text,
  userId(value, name) {
    if (!isUser(value)) throw invalid(name, "must be of the form @local:server");
    return value;
  },
  /** Tokens are secrets: they go over https, or stay on the machine. */
  homeserverUrl(value, name) {
    const { protocol, hostname, origin, pathname } = url(value, name);
    const loopback = /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
    if (protocol !== "https:" && !(protocol === "http:" && loopback))
      throw invalid(name, "must be https, or on the loopback");
    return origin + pathname;
  },
  dialect: oneOf(dialects),
  tokenPath: text,
  capabilities(value, name) {
    if (typeof value === "string" || typeof (value as string[])[Symbol.iterator] !== "function")
      throw invalid(name, "must be a list of strings");
    return [...(value as string[])].map((element) => text(element ?? "", name));
  },
  contentLoaded: oneOf(["auto", "manual"]),
  deadlineMs: duration,
  handshakeTimeoutMs: duration,
  maxInFlight: number("a number"),
};

/** Checks the options and makes the record that the core starts from. */
export function startRecord(options: ConnectOptions): Record<string, unknown> {
  const start: Record<string, unknown> = {
    manualContentLoaded: options.contentLoaded === "manual",
    seed: Math.random(),
    ...pageFacts(),
  };
  for (const [name, check] of Object.entries(checks)) {
    const value = options[name as keyof ConnectOptions];
    if (value !== undefined && value !== null) start[name] = check(value, name);
  }
  return start;
}

/** What the page's URL and surroundings say of its host; the core decides what counts. */
function pageFacts(): Record<string, unknown> {
  const { search, hash, ancestorOrigins } = location;
  const query = new URLSearchParams(search);
  const inHash = new URLSearchParams(hash.slice(hash.indexOf("?") + 1 || hash.length)); // Element Call's form
  const param = (name: string) => query.get(name) || inHash.get(name) || undefined;
  const originOf = (address: string | undefined) => {
    try {
      return address ? new URL(address).origin : undefined; // the first throw of a page takes a millisecond and a half
    } catch {
      return undefined; // no URL says nothing
    }
  };
  const userId = param("userId");
  return {
    urlWidgetId: param("widgetId"),
    userId: isUser(userId) ? userId : undefined, // a template that was not filled in is no user
    parentOrigin: originOf(param("parentUrl")),
    ancestorOrigin: ancestorOrigins?.[0],
    referrerOrigin: originOf(document.referrer),
  };
}
