// biome-ignore-all lint/suspicious/noExplicitAny: listeners take whatever is emitted, as Node's do

/** As it is declared for widgets; symbols work as well. */
export type EventName = string | number;
export type Listener = (...args: any[]) => void;

/** What stands in the list for a listener that is called once; the listener itself is what callers know. */
interface Once {
  (...args: any[]): void;
  listener: Listener;
}

/**
 * Node's EventEmitter as far as widgets use it: what `matrix-widget-api` gets from the package `events`. It never warns of
 * many listeners, and a promise that a listener returns is its own business.
 */
export class EventEmitter {
  static defaultMaxListeners = 10;
  /** An object, as a number names the same event as its text. */
  readonly #lists: Record<EventName, Listener[] | undefined> = Object.create(null);
  #maxListeners?: number;

  static listenerCount(emitter: EventEmitter, type: EventName): number {
    return emitter.listenerCount(type);
  }

  on(type: EventName, listener: Listener): this {
    return this.#add(type, listener, listener, false);
  }

  addListener(type: EventName, listener: Listener): this {
    return this.on(type, listener);
  }

  prependListener(type: EventName, listener: Listener): this {
    return this.#add(type, listener, listener, true);
  }

  once(type: EventName, listener: Listener): this {
    return this.#add(type, listener, this.#once(type, listener), false);
  }

  prependOnceListener(type: EventName, listener: Listener): this {
    return this.#add(type, listener, this.#once(type, listener), true);
  }

  /** Takes out what was added last of the listener. */
  off(type: EventName, listener: Listener): this {
    check(listener);
    const list = this.#lists[type] ?? [];
    let at = list.length - 1;
    while (at >= 0 && list[at] !== listener && (list[at] as Once).listener !== listener) at--;
    if (at >= 0) this.#remove(type, list, at);
    return this;
  }

  removeListener(type: EventName, listener: Listener): this {
    return this.off(type, listener);
  }

  removeAllListeners(type?: EventName): this {
    if (type === undefined) {
      for (const name of this.eventNames()) if (name !== "removeListener") this.removeAllListeners(name);
      return this.removeAllListeners("removeListener");
    }
    for (const entry of this.rawListeners(type).reverse()) this.off(type, entry);
    return this;
  }

  /** Calls the listeners there are now, oldest first; true if there are any. */
  emit(type: EventName, ...args: any[]): boolean {
    const list = this.#lists[type];
    if (!list) {
      if (type !== "error") return false;
      throw args[0] instanceof Error ? args[0] : new Error(`Unhandled error. (${args[0]})`);
    }
    for (const listener of list) this.call(listener, args);
    return true;
  }

  /** Calls one listener. What it throws is the emitter's caller's, who then reaches no more of them. */
  protected call(listener: Listener, args: any[]): void {
    listener.apply(this, args);
  }

  listeners(type: EventName): Listener[] {
    return this.rawListeners(type).map((one) => (one as Once).listener ?? one);
  }

  rawListeners(type: EventName): Listener[] {
    return [...(this.#lists[type] ?? [])];
  }

  listenerCount(type: EventName): number {
    return this.#lists[type]?.length ?? 0;
  }

  eventNames(): EventName[] {
    return Reflect.ownKeys(this.#lists) as string[];
  }

  setMaxListeners(count: number): this {
    this.#maxListeners = count;
    return this;
  }

  getMaxListeners(): number {
    return this.#maxListeners ?? EventEmitter.defaultMaxListeners;
  }

  /** Lists are replaced, never changed: one that is being called stays as it was. */
  #add(type: EventName, listener: Listener, entry: Listener, first: boolean): this {
    check(listener);
    if (this.#lists.newListener) this.emit("newListener", type, listener);
    const list = this.#lists[type] ?? [];
    this.#lists[type] = first ? [entry, ...list] : [...list, entry];
    return this;
  }

  #remove(type: EventName, list: Listener[], at: number): void {
    const entry = list[at] as Listener;
    if (list.length === 1) delete this.#lists[type];
    else this.#lists[type] = list.filter((_, i) => i !== at);
    if (this.#lists.removeListener) this.emit("removeListener", type, (entry as Once).listener ?? entry);
  }

  #once(type: EventName, listener: Listener): Once {
    let called = false;
    const entry = (...args: any[]) => {
      if (called) return;
      called = true;
      const list = this.#lists[type];
      const at = list?.indexOf(entry as Once) ?? -1;
      if (at >= 0) this.#remove(type, list as Listener[], at);
      listener.apply(this, args);
    };
    return Object.assign(entry, { listener });
  }
}

function check(listener: unknown): void {
  if (typeof listener !== "function")
    throw new TypeError(`The "listener" argument must be of type Function. Received type ${typeof listener}`);
}

/** An emitter that outlives its listeners: what one throws is reported as uncaught, and the others are still called. */
export class SturdyEmitter extends EventEmitter {
  protected override call(listener: Listener, args: any[]): void {
    try {
      super.call(listener, args);
    } catch (error) {
      if (typeof reportError === "function") reportError(error);
      else console.error(error);
    }
  }
}
