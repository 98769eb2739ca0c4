import type { Fields } from "./border.js";
import { Calls, type Keeper, type Pending } from "./calls.js";
import { Clock } from "./clock.js";
import { Core } from "./core.js";
import { closed, type ErrorDetails, makeError, WidgetError } from "./errors.js";
import { Inputs } from "./inputs.js";
import { Life } from "./life.js";
import { Network } from "./network.js";
import { type CallOptions, checked } from "./options.js";
import { answerTo } from "./reply.js";
import { Signals } from "./signals.js";
import { Call, Limit, Op, type Status } from "./wire.gen.js";

/** What a client is told. All of it is called outside of the wasm, in order. */
export interface Listener {
  status(status: Status): void;
  /** What the host approves, if that is known, and speaks; `approval`: the former has changed. */
  facts(facts: Fields, approval: boolean): void;
  sentImmediately(event: Fields): void;
  orphaned(future: Fields): void;
  /** A request of the host, as it came; true if the page answers it itself, by `answer`. Those of {@link own} for compat only. */
  request(message: Fields, answer: (response: object) => void): boolean;
  closed(reason: WidgetError): void;
}

/** Messages kept while the wasm loads; a host sends a handful. */
const maxBacklog = 1000;

/** Requests that the core answers for the page. */
const own = /^((notify_)?capabilities|supported_api_versions)$/;

/** How much longer than its own deadline the core may take to close; only a dead one does. */
const graceMs = 1000;

/**
 * One client's conversation: the window's messages, the clock and the network on one side, the wasm on the other. It
 * carries effects out; what they are is decided in Go.
 */
export class Conversation {
  readonly ready: Promise<void>;
  readonly #listener: Listener;
  readonly #peer: Window = window.parent;
  readonly #calls = new Calls();
  readonly #core = new Core(this.#calls, (error) => this.#finish(error));
  readonly #inputs: Inputs;
  readonly #clock = new Clock(() => this.#inputs.take("wf_tick"));
  readonly #life = new Life((event) => this.#inputs.take("wf_page", event));
  readonly #network = new Network((serial, status, body) =>
    this.#inputs.take("wf_http_done", serial, status, { body }),
  );
  readonly #signals = new Signals((calls, reason) => this.#abortAll(calls, reason));
  readonly #closeMs: number;
  readonly #compat: boolean;
  /** Messages that came before the core was there. */
  readonly #heard: [data: Fields, origin: string][] = [];
  #origin = "";
  #target = "";
  /** Bounds the loading of the wasm, and later the closing. */
  #timer: ReturnType<typeof setTimeout>;
  #opened = false;
  /** What calls are refused with: the page has closed. What is under way may still end. */
  #closing?: WidgetError;
  #closed?: Promise<void>;
  #resolveClosed?: () => void;
  #end?: WidgetError;

  constructor(start: Fields, wasm: Promise<WebAssembly.Module>, listener: Listener) {
    this.#listener = listener;
    this.#inputs = new Inputs(this.#core, this.#calls, start.roomId, (...effect) =>
      this.#carryOut(...effect),
    );
    this.ready = new Promise<void>((resolve, reject) => {
      this.#calls.add({ resolve: () => resolve(), reject });
    });
    this.ready.catch(() => {}); // whoever wants to know asks; nobody has to
    addEventListener("message", this);
    this.#compat = start.compat === true;
    this.#closeMs = ((start.deadlineMs as number | undefined) ?? Limit.DeadlineMs) + graceMs;
    const deadlineMs = (start.handshakeTimeoutMs as number | undefined) ?? Limit.HandshakeMs;
    this.#timer = setTimeout(() => this.#late(deadlineMs), deadlineMs);
    this.#core
      .load(wasm, start, () => !!this.#end)
      .then((loaded) => loaded && this.#begin(start))
      .catch((cause) => {
        const message = "the wasm could not be started";
        this.#finish(cause instanceof WidgetError ? cause : makeError("load", { message, cause }));
      });
  }

  /** Hears a message of the host, and of nobody else. */
  handleEvent({ source, origin, data }: MessageEvent): void {
    if (source !== this.#peer || typeof data !== "object" || data === null) return;
    if (this.#opened) {
      if (this.#hears(origin)) this.#inputs.take("wf_receive", 0, 0, data, origin);
    } else if (this.#heard.length < maxBacklog) this.#heard.push([data, origin]);
  }

  /**
   * Makes a call. `args` are the page's own: they are copied here and now. `keeper`: of a hold, whose number lasts.
   * `heard` is given the host's answer as it came, if it is the answer that settles the call.
   */
  call(
    kind: Call,
    args: Fields,
    options?: CallOptions,
    keeper?: Keeper,
    heard?: (message: Fields) => void,
  ): Promise<Fields> {
    return new Promise((resolve, reject) => {
      const { content = args.data, leaveContent } = args;
      const lasting = !!keeper;
      this.#start(
        kind,
        args,
        { resolve, reject, content, leaveContent, keeper, lasting, heard, waits: false },
        options,
      );
    });
  }

  /** Starts a keepAlive. It is never settled: it ends by {@link abort}, or `keeper` is told that it is over. */
  keep(args: Fields, keeper: Keeper, options: CallOptions): void {
    this.#start(Call.KeepAlive, args, { resolve() {}, reject() {}, keeper }, options);
  }

  /**
   * Changes what a hold holds. The core forwards whatever stands in the hold's place here, now and whenever it sends
   * the state again.
   */
  update(hold: number, content: unknown, options?: CallOptions): Promise<Fields> {
    return new Promise((resolve, reject) => {
      const place = this.#calls.get(hold) as Pending;
      let before: unknown;
      const enters = () => {
        before = place.content;
        place.content = content;
      };
      const refuse = (reason: unknown) => {
        // What is refused has changed nothing: the hold goes on with what it had. What is only late may yet come true.
        const refused = reason instanceof WidgetError && reason.code !== "timeout";
        if (refused && place.content === content) place.content = before;
        reject(reason);
      };
      this.#start(
        Call.UpdateHold,
        { hold, content },
        { resolve, reject: refuse, owner: hold, enters },
        options,
      );
    });
  }

  /** Gives a call up: nothing settles it any more. A keepAlive or a hold is told when it is over. */
  abort(id: number, more = 0): void {
    const pending = this.#calls.get(id);
    if (!id || !pending || this.#end) return; // 0 is no call's number
    if (pending.waits) {
      this.#calls.take(id)?.keeper?.over();
      return;
    }
    if (!pending.keeper) this.#calls.take(id);
    this.#inputs.take("wf_abort", id, more);
  }

  /** Gives up all calls of a signal before anything else goes out: none of them is to go in another's stead. */
  #abortAll(calls: Map<Pending, number>, reason: unknown): void {
    const all = [...calls];
    const more = all.length > 1 ? 1 : 0;
    for (const [pending, id] of all) {
      if (this.#calls.get(id) !== pending) continue;
      pending.reject(reason);
      this.abort(id, more);
    }
    if (more) this.#inputs.take("wf_abort");
  }

  /** Lets the core release what is held, in bounded time; all else is settled with `closed` at once. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    if (this.#end) this.#resolveClosed?.();
    else if (!this.#closing) {
      this.#closing = closed();
      if (!this.#opened) {
        this.#finish(this.#closing);
      } else {
        const end = this.#closing;
        this.#timer = setTimeout(() => this.#finish(end), this.#closeMs);
        this.#inputs.take("wf_close");
      }
    }
    return this.#closed;
  }

  /** @internal For tests. */
  parts(): { core: Core; calls: Calls } {
    return { core: this.#core, calls: this.#calls };
  }

  /** Ends a client whose wasm does not arrive: what waits for it must not wait for ever. */
  #late(deadlineMs: number): void {
    const message = "the wasm did not arrive in time";
    this.#finish(makeError("timeout", { message, deadlineMs }));
  }

  /** Starts the core, with what arrived and was called meanwhile. */
  #begin(start: Fields): void {
    clearTimeout(this.#timer);
    this.#inputs.take("wf_start", 0, 0, start);
    if (this.#end) return;
    this.#opened = true;
    this.#listener.status("negotiating");
    for (const [data, origin] of this.#heard.splice(0))
      if (this.#hears(origin)) this.#inputs.take("wf_receive", 0, 0, data, origin);
    this.#inputs.take("wf_open");
    // What the page called while it was told of all this has gone behind what it called before.
    this.#inputs.open();
  }

  /** Whether an origin may be the host's. "null" is anybody's: it can only be meant by "*". */
  #hears(origin: string): boolean {
    return this.#origin ? this.#origin === "*" || origin === this.#origin : origin !== "null";
  }

  #start(kind: Call, args: Fields, pending: Pending, options: CallOptions = {}): void {
    const { signal, deadlineMs } = checked(options);
    const end = this.#end ?? this.#closing;
    if (signal?.aborted || end) {
      pending.reject(signal?.aborted ? signal.reason : end);
      pending.keeper?.over(signal?.aborted ? undefined : end);
      return;
    }
    const id = this.#calls.add(pending);
    if (signal) this.#signals.watch(signal, id, pending);
    if (deadlineMs !== undefined) args.deadlineMs = deadlineMs;
    this.#inputs.take("wf_call", kind, id, args, "", pending);
  }

  #carryOut(message: Fields | undefined, origin: string, later: (() => void)[]): void {
    const { border } = this.#core;
    const head = border.next();
    const id = border.next();
    const op: Op = head & 0xff;
    const at = op === Op.Wake ? border.number() : 0;
    // Every message has these members, and an object that has them from the start is made sooner.
    const fields = border.record(
      head >> 8,
      op === Op.Post ? { api: "", widgetId: "", requestId: "", action: "", data: {} } : {},
    );
    switch (op) {
      case Op.Post:
        try {
          this.#core.post(fields, this.#target);
        } catch {
          this.#inputs.take("wf_post_failed", id);
        }
        break;
      case Op.Deliver: {
        const request = message as Fields;
        this.#inputs.told.hear(request);
        const answer = (response: object) => {
          if (!this.#end) answerTo(request, response, (answer) => this.#core.post(answer, this.#target));
        };
        // At once: what is posted next may need that the host has the answer.
        if (!this.#compat && own.test(request.action)) answer(fields.response);
        else
          later.push(() => {
            if (!this.#listener.request(request, answer)) answer(fields.response);
          });
        break;
      }
      case Op.Fail:
        if (!this.#opened) {
          this.#finish(makeError(fields.code, fields as ErrorDetails)); // there is nothing to start
          break;
        }
        this.#calls.carryOut(op, id, fields, later, message);
        break;
      case Op.Steady:
        border.watching = id === 1;
        this.#clock.steady(id === 1);
        this.#life.watch(id === 1);
        break;
      case Op.Wake:
        this.#clock.wake(at);
        break;
      case Op.Pin:
        this.#pin(origin);
        break;
      case Op.Address:
        this.#pin(fields.hostOrigin);
        break;
      case Op.Change:
        later.push(() => this.#become(fields.status));
        break;
      case Op.Facts:
        later.push(() => this.#listener.facts(fields, id === 1));
        break;
      case Op.HTTP:
        this.#network.post(id, fields.url);
        break;
      case Op.Hangup:
        this.#network.hangup(id);
        break;
      case Op.Beacon:
        this.#network.beacon(fields.url);
        break;
      case Op.SentImmediately:
        later.push(() => this.#listener.sentImmediately(fields));
        break;
      case Op.Orphaned:
        later.push(() => this.#listener.orphaned(fields));
        break;
      default:
        this.#calls.carryOut(op, id, fields, later, message);
    }
  }

  #pin(origin: string): void {
    this.#origin = origin;
    // "/" is the page's own origin, which the browser need not read anew for each message.
    this.#target = origin === window.origin ? "/" : origin;
  }

  #become(status: Status): void {
    if (status === "closed" && this.#closing) this.#finish(this.#closing);
    else this.#listener.status(status);
  }

  /** Ends the client: everything is settled with `end`, and later calls are too. */
  #finish(end: WidgetError): void {
    if (this.#end) return;
    this.#end = end;
    removeEventListener("message", this);
    clearTimeout(this.#timer);
    this.#clock.stop();
    this.#life.watch(false);
    this.#network.close();
    this.#inputs.stop();
    this.#heard.length = 0;
    this.#core.release();
    this.#calls.clear(end);
    this.#listener.status("closed");
    this.#listener.closed(end);
    this.#resolveClosed?.();
  }
}
