import type { Fields } from "../border.js";
import { WidgetError } from "../index.js";
import type {
  IWidgetApiErrorResponseData,
  IWidgetApiErrorResponseDataDetails,
  IWidgetApiResponseData,
} from "./exports.js";

/**
 * What the host refuses with: its own message, unchanged, and the rest of its error. Where this module refuses in the
 * host's stead (nothing was posted, or the host has done something else), `data` is empty and `cause` the
 * {@link WidgetError} that says why.
 */
export class WidgetApiResponseError extends Error {
  static {
    // Written out: a minifier renames classes, and consumers read both.
    const name = "WidgetApiResponseError";
    Object.defineProperty(WidgetApiResponseError, "name", { value: name });
    WidgetApiResponseError.prototype.name = name;
  }

  constructor(
    message: string,
    readonly data: IWidgetApiErrorResponseDataDetails,
  ) {
    super(message);
  }
}

/** Whether a response refuses: its error is an object with a string message. */
export function isErrorResponse(
  responseData: IWidgetApiResponseData,
): responseData is IWidgetApiErrorResponseData {
  const { error } = responseData;
  return typeof (error as Fields | null | undefined)?.message === "string" && typeof error === "object";
}

/** The refusal in a message of the host; undefined if it is none. */
export function refusalOf({ response }: Fields): WidgetApiResponseError | undefined {
  if (!isErrorResponse(response)) return undefined;
  const { message, ...data } = response.error;
  return new WidgetApiResponseError(message, data);
}

/** What the core refuses in the host's stead, as callers expect it of a host. */
const inItsStead: ReadonlySet<string> = new Set(["capability", "unsupported", "sent_immediately"]);

/** An error of the core in the words that consumers of `matrix-widget-api` look for. */
export function translated(error: unknown): unknown {
  if (!(error instanceof WidgetError)) return error;
  if (error.code === "timeout") return new Error("Request timed out");
  if (error.code === "closed") return new Error("Transport stopped");
  if (!inItsStead.has(error.code)) return error;
  const refusal = new WidgetApiResponseError(error.message, {});
  Object.defineProperty(refusal, "cause", { value: error, configurable: true, writable: true });
  return refusal;
}
