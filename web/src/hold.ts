import type { Fields } from "./border.js";
import type { Keeper } from "./calls.js";
import type { Conversation } from "./conversation.js";
import { asyncDispose } from "./dispose.js";
import { makeError, type WidgetError } from "./errors.js";
import { TypedEventTarget, WidgetEvent } from "./events.js";
import { Future, learn, type SavedFuture } from "./future.js";
import { gone } from "./keep.js";
import type { CallOptions } from "./options.js";
import { lateSnapshot } from "./plain.js";
import { Call, type KeepStatus } from "./wire.gen.js";

/** What {@link WidgetClient.holdState} holds; durations are milliseconds. */
export interface HoldSpec<Content extends object = Record<string, unknown>> {
  type: string;
  stateKey: string;
  /** Plain JSON. It is copied when the call is made. */
  content: Content;
  /** What the state becomes when the hold ends. Default: the empty content. */
  leaveContent?: object;
  /** How long after the page's death the leave is sent. A server may want less: see {@link Hold.timeoutMs}. */
  timeoutMs: number;
  /** How often to refresh the leave. Default: a quarter of `timeoutMs`. */
  refreshMs?: number;
  /** Default: the client's `roomId`. */
  roomId?: string;
  /** Whether to leave at once when the page is hidden for good. Default true; it wants the client's `homeserverUrl`. */
  leaveOnPageHide?: boolean;
  /** Hold the state also where no leave can be scheduled: it then stays when the page dies. Default false. */
  withoutFuture?: boolean;
}

/**
 * How a hold stands: "starting", "held", "atRisk" when a refresh of its leave was missed, "maybeExpired" when the leave
 * may have been sent, "lost" when the server says that the leave is gone and a new one is being arranged. These may
 * change to and fro. The end is "released", "displaced" (somebody else wrote the state) or "failed" (the server refuses,
 * see {@link Hold.error}).
 */
export type HoldStatus = Exclude<KeepStatus, "alive" | "stopped">;

/** The events of a {@link Hold}. */
export interface HoldEventMap {
  /** Its status has changed. */
  statuschange: WidgetEvent<HoldStatus>;
  /** A new leave was scheduled, {@link Hold.future} is another. */
  rearmed: WidgetEvent<Future>;
}

/** Makes a hold; resolves with it once it is held. */
export let startHold: <C extends object>(
  conversation: Conversation,
  spec: HoldSpec<C>,
  options?: CallOptions,
) => Promise<Hold<C>>;

/** A state event that is in the room as long as the page lives. Made by {@link WidgetClient.holdState}. */
export class Hold<Content extends object = Record<string, unknown>> extends TypedEventTarget<HoldEventMap> {
  readonly #conversation: Conversation;
  readonly #keeper: Keeper;
  #status: HoldStatus = "starting";
  #future?: Future;
  #timeoutMs: number;
  #expiresAt?: number;
  #error?: WidgetError;

  private constructor(conversation: Conversation, { type, stateKey, timeoutMs }: HoldSpec<Content>) {
    super();
    this.#conversation = conversation;
    this.#timeoutMs = timeoutMs;
    this.#keeper = {
      id: 0,
      type,
      stateKey,
      kept: (fields, error) => {
        const status: HoldStatus = fields.status;
        // Held and nothing that expires: there is no leave any more.
        const unprotected = status === "held" && !fields.expiresAt;
        this.#learn(fields);
        if (this.#future) learn(this.#future, fields.expiresAt, unprotected || gone(status));
        if (unprotected) this.#future = this.#expiresAt = undefined;
        this.#become(status, error);
      },
      armed: (fields) => {
        this.#learn(fields);
        const before = this.#future;
        this.#future = new Future(conversation, { ...fields, v: 1 } as SavedFuture);
        if (before) learn(before, undefined, true);
        else if (this.#status === "starting") return;
        this.dispatchEvent(new WidgetEvent("rearmed", this.#future));
      },
      over: (error) => {
        if (error) this.#become("failed", error);
      },
    };
  }

  get status(): HoldStatus {
    return this.#status;
  }
  /** The leave as it is scheduled now; undefined where there is none ({@link HoldSpec.withoutFuture}). */
  get future(): Future | undefined {
    return this.#future;
  }
  /** The duration in force, in ms: the server may have wanted a shorter one than was asked for. */
  get timeoutMs(): number {
    return this.#timeoutMs;
  }
  /** The earliest moment (ms since the epoch) at which the server may send the leave. */
  get expiresAt(): number | undefined {
    return this.#expiresAt;
  }
  /** Why it is "lost", "failed" or "displaced", or "held" without a leave, where that is known. */
  get error(): WidgetError | undefined {
    return this.#error;
  }

  /**
   * Changes the content. Of several updates the latest wins; each resolves when the room has it or a newer one.
   *
   * @throws {WidgetError} `invalid` for the content, `spent` when the hold has ended, and what a sent event rejects with.
   */
  async update(content: Content, options?: CallOptions): Promise<void> {
    const copy = lateSnapshot(content, "content");
    const { id } = this.#keeper;
    if (!id) throw this.#ended();
    await this.#conversation.update(id, copy, options);
  }

  /**
   * Sends the leave now and ends the hold; resolves when the leave is in the room, also if it was there before.
   *
   * @throws {WidgetError} What a sent event rejects with; `timeout` when the leave goes out only when its time is over.
   */
  async release(options?: CallOptions): Promise<void> {
    const { id } = this.#keeper;
    if (id) await this.#conversation.call(Call.ReleaseHold, { hold: id }, options);
    else if (this.#status === "failed") throw this.#error ?? this.#ended();
  }

  /** `await using hold = await client.holdState(…)` releases it. */
  [asyncDispose](): Promise<void> {
    return this.release();
  }

  /** What may be printed. */
  toJSON(): { status: HoldStatus; timeoutMs: number; expiresAt?: number } {
    return { status: this.#status, timeoutMs: this.#timeoutMs, expiresAt: this.#expiresAt };
  }

  /** Node's console prints this. */
  [Symbol.for("nodejs.util.inspect.custom")](): unknown {
    return this.toJSON();
  }

  #ended(): WidgetError {
    return makeError("spent", { message: `the hold has ended: it is ${this.#status}` });
  }

  #learn({ timeoutMs, expiresAt }: Fields): void {
    this.#timeoutMs = timeoutMs ?? this.#timeoutMs;
    this.#expiresAt = expiresAt ?? this.#expiresAt;
  }

  #become(status: HoldStatus, error?: WidgetError): void {
    // Why there is no leave holds as long as there is none.
    if (error || this.#future || status !== this.#status) this.#error = error;
    if (status === this.#status) return;
    this.#status = status;
    this.dispatchEvent(new WidgetEvent("statuschange", status));
  }

  static {
    startHold = async <C extends object>(
      conversation: Conversation,
      spec: HoldSpec<C>,
      options?: CallOptions,
    ) => {
      const { type, stateKey, timeoutMs, refreshMs, roomId, leaveOnPageHide, withoutFuture } = spec;
      const hold = new Hold(conversation, spec);
      const args = {
        ...{ type, stateKey, timeoutMs, refreshMs, roomId, leaveOnPageHide, withoutFuture },
        content: lateSnapshot(spec.content, "content"),
        leaveContent: lateSnapshot(spec.leaveContent ?? {}, "leaveContent"),
      };
      await conversation.call(Call.HoldState, args, options, hold.#keeper);
      return hold;
    };
  }
}
