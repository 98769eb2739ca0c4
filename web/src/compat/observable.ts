/** What a {@link SimpleObservable} calls. */
export type ObservableFunction<T> = (val: T) => void;

/** Hands values on to whoever listens. */
export class SimpleObservable<T> {
  private listeners: ObservableFunction<T>[];

  constructor(initialFn?: ObservableFunction<T>) {
    this.listeners = initialFn ? [initialFn] : [];
  }

  /** Adds a listener; it hears the updates that come from now on. */
  onUpdate(fn: ObservableFunction<T>): void {
    this.listeners.push(fn);
  }

  /** Calls the listeners, in the order in which they were added. The first that throws ends it. */
  update(val: T): void {
    for (const listener of this.listeners) listener(val);
  }

  /** Forgets the listeners. */
  close(): void {
    this.listeners = [];
  }
}
