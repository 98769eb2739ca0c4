import type { Fields } from "./border.js";
import type { Conversation } from "./conversation.js";
import { invalid, WidgetError } from "./errors.js";
import { KeepAlive, type KeepAliveOptions } from "./keep.js";
import { type CallOptions, text, timeout } from "./options.js";
import { Call, type Dialect, dialects } from "./wire.gen.js";

/**
 * What {@link Future.save} gives out, to be kept over a reload. It holds the future's secrets: whoever has it can send
 * or cancel the event.
 */
export interface SavedFuture {
  v: 1;
  dialect: Exclude<Dialect, "auto" | "none">;
  roomId?: string;
  groupId?: string;
  delayId?: string;
  sendToken?: string;
  cancelToken?: string;
  refreshToken?: string;
  timeoutMs?: number;
  expiresAt?: number;
}

const secrets = ["delayId", "sendToken", "cancelToken", "refreshToken"] as const;
const texts = ["roomId", "groupId", ...secrets] as const;

/** Checks what a page kept and gives back. */
export function checkSaved(saved: SavedFuture): SavedFuture {
  if (typeof saved !== "object" || saved === null || saved.v !== 1)
    throw invalid("saved", "is not a saved future");
  const { dialect, timeoutMs, expiresAt } = saved;
  if (dialects.indexOf(dialect) < dialects.indexOf("futures")) {
    throw invalid("saved.dialect", "must be one in which a future can be asked for");
  }
  const copy: SavedFuture = { v: 1, dialect };
  for (const name of texts) {
    const value = saved[name];
    // A null is none of ours: it is no string, either.
    if (value !== undefined) copy[name] = text(value ?? "", `saved.${name}`);
  }
  if (!secrets.some((name) => copy[name])) throw invalid("saved", "holds neither a delay id nor a token");
  if (timeoutMs !== undefined) copy.timeoutMs = timeout(timeoutMs, "saved.timeoutMs") as number;
  if (expiresAt !== undefined) {
    if (!Number.isFinite(expiresAt)) throw invalid("saved.expiresAt", "must be a number");
    copy.expiresAt = expiresAt;
  }
  return copy;
}

/** Tells a future what its hold knows: until when it waits at least, or that it is gone. */
export let learn: (future: Future, expiresAt: number | undefined, ended: boolean) => void;

/** An event that the homeserver keeps and sends later. Its ids and tokens are secrets and never printed. */
export class Future {
  readonly #conversation: Conversation;
  readonly #state: SavedFuture;
  #ended = false;

  /** @internal */
  constructor(conversation: Conversation, state: SavedFuture) {
    this.#conversation = conversation;
    this.#state = state;
  }

  /** The room it will be sent to; undefined where neither page nor host named one. */
  declare readonly roomId?: string;
  /** The group it is in, of which one event at most is sent (dialects of tokens). */
  declare readonly groupId?: string;
  /** A secret: whoever has it can send or cancel the event. */
  declare readonly delayId?: string;
  /** A secret: it sends the event. */
  declare readonly sendToken?: string;
  /** A secret: it cancels the event. */
  declare readonly cancelToken?: string;
  /** A secret: it restarts the timer. Action futures have none. */
  declare readonly refreshToken?: string;
  /** The duration of its timer in ms; undefined for an action future. */
  declare readonly timeoutMs?: number;
  /** The generation in which it is managed. */
  declare readonly dialect: SavedFuture["dialect"];
  /**
   * The earliest moment (ms since the epoch) at which the server may send it: when the last acknowledged schedule or
   * refresh was posted, plus {@link timeoutMs}.
   */
  declare readonly expiresAt?: number;

  /** Restarts its timer with the original duration. */
  refresh(options?: CallOptions): Promise<void> {
    return this.#verb(Call.Refresh, options);
  }

  /** Drops it: it is never sent. */
  cancel(options?: CallOptions): Promise<void> {
    return this.#verb(Call.Cancel, options);
  }

  /** Sends it now. */
  send(options?: CallOptions): Promise<void> {
    return this.#verb(Call.Send, options);
  }

  /**
   * Refreshes it until it is stopped. What becomes of it is told by {@link KeepAlive.status}, at the latest by the first
   * refresh that the server answers. In a hidden page browsers slow timers down, to one a minute: it keeps time by a
   * worker there, which needs `worker-src blob:` where the page has a Content Security Policy.
   *
   * @throws {WidgetError} What is known to be wrong: `invalid` for an option, `spent` for a future that is gone,
   * `unsupported` for one without a timer, `closed`. Before the wasm is there nothing is known: then the keepAlive ends
   * as `failed`, with the error.
   */
  keepAlive(options: KeepAliveOptions = {}): KeepAlive {
    return new KeepAlive(this.#conversation, this.#args(), options, (expiresAt, ended) =>
      this.#learn(expiresAt, ended),
    );
  }

  #args(): Fields {
    return { ...this.#state, ended: this.#ended };
  }

  /** Answers may overtake each other; the later timer is the one that runs. */
  #learn(expiresAt: number | undefined, ended: boolean): void {
    if (ended) this.#ended = true;
    if (expiresAt && expiresAt > (this.#state.expiresAt ?? 0)) this.#state.expiresAt = expiresAt;
  }

  async #verb(verb: Call, options?: CallOptions): Promise<void> {
    try {
      const { ended, expiresAt } = await this.#conversation.call(verb, this.#args(), options);
      this.#learn(expiresAt, !!ended);
    } catch (error) {
      if (error instanceof WidgetError && error.code === "spent") this.#ended = true;
      throw error;
    }
  }

  /** All that {@link WidgetClient.resumeFuture} needs, secrets included. */
  save(): SavedFuture {
    return { ...this.#state };
  }

  /** What may be printed. */
  toJSON(): { dialect: string; roomId?: string; timeoutMs?: number; expiresAt?: number } {
    const { dialect, roomId, timeoutMs, expiresAt } = this.#state;
    return { dialect, roomId, timeoutMs, expiresAt };
  }

  /** Node's console prints this. */
  [Symbol.for("nodejs.util.inspect.custom")](): unknown {
    return this.toJSON();
  }

  static {
    for (const name of [...texts, "timeoutMs", "dialect", "expiresAt"] as const)
      Object.defineProperty(Future.prototype, name, {
        get(this: Future) {
          return this.#state[name];
        },
      });
    learn = (future, expiresAt, ended) => future.#learn(expiresAt, ended);
  }
}
