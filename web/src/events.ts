import { invalid } from "./errors.js";
import type { Future } from "./future.js";
import type { Status } from "./wire.gen.js";

/** Where a client stands: "loading" until the wasm is there, then the conversation's status. */
export type ClientStatus = "loading" | Status;

/** An event of a client, with its detail. */
export class WidgetEvent<T> extends Event {
  readonly detail: T;
  constructor(type: string, detail: T, init?: EventInit) {
    super(type, init);
    this.detail = detail;
  }
}

/** The detail of `sentimmediately`: an event that should have been a future is in the room. */
export interface SentImmediately {
  eventId: string;
  roomId?: string;
  type: string;
  stateKey?: string;
}

/** The detail of `orphaned`: a future exists whose call had timed out or was aborted. */
export interface Orphaned {
  future: Future;
  type: string;
  stateKey?: string;
}

/**
 * A request of the host, dispatched as `action:<name>`. Its detail is the request's data. Call {@link reply}, or
 * `preventDefault()` and reply later; otherwise the host gets the answer that it expects of a widget that does not
 * handle the action.
 */
export class ActionEvent extends WidgetEvent<unknown> {
  readonly action: string;
  readonly #answer: (response: object) => void;
  #replied = false;

  /** @internal */
  constructor(action: string, detail: unknown, answer: (response: object) => void) {
    super(`action:${action}`, detail, { cancelable: true });
    this.action = action;
    this.#answer = answer;
  }

  /** Answers the host, once. */
  reply(response: object = {}): void {
    if (this.#replied) throw invalid("reply", "the request was answered already");
    if (typeof response !== "object" || response === null) throw invalid("reply", "must be an object");
    this.#answer(response); // throws where it cannot be cloned
    this.#replied = true;
    this.preventDefault();
  }
}

/** The events of a {@link WidgetClient}. */
export interface WidgetClientEventMap {
  /** `client.status` has changed. */
  statuschange: WidgetEvent<ClientStatus>;
  /** `client.approvedCapabilities` has changed. */
  capabilities: WidgetEvent<ReadonlySet<string>>;
  /** A host ignored a timeout: what should have been sent later is in the room. */
  sentimmediately: WidgetEvent<SentImmediately>;
  /** A future exists whose call was given up. Use it, or cancel it. */
  orphaned: WidgetEvent<Orphaned>;
  /** The client is closed. */
  closed: WidgetEvent<undefined>;
  /** A request of the host. */
  [action: `action:${string}`]: ActionEvent;
}

/** An EventTarget that knows its events. */
export interface TypedEventTarget<EventMap> extends EventTarget {
  addEventListener<K extends keyof EventMap & string>(
    type: K,
    listener: (event: EventMap[K]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof EventMap & string>(
    type: K,
    listener: (event: EventMap[K]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
}

/** The same at run time: an EventTarget. */
export const TypedEventTarget = EventTarget as new <EventMap>() => TypedEventTarget<EventMap>;
