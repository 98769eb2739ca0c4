import { Actions, packed } from "./actions.js";
import { result } from "./answers.js";
import type { Fields } from "./border.js";
import { Conversation } from "./conversation.js";
import { asyncDispose } from "./dispose.js";
import { closed, WidgetError } from "./errors.js";
import { ActionEvent, type ClientStatus, WidgetEvent } from "./events.js";
import { checkSaved, Future, type SavedFuture } from "./future.js";
import { type Hold, type HoldSpec, startHold } from "./hold.js";
import { loadModule } from "./loader.js";
import { type CallOptions, type ConnectOptions, checked, startRecord } from "./options.js";
import { lateSnapshot, objectSnapshot, snapshot } from "./plain.js";
import type { EventSpec, FutureSpec, SentEvent } from "./specs.js";
import { type TurnServer, TurnServers } from "./turn.js";
import { Call, type Dialect } from "./wire.gen.js";

/** @internal For tests. */
export let __debug: (client: WidgetClient) => ReturnType<Conversation["parts"]>;

/** A widget's connection to its host. Made by {@link connect}. */
export class WidgetClient extends Actions {
  /** Resolves when the negotiation is done; rejects with a {@link WidgetError}. It need not be handled. */
  readonly ready: Promise<void>;
  readonly #conversation: Conversation;
  #forget = () => {};
  readonly #turn = new TurnServers(
    (options) => this.#conversation.call(Call.WatchTurnServers, {}, options),
    () => this.#conversation.call(Call.UnwatchTurnServers, {}),
  );
  #status: ClientStatus = "loading";
  #facts: Fields = {};
  #approved: ReadonlySet<string> = new Set();

  /** @internal */
  constructor(options: ConnectOptions) {
    super((...call) => this.#conversation.call(...call));
    const wasm = loadModule(options); // first: all else is done while the wasm is on its way
    const start = startRecord(options);
    this.#facts.dialect = start.dialect ?? "auto";
    this.#conversation = new Conversation(start, wasm, {
      status: (status) => this.#become(status),
      facts: (facts, approval) => this.#learn(facts, approval),
      sentImmediately: (event) => this.#tell("sentimmediately", event),
      orphaned: ({ type, stateKey, ...future }) =>
        this.#tell("orphaned", { type, stateKey, future: this.#future(future) }),
      request: ({ action, data }, answer) => this.#asked(action, data, answer),
      closed: (reason) => {
        this.#forget();
        this.#turn.end(reason);
        this.#tell("closed", undefined);
      },
    });
    this.ready = this.#conversation.ready;
    const { signal } = options;
    if (signal?.aborted) this.close();
    else if (signal) {
      const abort = () => this.close();
      signal.addEventListener("abort", abort);
      this.#forget = () => signal.removeEventListener("abort", abort);
    }
  }

  /** What the host has approved, as it last said. */
  get approvedCapabilities(): ReadonlySet<string> {
    return this.#approved;
  }
  /** What the host answered to `supported_api_versions`. */
  get hostVersions(): readonly string[] {
    return this.#facts.versions ?? [];
  }
  /** The wire generation in use; "auto" until the host has said what it approves. */
  get dialect(): Dialect {
    return this.#facts.dialect as Dialect;
  }
  get status(): ClientStatus {
    return this.#status;
  }

  /** Sends an event now. */
  sendEvent<C extends object>(spec: EventSpec<C>, options?: CallOptions): Promise<SentEvent> {
    try {
      const args = { ...spec, content: objectSnapshot(spec?.content, "content") };
      return this.#conversation.call(Call.SendEvent, args, options) as Promise<SentEvent & Fields>;
    } catch (reason) {
      return Promise.reject(reason); // an async function costs a promise and two turns more
    }
  }

  /**
   * Schedules an event. It is never sent at once: where the host is not proved to schedule it the call is refused, and
   * where a host does send it the call rejects with {@link WidgetSentImmediatelyError}.
   */
  async sendFuture<C extends object>(spec: FutureSpec<C>, options?: CallOptions): Promise<Future> {
    return this.#future(
      await this.#conversation.call(Call.SendFuture, packed(spec, "content", lateSnapshot), options),
    );
  }

  /** Takes a future over that an earlier page {@link Future.save saved}. */
  resumeFuture(saved: SavedFuture): Future {
    return new Future(this.#conversation, checkSaved(saved));
  }

  /**
   * Holds a state event in the room for as long as the page lives: schedules what it leaves behind, sends the state, and
   * keeps the leave from being sent until the page is gone or releases the hold (see {@link Future.keepAlive} for hidden
   * pages). Resolves when the state is in the room and a refresh has shown that its leave is still scheduled.
   *
   * @throws {WidgetError} What {@link sendFuture} and {@link sendEvent} reject with. Nothing stays in the room then, or
   * its leave is on its way.
   */
  holdState<C extends object>(spec: HoldSpec<C>, options?: CallOptions): Promise<Hold<C>> {
    return startHold(this.#conversation, spec ?? {}, options);
  }

  /** Asks for more capabilities (MSC2974); resolves with all that are approved then. */
  async requestCapabilities(list: Iterable<string>, options?: CallOptions): Promise<ReadonlySet<string>> {
    await this.#conversation.call(Call.RequestCapabilities, { capabilities: listOf(list) }, options);
    return this.#approved;
  }

  /**
   * The host's TURN servers, and others whenever they replace them (MSC3846). The host is asked by the first `next()`,
   * which rejects when it refuses; all that iterate share what it tells, and when the last has left, by `break`, `return`,
   * the signal or the client's end, it is asked to stop.
   */
  turnServers(options?: CallOptions): AsyncGenerator<TurnServer, void> {
    return this.#turn.read(options);
  }

  /**
   * Any Widget API action, with its data as on the wire; resolves with the host's response. It is no way round
   * {@link sendFuture}: a `send_event` that some generation takes for a future is refused.
   */
  async request(action: string, data: object = {}, options?: CallOptions): Promise<unknown> {
    const args = { action, data: snapshot(data, "data") };
    return (await this.#conversation.call(Call.Request, args, options)).body;
  }

  /** Says that the page is there, for hosts that wait for it. It is sent once, by default at the start. */
  async contentLoaded(options?: CallOptions): Promise<void> {
    await this.#conversation.call(Call.ContentLoaded, {}, options);
  }

  /**
   * Settles all calls with `closed`, stops keepAlives and releases holds; other futures go on at the homeserver. Resolves
   * when the holds are released, at the latest after the client's `deadlineMs` and a second; it never rejects.
   */
  close(): Promise<void> {
    this.#turn.end(closed()); // while the host can be told
    return this.#conversation.close();
  }

  /** `await using client = connect()` closes it. */
  [asyncDispose](): Promise<void> {
    return this.close();
  }

  #future(fields: Fields): Future {
    return new Future(this.#conversation, { ...fields, v: 1 } as SavedFuture);
  }

  /** A request of the host; true if it is answered here. */
  #asked(action: string, data: Fields, answer: (response: object) => void): boolean {
    let read = false;
    if (action === "update_turn_servers")
      try {
        read = this.#turn.update(result(Call.WatchTurnServers, data));
      } catch (reason) {
        this.#turn.end(reason);
      }
    const taken = new ActionEvent(action, data, answer).dispatch(this);
    if (read && !taken) answer({});
    return read || taken;
  }

  #become(status: ClientStatus): void {
    if (this.#status === status || this.#status === "closed") return;
    this.#status = status;
    this.#tell("statuschange", status);
  }

  #learn(facts: Fields, approval: boolean): void {
    this.#facts = facts;
    if (!approval) return;
    this.#approved = new Set(facts.approved);
    this.#tell("capabilities", this.#approved);
  }

  #tell(type: string, detail: unknown): void {
    this.dispatchEvent(new WidgetEvent(type, detail));
  }

  static {
    __debug = (client) => client.#conversation.parts();
  }
}

/** A list whose elements the core checks; anything else is its to refuse. */
function listOf(list: Iterable<string>): unknown {
  return typeof list === "object" && list !== null && Symbol.iterator in list ? [...list] : list;
}

/**
 * Connects the page, a widget, to the Matrix client that embeds it. It returns at once and listens from then on: what
 * arrives or is called while the wasm loads is kept, in order.
 *
 * @throws {WidgetError} `invalid` for a bad option, `not_embedded` where there is no window at all.
 */
export function connect(options: ConnectOptions = {}): WidgetClient {
  if (typeof window === "undefined") {
    throw new WidgetError("not_embedded", { message: "there is no window: call it on the page" });
  }
  return new WidgetClient(checked(options));
}
