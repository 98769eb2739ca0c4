import { type Go, loadGo } from "widget-futures:wasm_exec";
import { Border, type Exports, type Fields } from "./border.js";
import { type ErrorDetails, makeError, WidgetError } from "./errors.js";
import { loadModule } from "./loader.js";
import type { CallOptions, ConnectOptions } from "./options.js";
import { type Call, codes, type ErrorCode, Limit, Op, Side, type Status, statuses } from "./wire.gen.js";

/** What a client is told. All of it is called outside of the wasm, in order. */
export interface Listener {
  status(status: Status): void;
  /** `approval`: what is approved has changed, not only what the host speaks. */
  facts(facts: Facts, approval: boolean): void;
  sentImmediately(event: Fields): void;
  orphaned(future: Fields): void;
  /** A request of the host; true if the page answers it itself, by `answer`. */
  request(action: string, data: unknown, answer: (response: object) => void): boolean;
  closed(): void;
}

/** What the host approved and speaks. */
export interface Facts {
  approved: string[] | null;
  versions: string[] | null;
  dialect: string;
}

/** A call of the page that is not settled. */
interface Pending {
  resolve(result: Fields): void;
  reject(reason: unknown): void;
  content: unknown;
  forget?: () => void;
}

/** A call or message that waits for the wasm. */
type Early = { kind: Call; args: Fields; id: number; pending: Pending } | { data: Fields; origin: string };

/** Messages kept while the wasm loads; a host sends a handful. */
const maxBacklog = 1000;

/** What Go reaches of the shim, as the global `widgetFutures` of its contained scope. */
interface Port {
  table(version: string, paths: string, names: string): boolean;
  attach(
    post: (message: unknown, origin: string) => void,
    top: boolean,
    origin: string,
    prefix: string,
  ): void;
  facts(facts: Facts): void;
}

/**
 * One client's conversation: the window's messages, the clock and the network on one side, the wasm on the other. It
 * carries effects out; what they are is decided in Go.
 */
export class Conversation {
  readonly ready: Promise<void>;
  readonly #listener: Listener;
  readonly #peer: Window = window.parent;
  readonly #border = new Border((call) => this.#pending[call]?.content);
  /** By call number; 0 is readiness. */
  readonly #pending: (Pending | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #posts = new Map<number, AbortController>();
  #early: Early[] | undefined = [];
  #go?: Go;
  #exports?: Exports;
  #post: (message: unknown, origin: string) => void = () => {};
  #origin = "";
  #facts: Facts = { approved: null, versions: null, dialect: "auto" };
  #timer = 0;
  #opened = false;
  #end?: WidgetError;

  constructor(start: Fields, options: ConnectOptions, listener: Listener) {
    this.#listener = listener;
    this.ready = new Promise<void>((resolve, reject) => {
      this.#pending[0] = { resolve: () => resolve(), reject, content: undefined };
    });
    this.ready.catch(() => {}); // whoever wants to know asks; nobody has to
    addEventListener("message", this);
    const deadlineMs = (start.handshakeTimeoutMs as number | undefined) ?? Limit.HandshakeMs;
    this.#timer = setTimeout(() => this.#late(deadlineMs), deadlineMs) as unknown as number;
    this.#load(start, options).catch((cause) =>
      this.#die(
        cause instanceof WidgetError
          ? cause
          : makeError("load", { message: "the wasm could not be started", cause }),
      ),
    );
  }

  /** Hears a message of the host, and of nobody else. */
  handleEvent({ source, origin, data }: MessageEvent): void {
    if (source !== this.#peer || typeof data !== "object" || data === null) return;
    if (this.#early) {
      if (this.#early.length < maxBacklog) this.#early.push({ data, origin });
    } else {
      this.#receive(data, origin);
    }
  }

  /** Makes a call. `args` are the page's own: they are copied here and now. */
  call(kind: Call, args: Fields, { signal, deadlineMs }: CallOptions = {}): Promise<Fields> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#end) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      const id = this.#free.pop() ?? this.#pending.length;
      const pending: Pending = { resolve, reject, content: args.content ?? args.data };
      this.#pending[id] = pending;
      if (signal) {
        const abort = () => {
          this.#take(id);
          reject(signal.reason);
          this.#abort(id);
        };
        signal.addEventListener("abort", abort);
        pending.forget = () => signal.removeEventListener("abort", abort);
      }
      if (deadlineMs !== undefined) args.deadlineMs = deadlineMs;
      if (this.#early) this.#early.push({ kind, args, id, pending });
      else this.#enter(kind, args, id);
    });
  }

  /** Settles everything with `closed` and lets go of the page. */
  close(): void {
    if (this.#end) return;
    const end = makeError("closed", { message: "the client was closed" });
    if (!this.#early) this.#run((x) => x.wf_close(performance.now(), Date.now()));
    this.#finish(end);
  }

  /** @internal What tests want to know of the wasm. */
  debug(): { values: number; wasmBytes: number; crash(): void } {
    return {
      values: (this.#go as { _values: unknown[] } | undefined)?._values.length ?? 0,
      wasmBytes: this.#exports?.mem.buffer.byteLength ?? 0,
      crash: () => this.#run((x) => x.wf_call(-1, 0x7fffffff, 0x7fffffff, 0, 0)),
    };
  }

  async #load(start: Fields, options: ConnectOptions): Promise<void> {
    const module = await loadModule(options.wasm, options.wasmIntegrity);
    if (this.#end) return;
    const port: Port = {
      table: (version, paths, names) => {
        if (version === __WF_VERSION__) {
          this.#border.tables(paths, names);
          return true;
        }
        const message = `the shim is version ${__WF_VERSION__}, the wasm ${version}`;
        this.#die(
          makeError("version", {
            message,
            hint: "serve both files of one release; a cache may hold an old one",
          }),
        );
        return false;
      },
      attach: (post, top, origin, prefix) => {
        this.#post = post;
        start.topLevel = top;
        start.origin = origin;
        this.#border.attach(this.#exports as Exports, prefix);
      },
      facts: (facts) => {
        this.#facts = facts;
      },
    };
    const go = new (loadGo(scope(port)))();
    const instance = await WebAssembly.instantiate(module, go.importObject);
    if (this.#end) return;
    this.#go = go;
    this.#exports = instance.exports as Exports;
    // Runs until Go's main blocks, for as long as the page lives.
    go.run(instance).then(
      () => this.#die(internal("the wasm has ended")),
      (cause) => this.#die(internal("the wasm failed", cause)),
    );
    if (this.#end) return;
    this.#begin(start);
  }

  /** Ends a client whose wasm does not arrive: what waits for it must not wait for ever. */
  #late(deadlineMs: number): void {
    const message = "the wasm did not arrive in time";
    this.#die(
      makeError("timeout", { message, deadlineMs, hint: "its server accepts the request but sends nothing" }),
    );
  }

  /** Starts the core, with what arrived and was called meanwhile. */
  #begin(start: Fields): void {
    clearTimeout(this.#timer);
    this.#border.begin();
    this.#border.write(Side.Page, start);
    const words = this.#border.write(Side.Start, start);
    const early = this.#early ?? [];
    this.#early = undefined;
    this.#run((x) => x.wf_start(words));
    if (this.#end) return;
    this.#opened = true;
    this.#listener.status("negotiating");
    for (const one of early) if ("data" in one) this.#receive(one.data, one.origin);
    this.#run((x) => x.wf_open(performance.now(), Date.now()));
    for (const one of early) {
      // A call may have been aborted meanwhile, and its number be another's.
      if ("id" in one && this.#pending[one.id] === one.pending) this.#enter(one.kind, one.args, one.id);
    }
  }

  #receive(data: Fields, origin: string): void {
    if (this.#end || (this.#origin && this.#origin !== "*" && origin !== this.#origin)) return;
    // "null" is anybody's origin: it can only be meant by "*".
    if (!this.#origin && origin === "null") return;
    this.#border.begin();
    const words = this.#border.write(Side.Wire, data);
    this.#run((x) => x.wf_receive(words, performance.now(), Date.now()), data, origin);
  }

  #enter(kind: Call, args: Fields, id: number): void {
    if (this.#end) return;
    this.#border.begin();
    const words = this.#border.write(Side.Page, args, id);
    this.#run((x) => x.wf_call(kind, id, words, performance.now(), Date.now()));
  }

  #abort(id: number): void {
    if (this.#end) return;
    if (this.#early) this.#early = this.#early.filter((one) => !("id" in one && one.id === id));
    else this.#run((x) => x.wf_abort(id, performance.now(), Date.now()));
  }

  /** Calls an export and carries out its effects. `message` is the one being handled. */
  #run(enter: (exports: Exports) => number, message?: Fields, origin = ""): void {
    if (this.#end) return;
    let words: number;
    try {
      words = enter(this.#exports as Exports);
      this.#border.open();
      if (words < 0) throw new Error(this.#border.textAt(0, this.#border.next()));
    } catch (cause) {
      this.#die(internal("the wasm failed", cause));
      return;
    }
    const later: (() => void)[] = [];
    while (!this.#end && this.#border.read < words) this.#carryOut(message, origin, later);
    // The page's own code runs last, and with it whatever calls again: the outbox is then used anew.
    for (const tell of later) tell();
  }

  #carryOut(message: Fields | undefined, origin: string, later: (() => void)[]): void {
    const border = this.#border;
    const head = border.next();
    const id = border.next();
    const op: Op = head & 0xff;
    const at = op === Op.Wake ? border.number() : 0;
    const fields = border.record(head >> 8);
    switch (op) {
      case Op.Post:
        try {
          this.#post(fields, this.#origin);
        } catch {
          later.push(() => this.#run((x) => x.wf_post_failed(id, performance.now(), Date.now())));
        }
        break;
      case Op.Reply:
        this.#post({ ...message, response: fields.response }, this.#origin);
        break;
      case Op.Deliver: {
        const answer = (response: object) => {
          if (!this.#end) this.#post({ ...message, response }, this.#origin);
        };
        later.push(() => {
          if (!this.#listener.request(message?.action, message?.data, answer)) answer(fields.response);
        });
        break;
      }
      case Op.Settle:
        this.#take(id)?.resolve(fields);
        break;
      case Op.Fail: {
        const error = makeError(codes[fields.code] as ErrorCode, fields as ErrorDetails & Fields);
        if (this.#opened) this.#take(id)?.reject(error);
        else this.#die(error); // there is nothing to start
        break;
      }
      case Op.Wake:
        clearTimeout(this.#timer);
        this.#timer = setTimeout(
          () => this.#run((x) => x.wf_tick(performance.now(), Date.now())),
          Math.max(0, at - performance.now()),
        ) as unknown as number;
        break;
      case Op.Pin:
        this.#origin = origin;
        break;
      case Op.Address:
        this.#origin = fields.hostOrigin;
        break;
      case Op.Change:
        later.push(() => this.#listener.status(statuses[id] as Status));
        break;
      case Op.Facts: {
        const facts = this.#facts;
        later.push(() => this.#listener.facts(facts, id === 1));
        // The one record that Go makes of JavaScript values: let it run the finalizers of the earlier ones, which no
        // export does.
        later.push(() => this.#exports?.resume());
        break;
      }
      case Op.HTTP:
        this.#send(id, fields.url);
        break;
      case Op.Hangup:
        this.#posts.get(id)?.abort();
        this.#posts.delete(id);
        break;
      case Op.SentImmediately:
        later.push(() => this.#listener.sentImmediately(fields));
        break;
      case Op.Orphaned:
        later.push(() => this.#listener.orphaned(fields));
        break;
    }
  }

  /** Takes a call out of the table. */
  #take(id: number): Pending | undefined {
    const pending = this.#pending[id];
    if (!pending) return undefined;
    this.#pending[id] = undefined;
    if (id > 0) this.#free.push(id);
    pending.forget?.();
    return pending;
  }

  /** Posts a token to the homeserver: without login, and nowhere else than it says. */
  async #send(serial: number, url: string): Promise<void> {
    const controller = new AbortController();
    this.#posts.set(serial, controller);
    let status = 0;
    let body: unknown;
    try {
      const response = await fetch(url, {
        method: "POST",
        credentials: "omit",
        redirect: "error",
        referrerPolicy: "no-referrer",
        cache: "no-store",
        signal: controller.signal,
      });
      body = await response.json().catch(() => undefined);
      status = response.status;
    } catch {
      // A refusal by CORS and a dead network look alike to a page: status 0.
    }
    if (this.#end || !this.#posts.delete(serial)) return;
    this.#border.begin();
    const words = this.#border.write(Side.HTTP, { body });
    this.#run((x) => x.wf_http_done(serial, status, words, performance.now(), Date.now()));
  }

  /** Ends the client by an error: everything is settled with it, and later calls are too. */
  #die(error: WidgetError): void {
    if (this.#end) return;
    this.#finish(error);
    this.#listener.status("closed");
  }

  #finish(end: WidgetError): void {
    this.#end = end;
    removeEventListener("message", this);
    clearTimeout(this.#timer);
    for (const controller of this.#posts.values()) controller.abort();
    this.#posts.clear();
    for (let id = 0; id < this.#pending.length; id++) this.#take(id)?.reject(end);
    this.#early = undefined;
    this.#exports = undefined; // the instance and its memory can go
    this.#go = undefined;
    this.#listener.closed();
  }
}

const internal = (message: string, cause?: unknown) =>
  makeError("internal", { message, cause, hint: "this is a bug in widget-futures" });

/**
 * The globalThis of Go's wasm_exec.js: what it defines stays here, what it reads is the page's, but for a page's own
 * `process`, `fs` or `path`, which would change what it does.
 */
function scope(port: Port): object {
  const own: Record<PropertyKey, unknown> = {
    widgetFutures: port,
    fs: undefined,
    path: undefined,
    process: undefined,
  };
  return new Proxy(own, {
    get: (target, key) => (key in target ? target[key] : Reflect.get(globalThis, key)),
  });
}
