import type { Fields } from "./border.js";
import type { Calls, Pending } from "./calls.js";
import type { Core } from "./core.js";
import { report, type WidgetError } from "./errors.js";
import { Told } from "./told.js";
import { Call, type Input, Side } from "./wire.gen.js";

/** Carries the next effect out. `message` is the one being handled. What runs code of the page goes onto `later`. */
type CarryOut = (message: Fields | undefined, origin: string, later: (() => void)[]) => void;

type Entry = [
  input: Input,
  a: number,
  b: number,
  record: Fields | undefined,
  origin: string,
  pending: Pending | undefined,
];

/**
 * What goes into the core, one after the other. Whatever comes while one is written or its effects are carried out, by code
 * of the page that runs then (a wrapped fetch, a window that posts at once, a getter), waits for its turn behind those
 * that came before it: inbox and outbox are one input's alone. Calls wait until they are let in.
 */
export class Inputs {
  /** What the host has told. */
  readonly told = new Told();
  readonly #core: Core;
  readonly #calls: Calls;
  readonly #carryOut: CarryOut;
  readonly #roomId: unknown;
  /** Calls that are not let in yet. */
  #early: Entry[] | undefined = [];
  #waiting: Entry[] = [];
  #busy = false;
  #over = false;

  /** `roomId`: of calls that name none. */
  constructor(core: Core, calls: Calls, roomId: unknown, carryOut: CarryOut) {
    this.#core = core;
    this.#calls = calls;
    this.#roomId = roomId;
    this.#carryOut = carryOut;
  }

  /**
   * Hands an input over when it is its turn, and tells the page what comes of it. `record` is what it reads; of a call,
   * `pending` is who waits for it, and nothing is handed over if nobody does by then.
   */
  take(input: Input, a = 0, b = 0, record?: Fields, origin = "", pending?: Pending): void {
    if (this.#over) return;
    const queue = (pending && this.#early) || (this.#busy && this.#waiting);
    if (queue) {
      if (pending) pending.waits = true;
      queue.push([input, a, b, record, origin, pending]);
      return;
    }
    this.#busy = true;
    const later: (() => void)[] = [];
    this.#handle(later, input, a, b, record, origin, pending);
    this.#rest(later);
  }

  /** Lets calls in: those that have waited, and from now on what comes. */
  open(): void {
    this.#waiting = this.#early ?? [];
    this.#early = undefined;
    this.#busy = true;
    this.#rest([]);
  }

  /** Takes no more. */
  stop(): void {
    this.#over = true;
    this.#early = undefined;
    this.#waiting.length = 0;
  }

  #rest(later: (() => void)[]): void {
    if (this.#waiting.length > 0) {
      for (const entry of this.#waiting) this.#handle(later, ...entry); // it may grow meanwhile
      this.#waiting.length = 0;
    }
    this.#busy = false;
    // The page's own code runs last, and with it whatever calls again: inbox and outbox are then used anew.
    for (const tell of later) {
      try {
        tell();
      } catch (cause) {
        report(cause);
      }
    }
  }

  #handle(
    later: (() => void)[],
    input: Input,
    a: number,
    b: number,
    record?: Fields,
    origin?: string,
    pending?: Pending,
  ): void {
    // A call may have been aborted while it waited, and its number be another's.
    if (this.#over || (pending && this.#calls.get(b) !== pending)) return;
    let words = 0;
    if (record)
      try {
        words = this.#write(input, a, b, record, pending);
      } catch (cause) {
        if (this.#core.failed(cause)) return;
        if (!pending) report(cause);
        else {
          this.#calls.take(b);
          later.push(() => pending.keeper?.over(cause as WidgetError));
          pending.reject(cause);
        }
        return;
      }
    words = this.#core.enter(input, a, b, words);
    const { border } = this.#core;
    const message = input === "wf_receive" ? record : undefined;
    while (!this.#over && border.read < words) {
      try {
        this.#carryOut(message, origin ?? "", later);
      } catch (cause) {
        report(cause); // of one effect, thrown by what the page has put in the browser's place: the others are not to blame
      }
    }
  }

  #write(input: Input, kind: Call, id: number, record: Fields, pending?: Pending): number {
    const { border } = this.#core;
    border.begin();
    if (input === "wf_receive") return border.message(record);
    if (input === "wf_http_done") return border.write(Side.HTTP, record);
    if (!pending) {
      border.write(Side.Page, record);
      return border.write(Side.Start, record);
    }
    pending.waits = false;
    pending.enters?.();
    const words = border.write(kind < Call.FirstAction ? Side.Page : Side.Args, record, pending.owner ?? id);
    // What the host told of its place before there was a hold, it will not tell again.
    const told =
      kind === Call.HoldState && this.told.of(record.type, record.stateKey, record.roomId ?? this.#roomId);
    return told ? border.write(Side.Heard, told) : words;
  }
}
