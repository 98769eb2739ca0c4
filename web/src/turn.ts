import { asyncDispose } from "./dispose.js";
import { type CallOptions, checked } from "./options.js";

/** Credentials of TURN servers, as the host last told them; they replace those before them. */
export interface TurnServer {
  uris: string[];
  username: string;
  password: string;
}

/** One who reads, and has not left. */
interface Reader {
  deadlineMs?: number;
  tell(server: TurnServer): void;
  /** Ends it; with a failure the next read rejects. */
  leave(failure?: { reason: unknown }): void;
}

/**
 * The host's TURN servers for any number of readers, who share one watch. It goes out with the first of them and is
 * taken back once when the last has left. One request is out at a time: a host (matrix-widget-api 1.19) that is asked to
 * watch while it still un-watches says yes and tells nothing.
 */
export class TurnServers {
  readonly #watch: (options: CallOptions) => Promise<unknown>;
  readonly #unwatch: () => Promise<unknown>;
  readonly #readers = new Set<Reader>();
  #current?: TurnServer;
  #watched = false;
  #busy = false;

  constructor(watch: (options: CallOptions) => Promise<unknown>, unwatch: () => Promise<unknown>) {
    this.#watch = watch;
    this.#unwatch = unwatch;
  }

  /**
   * Takes what the host tells; true if somebody reads it. It is remembered until the host has said that it stops: after
   * a watch or its end that only timed out here a host may still be telling, and then has no reason to tell it again.
   */
  update(server: TurnServer): boolean {
    this.#current = server;
    for (const reader of this.#readers) reader.tell(server);
    return this.#readers.size > 0;
  }

  /** Ends all readers with the reason why there will be no more. */
  end(reason: unknown): void {
    this.#current = undefined;
    for (const reader of this.#readers) reader.leave({ reason });
  }

  /**
   * A new reader. It begins with its first `next()`, which rejects when the host refuses, and ends at once by `return`,
   * `throw` and the signal, also while a `next()` waits.
   */
  read(options: CallOptions = {}): AsyncGenerator<TurnServer, void> {
    const { signal, deadlineMs } = checked(options);
    type Result = IteratorResult<TurnServer, void>;
    const waiting: { resolve(result: Result): void; reject(reason: unknown): void }[] = [];
    let news: TurnServer | undefined;
    let started = false;
    let over = false;
    let failed: { reason: unknown } | undefined;
    const settle = () => {
      while (waiting.length > 0 && (news || over)) {
        const next = waiting.shift();
        if (failed) next?.reject(failed.reason);
        else next?.resolve({ value: news, done: !news } as Result);
        news = failed = undefined;
      }
    };
    const reader: Reader = {
      deadlineMs,
      tell: (server) => {
        news = server;
        settle();
      },
      leave: (failure) => {
        if (over) return;
        over = true;
        failed = failure;
        news = undefined;
        signal?.removeEventListener("abort", abort);
        this.#readers.delete(reader);
        settle();
        this.#reconcile();
      },
    };
    const abort = () => reader.leave({ reason: signal?.reason });
    const generator: AsyncGenerator<TurnServer, void> = {
      next: () =>
        new Promise((resolve, reject) => {
          waiting.push({ resolve, reject });
          if (!started && !over) {
            started = true;
            if (signal?.aborted) abort();
            else {
              signal?.addEventListener("abort", abort);
              news = this.#current;
              this.#readers.add(reader);
              this.#reconcile();
            }
          }
          settle();
        }),
      return: async (value) => {
        reader.leave();
        return { value: await value, done: true };
      },
      throw: async (reason) => {
        reader.leave();
        throw reason;
      },
      [Symbol.asyncIterator]: () => generator,
      [asyncDispose]: async () => reader.leave(),
    };
    return generator;
  }

  /** Watches or un-watches until that is what the readers want. */
  async #reconcile(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (;;) {
      const [first] = this.#readers;
      if (!first === !this.#watched) break;
      this.#watched = !this.#watched;
      try {
        if (first) await this.#watch({ deadlineMs: first.deadlineMs });
        else {
          await this.#unwatch();
          this.#current = undefined;
        }
      } catch (reason) {
        if (first) {
          this.#watched = false;
          this.end(reason);
        }
      }
    }
    this.#busy = false;
  }
}
