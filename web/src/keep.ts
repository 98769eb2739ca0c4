import type { Fields } from "./border.js";
import type { Keeper } from "./calls.js";
import type { Conversation } from "./conversation.js";
import { dispose } from "./dispose.js";
import type { WidgetError } from "./errors.js";
import { TypedEventTarget, WidgetEvent } from "./events.js";
import { checked } from "./options.js";
import type { KeepStatus } from "./wire.gen.js";

/** Options of {@link Future.keepAlive}; durations are milliseconds. */
export interface KeepAliveOptions {
  /** How often to refresh; each period is drawn between 0.9 and 1 of it. Default: a quarter of the future's `timeoutMs`. */
  everyMs?: number;
  /**
   * When a refresh counts as failed. Default: the client's `deadlineMs`, in the delayed dialects `everyMs` if that is
   * less; an answer that comes later still counts.
   */
  attemptDeadlineMs?: number;
  /** How many refreshes of the last period may be unanswered, so that a slow one delays no other. Default 3. */
  overlap?: 1 | 2 | 3;
  /** Aborting it is {@link KeepAlive.stop}. */
  signal?: AbortSignal;
}

/**
 * How a keepAlive stands: "alive", "atRisk" when a refresh was missed, "maybeExpired" when the future's time is over and
 * nothing was acknowledged. These may change to and fro. The end is "lost" (the server says that the future is gone),
 * "failed" (it refuses, see {@link KeepAlive.error}), or "stopped".
 */
export type KeepAliveStatus = Exclude<KeepStatus, "starting" | "held" | "displaced" | "released">;

/** The events of a {@link KeepAlive}. */
export interface KeepAliveEventMap {
  /** Its status has changed. */
  statuschange: WidgetEvent<KeepAliveStatus>;
}

/** Says what has become of a future: see {@link Future.expiresAt}, and whether it is gone. */
export type Learn = (expiresAt: number | undefined, ended: boolean) => void;

/** Whether the status says that the server has the future no more. */
export const gone = (status: KeepStatus): boolean => ["lost", "displaced", "released"].includes(status);

/** Keeps a future from being sent, by refreshing it, until it is stopped. Made by {@link Future.keepAlive}. */
export class KeepAlive extends TypedEventTarget<KeepAliveEventMap> {
  readonly #conversation: Conversation;
  readonly #keeper: Keeper;
  #status: KeepAliveStatus = "alive";
  #expiresAt?: number;
  #error?: WidgetError;

  /** @internal */
  constructor(conversation: Conversation, future: Fields, options: KeepAliveOptions, learn: Learn) {
    super();
    this.#conversation = conversation;
    this.#expiresAt = future.expiresAt;
    const { everyMs, attemptDeadlineMs, overlap, signal } = checked(options);
    let made = false;
    let refused: WidgetError | undefined;
    this.#keeper = {
      id: 0,
      kept: ({ status, expiresAt }, error) => {
        this.#expiresAt = expiresAt ?? this.#expiresAt;
        learn(expiresAt, gone(status));
        this.#become(status, error);
      },
      over: (error) => {
        if (!made) refused = error;
        if (error && error.code !== "closed") this.#become("failed", error);
        else if (this.#status !== "lost" && this.#status !== "failed") this.#become("stopped");
      },
    };
    conversation.keep({ ...future, everyMs, attemptDeadlineMs, overlap }, this.#keeper, { signal });
    if (refused) throw refused;
    made = true;
  }

  get status(): KeepAliveStatus {
    return this.#status;
  }
  /** See {@link Future.expiresAt}, which follows it. */
  get expiresAt(): number | undefined {
    return this.#expiresAt;
  }
  /** Why it is "lost" or "failed". */
  get error(): WidgetError | undefined {
    return this.#error;
  }

  /** Refreshes it no more: the server sends it when its time is over. */
  stop(): void {
    this.#conversation.abort(this.#keeper.id);
  }

  /** `using kept = future.keepAlive()` stops it. */
  [dispose](): void {
    this.stop();
  }

  /** What may be printed. */
  toJSON(): { status: KeepAliveStatus; expiresAt?: number } {
    return { status: this.#status, expiresAt: this.#expiresAt };
  }

  /** Node's console prints this. */
  [Symbol.for("nodejs.util.inspect.custom")](): unknown {
    return this.toJSON();
  }

  #become(status: KeepAliveStatus, error?: WidgetError): void {
    this.#error = error;
    if (status === this.#status) return;
    this.#status = status;
    this.dispatchEvent(new WidgetEvent("statuschange", status));
  }
}
