import type { Fields, Owner } from "./border.js";
import { type ErrorDetails, makeError, type WidgetError } from "./errors.js";
import { Op } from "./wire.gen.js";

/** What a keepAlive or a hold is told by the core. */
export interface Keeper {
  /** The number of its call, 0 while it has none. */
  id: number;
  /** What a hold holds. */
  type?: string;
  stateKey?: string;
  /** How it stands has changed. */
  kept(fields: Fields, error?: WidgetError): void;
  /** A hold has a new future. */
  armed?(future: Fields): void;
  /** It has ended. `error`: why, where {@link kept} did not say it. */
  over(error?: WidgetError): void;
}

/** A call of the page that the core knows by its number. */
export interface Pending {
  resolve(result: Fields): void;
  reject(reason: unknown): void;
  /** What the core forwards unread; it stays here until the number is free. */
  content?: unknown;
  leaveContent?: unknown;
  /** The call that has the place of its content: of an update, its hold. Default: itself. */
  owner?: number;
  /** Whose number lives on after it is settled, until it is over: a hold's. */
  lasting?: boolean;
  keeper?: Keeper;
  /** Is given the host's answer that settles it. */
  heard?(message: Fields): void;
  /** It waits for its turn to enter the core. */
  waits?: boolean;
  /** Is called when it enters. */
  enters?(): void;
  /** Lets go of the call's signal. */
  forget?: () => void;
}

const errorOf = (fields: Fields) => makeError(fields.code, fields as ErrorDetails);

/** The calls of a conversation by their numbers, which are used again. Number 0 is readiness. */
export class Calls implements Owner {
  readonly table: (Pending | undefined)[] = [];
  readonly #free: number[] = [];
  /** How many holds there are of each type and key. */
  readonly #held = new Map<unknown, Map<unknown, number>>();

  add(pending: Pending): number {
    const id = this.#free.pop() ?? this.table.length;
    this.table[id] = pending;
    const { keeper } = pending;
    if (keeper) {
      keeper.id = id;
      this.#count(keeper, 1);
    }
    return id;
  }

  get(id: number): Pending | undefined {
    return this.table[id];
  }

  /** Takes a call out; its number is free. */
  take(id: number): Pending | undefined {
    const pending = this.table[id];
    if (!pending) return undefined;
    this.table[id] = undefined;
    if (id > 0) this.#free.push(id);
    const { keeper } = pending;
    if (keeper) {
      keeper.id = 0;
      this.#count(keeper, -1);
    }
    pending.forget?.();
    return pending;
  }

  /** Ends all of them. */
  clear(end: WidgetError): void {
    for (let id = 0; id < this.table.length; id++) {
      const pending = this.take(id);
      pending?.reject(end);
      pending?.keeper?.over(end);
    }
  }

  /**
   * Carries out an effect on a call. What runs code of the page goes onto `later`. `message` is the one being handled: a
   * call may end by it though it answers another's request.
   */
  carryOut(op: Op, id: number, fields: Fields, later: (() => void)[], message?: Fields): void {
    const pending = this.table[id];
    if (!pending) return;
    const { keeper, lasting } = pending;
    if (op === Op.Settle || op === Op.Fail) {
      if (lasting) pending.forget?.();
      else this.take(id);
    }
    switch (op) {
      case Op.Settle:
        if (message?.response) pending.heard?.(message);
        pending.resolve(fields);
        break;
      case Op.Fail: {
        const error = errorOf(fields);
        if (message && fields.requestId === message.requestId) pending.heard?.(message);
        pending.reject(error);
        if (!lasting) later.push(() => keeper?.over(error));
        break;
      }
      case Op.Kept: {
        const error = fields.code ? errorOf(fields) : undefined;
        later.push(() => keeper?.kept(fields, error));
        break;
      }
      case Op.Armed:
        later.push(() => keeper?.armed?.(fields));
        break;
      case Op.Over:
        if (!keeper) break; // the number is another's
        this.take(id);
        later.push(() => keeper.over());
    }
  }

  holds(type: unknown, stateKey: unknown): boolean {
    return !!this.#held.get(type)?.get(stateKey);
  }

  #count({ type, stateKey }: Keeper, one: number): void {
    if (type === undefined) return;
    const keys = this.#held.get(type) ?? new Map<unknown, number>();
    const count = (keys.get(stateKey) ?? 0) + one;
    if (count > 0) keys.set(stateKey, count);
    else keys.delete(stateKey);
    if (keys.size > 0) this.#held.set(type, keys);
    else this.#held.delete(type);
  }

  content(id: number, second: boolean): unknown {
    const pending = this.table[id];
    return second ? pending?.leaveContent : pending?.content;
  }
}
