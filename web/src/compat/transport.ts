import type { Fields } from "../border.js";
import {
  __Conversation as Conversation,
  __invalid as invalid,
  __loadModule as loadModule,
  __startRecord as startRecord,
} from "../index.js";
import { Call, Limit } from "../wire.gen.js";
import { configured } from "./configure.js";
import { type EventEmitter, SturdyEmitter } from "./emitter.js";
import { refusalOf, translated } from "./errors.js";
import {
  type IWidgetApiAcknowledgeResponseData,
  type IWidgetApiRequest,
  type IWidgetApiRequestData,
  type IWidgetApiResponse,
  type IWidgetApiResponseData,
  type WidgetApiAction,
  WidgetApiDirection,
  WidgetApiToWidgetAction,
} from "./exports.js";
import { route } from "./route.js";

/** How a widget talks to its host. Every request of the host is raised as a `message` CustomEvent with it as `detail`. */
export interface ITransport extends EventEmitter {
  /** Whether requests can be sent: from {@link start} to {@link stop}. */
  readonly ready: boolean;
  /** Null until it is known: given, or that of the first request. */
  readonly widgetId: string | null;
  /** Whether only a host of the widget's own origin is heard. Read by {@link start}. */
  strictOriginCheck: boolean;
  /** The host's origin; null: found out (see {@link ConnectOptions.hostOrigin}); "*": any. Read by {@link start}. */
  targetOrigin: string | null;
  /** How long a request waits for its answer, in seconds, counted from posting. */
  timeoutSeconds: number;
  /** Starts to listen. */
  start(): void;
  /** Stops for good. */
  stop(): void;
  /**
   * Sends a request and resolves with the response in the host's answer.
   *
   * @throws {WidgetApiResponseError} The host refuses; or this module in its stead.
   * @throws {Error} `Request timed out`, `Transport stopped`, `Not ready or unknown widget ID`.
   */
  send<T extends IWidgetApiRequestData, R extends IWidgetApiResponseData = IWidgetApiAcknowledgeResponseData>(
    action: WidgetApiAction,
    data: T,
  ): Promise<R>;
  /** The same, but resolves with the whole answer. */
  sendComplete<T extends IWidgetApiRequestData, R extends IWidgetApiResponse>(
    action: WidgetApiAction,
    data: T,
  ): Promise<R>;
  /** Answers a request of the host, once. */
  reply<T extends IWidgetApiResponseData>(request: IWidgetApiRequest, responseData: T): void;
}

/** Requests of the host that may wait for their answers; of more the oldest are forgotten. */
const maxUnanswered = 16_384;

/** Why there may be no core at all. */
const unstarted: ReadonlySet<string> = new Set(["load", "version", "not_embedded"]);

/** Has a function called right before a transport stops, while it can still send. */
export let beforeStop: (transport: PostmessageTransport, act: () => void) => void;

/** A widget's transport, over `postMessage` to the window that embeds it. */
export class PostmessageTransport extends SturdyEmitter implements ITransport {
  timeoutSeconds = 10;
  #strictOriginCheck = false;
  #targetOrigin = "*";
  #widgetId: string | null;
  #conversation?: Conversation;
  #stopped = false;
  #negotiated = false;
  #dialect = "auto";
  #approved: string[] = [];
  readonly #lastActs: (() => void)[] = [];
  /** What was delivered, by its id, until it is answered. */
  readonly #unanswered = new Map<unknown, { message: Fields; answer(response: object): void }>();
  readonly #delivered = new WeakSet<object>();

  /** @throws {WidgetError} `invalid` for any other than the widget's side of this page's own window. */
  constructor(
    sendDirection: WidgetApiDirection,
    initialWidgetId: string | null,
    transportWindow: Window | typeof globalThis,
    inboundWindow: Window | typeof globalThis,
  ) {
    super();
    if (sendDirection !== WidgetApiDirection.FromWidget) throw invalid("sendDirection", "must be FromWidget");
    if (transportWindow !== globalThis.parent) throw invalid("transportWindow", "must be the page's parent");
    if (inboundWindow !== globalThis) throw invalid("inboundWindow", "must be the page's own");
    this.#widgetId = initialWidgetId;
  }

  get strictOriginCheck(): boolean {
    return this.#strictOriginCheck;
  }

  set strictOriginCheck(strict: boolean) {
    this.#early("strictOriginCheck");
    this.#strictOriginCheck = strict;
  }

  get targetOrigin(): string {
    return this.#targetOrigin;
  }

  set targetOrigin(origin: string) {
    this.#early("targetOrigin");
    this.#targetOrigin = origin;
  }

  /** Who is heard and spoken to is settled once, by {@link start}. */
  #early(name: string): void {
    if (this.#conversation)
      console.warn(`widget-futures: transport.${name} is read by start(): this is too late`);
  }

  get ready(): boolean {
    return !!this.#conversation && !this.#stopped;
  }

  get widgetId(): string | null {
    return this.#widgetId || null;
  }

  start(): void {
    if (this.#conversation || this.#stopped) return;
    const options = configured();
    const wasm = loadModule(options); // first, as in WidgetClient
    const record = startRecord({
      widgetId: this.widgetId ?? undefined,
      hostOrigin: this.#hostOrigin(),
      deadlineMs: this.#deadlineMs(),
      dialect: options.dialect,
      handshakeTimeoutMs: options.handshakeTimeoutMs,
      contentLoaded: "manual",
    });
    record.compat = true;
    // Who gives no id takes that of the host's first request. In a mobile client's web view, where the page would hear
    // itself, the URL has to name it.
    if (parent !== window) record.urlWidgetId = undefined;
    const conversation = new Conversation(record, wasm, {
      status: (status) => {
        this.#negotiated = status === "ready";
      },
      facts: ({ dialect, approved }) => {
        this.#dialect = dialect;
        this.#approved = approved ?? [];
      },
      sentImmediately: () => {
        console.warn("widget-futures: the host ignored a delay and sent the event at once");
      },
      // Its caller was told that it failed: nobody else would end it.
      orphaned: ({ type, stateKey, ...future }) => {
        conversation.call(Call.Cancel, { ...future, v: 1 }).catch(() => {});
      },
      request: (message, answer) => {
        this.#deliver(message, answer);
        return true;
      },
      closed: () => {},
    });
    // Callers wrap and print messages; what to do about it would be lost with them.
    conversation.ready.catch(({ code, message, hint }) => {
      if (unstarted.has(code)) console.error(`widget-futures: ${message}${hint ? `; ${hint}` : ""}`);
    });
    this.#conversation = conversation;
  }

  stop(): void {
    if (this.#stopped) return;
    for (const act of this.#lastActs) act();
    this.#stopped = true;
    this.#conversation?.close();
  }

  async send<T extends IWidgetApiRequestData, R extends IWidgetApiResponseData>(
    action: WidgetApiAction,
    data: T,
  ): Promise<R> {
    return (await this.sendComplete<T, IWidgetApiResponse>(action, data)).response as R;
  }

  async sendComplete<T extends IWidgetApiRequestData, R extends IWidgetApiResponse>(
    action: WidgetApiAction,
    data: T,
  ): Promise<R> {
    const conversation = this.#conversation;
    if (!conversation || this.#stopped || !this.widgetId) throw new Error("Not ready or unknown widget ID");
    const copy: Fields = structuredClone(data ?? {}); // what cannot be cloned is refused here
    const { kind, args } = route(action, copy, this.#dialect);
    const negotiated = this.#negotiated;
    let answer: Fields | undefined;
    try {
      await conversation.call(kind, args, { deadlineMs: this.#deadlineMs() }, undefined, (message) => {
        // A negotiation may also end by what another request brought to light.
        if (kind !== Call.RequestCapabilities || message.action === action) answer = message;
      });
    } catch (error) {
      const refusal = answer && refusalOf(answer);
      // The core wants an object; what a host says instead has always been the caller's to read.
      if (refusal || !answer || kind === Call.SendFuture) throw refusal ?? translated(error);
    }
    if (!answer && negotiated && kind === Call.RequestCapabilities) this.#notifyAgain();
    const { widgetId } = this;
    const api = WidgetApiDirection.FromWidget;
    return (answer ?? { api, widgetId, requestId: "", action, data: copy, response: {} }) as R;
  }

  reply<T extends IWidgetApiResponseData>(request: IWidgetApiRequest, responseData: T): void {
    const waiting = this.#unanswered.get(request?.requestId);
    // A copy of the request does as well as itself; an earlier one of the same id does not.
    if (!waiting || (waiting.message !== request && this.#delivered.has(request))) {
      console.warn(
        "widget-futures: dropped an answer: the request was answered before, or is not the host's",
      );
      return;
    }
    waiting.answer(responseData ?? {}); // throws where it cannot be cloned
    this.#unanswered.delete(request.requestId);
  }

  #deliver(message: Fields, answer: (response: object) => void): void {
    if (!this.widgetId) this.#widgetId = message.widgetId;
    this.#delivered.add(message);
    this.#unanswered.delete(message.requestId); // to stand at the end
    this.#unanswered.set(message.requestId, { message, answer });
    if (this.#unanswered.size > maxUnanswered) {
      const [oldest] = this.#unanswered.keys();
      this.#unanswered.delete(oldest);
    }
    this.emit("message", new CustomEvent("message", { detail: message }));
  }

  /**
   * Nothing new was asked for, and nothing posted: a real host would notify all the same (matrix-widget-api's does so
   * twice), and that is what callers wait for.
   */
  #notifyAgain(): void {
    const { widgetId } = this;
    const action = WidgetApiToWidgetAction.NotifyCapabilities;
    const data = { requested: [], approved: this.#approved };
    const message = { api: WidgetApiDirection.ToWidget, widgetId, requestId: "", action, data };
    setTimeout(() => {
      if (!this.#stopped) this.#deliver(message, () => {});
    });
  }

  #deadlineMs(): number {
    return Math.min(Math.max((this.timeoutSeconds || 1) * 1000, 1), Limit.DurationMs);
  }

  #hostOrigin(): string | undefined {
    const { origin } = globalThis;
    const target = this.#strictOriginCheck ? origin : this.#targetOrigin;
    // Nobody could be told from anybody.
    if (this.#strictOriginCheck && origin === "null")
      throw invalid("strictOriginCheck", "the page has no origin of its own");
    if (!target || target === "null") return undefined;
    if (target === "/") return origin;
    try {
      return target === "*" ? target : new URL(target).origin;
    } catch {
      throw invalid("targetOrigin", 'must be an origin, or "*"');
    }
  }

  static {
    beforeStop = (transport, act) => transport.#lastActs.push(act);
  }
}
