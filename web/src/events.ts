import { invalid } from "./errors.js";
import type { Future } from "./future.js";
import type { RoomEvent, ToDeviceMessage } from "./matrix.js";
import type { TurnServer } from "./turn.js";
import type { Status } from "./wire.gen.js";

/** Where a client stands: "loading" until the wasm is there, then the conversation's status. */
export type ClientStatus = "loading" | Status;

/** An event of a client, with its detail. */
export class WidgetEvent<T> extends Event {
  declare readonly detail: T;
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
 * A request of the host, dispatched as `action:<name>`. Its detail is the request's data as it came: types say what hosts
 * send, nothing is checked. Call {@link reply}, or `preventDefault()` and reply later; otherwise, also when a listener
 * throws, the host gets the answer that it expects of a widget that does not handle the action. With `preventDefault()`
 * and no reply it gets none, until its own deadline.
 */
export class ActionEvent<Detail = unknown, Response extends object = object> extends WidgetEvent<Detail> {
  declare readonly action: string;
  readonly #answer: (response: object) => void;
  #answered = false;

  /** @internal */
  constructor(action: string, detail: Detail, answer: (response: object) => void) {
    super(`action:${action}`, detail, { cancelable: true });
    this.action = action;
    this.#answer = answer;
  }

  /**
   * Answers the host, once.
   *
   * @throws {WidgetError} `invalid` when it was answered already, by the default too, or the response is no object. What
   * cannot be cloned throws a DataCloneError, and the request is still open.
   */
  reply(
    ...response: Record<never, never> extends Response ? [response?: Response] : [response: Response]
  ): void;
  reply(response: object = {}): void {
    if (this.#answered) throw invalid("reply", "the request was answered already");
    if (typeof response !== "object" || response === null) throw invalid("reply", "must be an object");
    this.#answer(response);
    this.#answered = true;
    this.preventDefault();
  }

  /** @internal Lets a target's listeners hear it; true if they answer, now or later. */
  dispatch(target: EventTarget): boolean {
    // A passive listener may answer, and prevents nothing.
    const taken = !target.dispatchEvent(this) || this.#answered;
    if (!taken) this.#answered = true; // by the default
    return taken;
  }
}

/** The requests of hosts that have names (wire.md §3.5), with their data. Others are `ActionEvent`s of unknown data. */
export interface HostRequests {
  /** The client's colours. */
  theme_change: { name?: string; [member: string]: unknown };
  /** A BCP 47 language. */
  language_change: { lang: string };
  visibility: { visible: boolean };
  /** State of the room; an empty list says that all of it was told. */
  update_state: { state: RoomEvent[] };
  send_event: RoomEvent;
  send_to_device: ToDeviceMessage;
  update_turn_servers: TurnServer;
  /** The end of a request for an OpenID token. {@link WidgetClient.requestOpenId} takes those of its own. */
  openid_credentials: {
    state: "allowed" | "blocked";
    original_request_id: string;
    access_token?: string;
    /** Seconds. */
    expires_in?: number;
    matrix_server_name?: string;
    token_type?: string;
  };
  /** A modal widget's own configuration: the `data` that it was opened with, and what else the client adds. */
  widget_config: { [member: string]: unknown };
  /** A button under the modal widget was clicked. */
  button_clicked: { id: string };
  /** The modal widget that this one opened is closed, with what it was closed with. */
  close_modal: { [member: string]: unknown };
}

/** The same by the names of their events. */
export type HostRequestEvents = {
  [action in keyof HostRequests as `action:${action}`]: ActionEvent<HostRequests[action]>;
};

/** The events of a {@link WidgetClient}. */
export interface WidgetClientEventMap extends HostRequestEvents {
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
  /** Wants a picture of the widget in its answer. */
  "action:screenshot": ActionEvent<Record<string, never>, { screenshot: Blob }>;
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
