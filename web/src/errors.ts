import type { ErrorCode } from "./wire.gen.js";

/** Marks our errors, so that `instanceof` also holds between two copies of this module on one page. */
const brand = Symbol.for("widget-futures.error");

/** What the core says of a failed call; absent members were not told. */
export interface ErrorDetails {
  message: string;
  hint?: string;
  action?: string;
  requestId?: string;
  cause?: unknown;
  errcode?: string;
  httpStatus?: number;
  retryAfterMs?: number;
  maxDelayMs?: number;
  body?: unknown;
  missing?: string[];
  eventId?: string;
  roomId?: string;
  deadlineMs?: number;
}

/**
 * Every error of this module. Decide by {@link code}, never by the text: a host's own message passes through
 * unchanged.
 */
export class WidgetError extends Error {
  /** The code of a class's errors; undefined: any. */
  declare protected static readonly brand?: ErrorCode;
  /** What went wrong, a stable word. */
  declare readonly code: ErrorCode;
  /** The Widget API action that failed, if one was involved. */
  declare readonly action?: string;
  /** The id of the request as it was posted to the host. */
  declare readonly requestId?: string;
  /** What to do about it, in a sentence. */
  declare readonly hint?: string;

  constructor(code: ErrorCode, details: ErrorDetails, name = "WidgetError") {
    super(details.message, details.cause === undefined ? undefined : details);
    this.name = name; // written out: a minifier renames classes
    this.code = code;
    this.action = details.action;
    this.requestId = details.requestId;
    this.hint = details.hint;
    Object.defineProperty(this, brand, { value: code });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    const code = (value as { [brand]?: ErrorCode } | null | undefined)?.[brand];
    // biome-ignore lint/complexity/noThisInStatic: each subclass asks for its own code
    return code !== undefined && (this.brand === undefined || this.brand === code);
  }
}

/** The host or the homeserver relayed a Matrix error. */
export class WidgetMatrixError extends WidgetError {
  protected static override readonly brand = "matrix";
  /** The Matrix errcode; empty when the answer had none. */
  declare readonly errcode: string;
  declare readonly httpStatus: number;
  /** How long to wait, in ms, when the server said so (`Retry-After`, else `retry_after_ms`). */
  declare readonly retryAfterMs?: number;
  /** The longest delay in ms that the server takes, when it said so. */
  declare readonly maxDelayMs?: number;
  /** The error body itself. */
  declare readonly body: unknown;

  constructor(details: ErrorDetails) {
    super("matrix", details, "WidgetMatrixError");
    this.errcode = details.errcode ?? "";
    this.httpStatus = details.httpStatus ?? 0;
    this.retryAfterMs = details.retryAfterMs;
    this.maxDelayMs = details.maxDelayMs;
    this.body = details.body;
  }
}

/** The host refused without detail, or the homeserver gave no answer that can be read. */
export class WidgetHostError extends WidgetError {
  protected static override readonly brand = "host";
  constructor(details: ErrorDetails) {
    super("host", details, "WidgetHostError");
  }
}

/** A capability is known not to be approved: nothing was posted. */
export class WidgetCapabilityError extends WidgetError {
  protected static override readonly brand = "capability";
  /** What would have to be approved. */
  declare readonly missing: readonly string[];

  constructor(details: ErrorDetails) {
    super("capability", details, "WidgetCapabilityError");
    this.missing = details.missing ?? [];
  }
}

/** Host or dialect cannot do it: nothing was posted. */
export class WidgetUnsupportedError extends WidgetError {
  protected static override readonly brand = "unsupported";
  constructor(details: ErrorDetails) {
    super("unsupported", details, "WidgetUnsupportedError");
  }
}

/** The host ignored the timeout: the event is in the room. */
export class WidgetSentImmediatelyError extends WidgetError {
  protected static override readonly brand = "sent_immediately";
  declare readonly eventId: string;
  declare readonly roomId?: string;

  constructor(details: ErrorDetails) {
    super("sent_immediately", details, "WidgetSentImmediatelyError");
    this.eventId = details.eventId ?? "";
    this.roomId = details.roomId;
  }
}

/** A verb on a future that is gone: it was sent, cancelled, or its timer ran out. */
export class WidgetSpentError extends WidgetError {
  protected static override readonly brand = "spent";
  constructor(details: ErrorDetails) {
    super("spent", details, "WidgetSpentError");
  }
}

/** No answer in time. A future whose call timed out may still exist: see the `orphaned` event. */
export class WidgetTimeoutError extends WidgetError {
  protected static override readonly brand = "timeout";
  declare readonly deadlineMs: number;

  constructor(details: ErrorDetails) {
    super("timeout", details, "WidgetTimeoutError");
    this.deadlineMs = details.deadlineMs ?? 0;
  }
}

/** The classes of the codes that have one. */
const classes: { [code in ErrorCode]?: new (details: ErrorDetails) => WidgetError } = {
  matrix: WidgetMatrixError,
  host: WidgetHostError,
  capability: WidgetCapabilityError,
  unsupported: WidgetUnsupportedError,
  sent_immediately: WidgetSentImmediatelyError,
  spent: WidgetSpentError,
  timeout: WidgetTimeoutError,
};

/** Makes the error of a code. */
export function makeError(code: ErrorCode, details: ErrorDetails): WidgetError {
  const Class = classes[code];
  return Class ? new Class(details) : new WidgetError(code, details);
}

/** What ends all that a client does when it is closed. */
export const closed = () => makeError("closed", { message: "the client was closed" });

/** Has the browser report what the page's own code has thrown where nobody waits for it. */
export const report = (cause: unknown) =>
  queueMicrotask(() => {
    throw cause;
  });

/** A bad argument; `field` is named as the caller wrote it. */
export function invalid(field: string, why: string): WidgetError {
  return new WidgetError("invalid", { message: `${field}: ${why}` });
}
