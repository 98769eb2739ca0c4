import type { Pending } from "./calls.js";

/** The calls of each signal. A signal has one listener, whatever the number of its calls. */
export class Signals {
  readonly #calls = new Map<AbortSignal, Map<Pending, number>>();
  readonly #abort: (calls: Map<Pending, number>, reason: unknown) => void;

  /** `abort` takes all calls of a signal, with their numbers, when it is aborted. */
  constructor(abort: (calls: Map<Pending, number>, reason: unknown) => void) {
    this.#abort = abort;
  }

  /** Has the signal give the call up, until the call lets go of it. */
  watch(signal: AbortSignal, id: number, pending: Pending): void {
    let calls = this.#calls.get(signal);
    if (!calls) {
      calls = new Map();
      this.#calls.set(signal, calls);
      signal.addEventListener("abort", this);
    }
    const mine = calls.set(pending, id);
    pending.forget = () => {
      if (mine.delete(pending) && mine.size === 0 && this.#calls.get(signal) === mine) this.#drop(signal);
    };
  }

  handleEvent({ target }: Event): void {
    const signal = target as AbortSignal;
    const calls = this.#calls.get(signal);
    this.#drop(signal);
    if (calls) this.#abort(calls, signal.reason);
  }

  #drop(signal: AbortSignal): void {
    signal.removeEventListener("abort", this);
    this.#calls.delete(signal);
  }
}
