import { Limit } from "./wire.gen.js";

/** The worker: a timer that rings with the number of the turn it was set for. */
const script = "let t;onmessage=({data:[n,ms]})=>{clearTimeout(t);t=setTimeout(postMessage,ms,n)}";

/** Its address: a blob of the page, for CSP's `worker-src blob:`; made once. */
let address: string | undefined;

/**
 * One alarm. Browsers slow the timers of a hidden page, down to one a minute, but not those of a worker: while it is
 * {@link steady} a worker rings too, and whichever rings first counts. Where there is no worker (CSP) the page's timer
 * alone serves.
 */
export class Clock {
  readonly #ring: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #worker: Worker | undefined;
  #at = Infinity;
  /** Counts the alarms, so that the slower of the two timers rings for nothing. */
  #turn = 0;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** Rings at that time of `performance.now()`, and at no time that was asked for before. */
  wake(at: number): void {
    const turn = ++this.#turn;
    this.#at = at;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#due(turn), this.#left());
    this.#worker?.postMessage([turn, this.#left()]);
  }

  /** Whether a worker rings too. */
  steady(on: boolean): void {
    this.#worker?.terminate();
    this.#worker = on ? this.#hire() : undefined;
    if (this.#at < Infinity) this.#worker?.postMessage([this.#turn, this.#left()]);
  }

  stop(): void {
    this.#turn++;
    clearTimeout(this.#timer);
    this.#at = Infinity;
    this.steady(false);
  }

  /** A timer takes 31 bits of milliseconds; one that rings too early is set again by whoever is woken. */
  #left(): number {
    return Math.min(Math.max(0, this.#at - performance.now()), Limit.DurationMs);
  }

  #due(turn: number): void {
    if (turn !== this.#turn) return;
    this.#turn++;
    this.#at = Infinity;
    clearTimeout(this.#timer);
    this.#ring();
  }

  #hire(): Worker | undefined {
    try {
      address ??= URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
      const worker = new Worker(address);
      worker.onmessage = ({ data }) => this.#due(data);
      // Some browsers tell by an event that CSP forbids it, some by throwing.
      worker.onerror = (event) => {
        event.preventDefault();
        if (this.#worker === worker) this.#worker = undefined;
      };
      return worker;
    } catch {
      return undefined;
    }
  }
}
