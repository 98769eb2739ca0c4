import { type Go, loadGo } from "widget-futures:wasm_exec";
import { learnAnswers } from "./answers.js";
import { Border, type Fields, type Owner } from "./border.js";
import { makeError, type WidgetError } from "./errors.js";
import { scope } from "./scope.js";

/** What the wasm exports; see package jsbridge for the layout in memory. */
export interface Exports extends Record<Input, (mono: number, wall: number, ...args: number[]) => number> {
  mem: WebAssembly.Memory;
  resume(): void;
  wf_header(): number;
  wf_reserve(words: number, bytes: number): void;
  wf_intern(at: number, bytes: number): number;
}

/** The inputs of the core among them. All take the time first, and return how many words of effects there are. */
export type Input =
  | "wf_start"
  | "wf_open"
  | "wf_receive"
  | "wf_call"
  | "wf_abort"
  | "wf_tick"
  | "wf_post_failed"
  | "wf_http_done"
  | "wf_page"
  | "wf_close";

/** What the host approved and speaks. */
export interface Facts {
  approved: string[] | null;
  versions: string[] | null;
  dialect: string;
}

/** So long no wall clock stands still, but where a page's tests have stopped it. */
const stoppedMs = 10;

/** What Go reaches of the shim, as the global `widgetFutures` of its contained scope. */
interface Port {
  table(version: string, paths: string, names: string, answers: string): boolean;
  attach(
    post: (message: unknown, origin: string) => void,
    top: boolean,
    origin: string,
    prefix: string,
  ): void;
  facts(facts: Facts): void;
}

/** One instance of the wasm, with the border to it. */
export class Core {
  readonly border: Border;
  /** The host window's postMessage. */
  post: (message: unknown, origin: string) => void = () => {};
  /** As Go last told them. */
  facts?: Facts;
  readonly #die: (error: WidgetError) => void;
  /** @internal */
  go?: Go;
  /** @internal */
  exports?: Exports;
  /** The clocks, as they were read last, and whether the first tells nothing of the other. */
  #wall = Date.now();
  #mono = performance.now();
  #stopped = false;

  /** `die` takes the reason why the wasm cannot go on. */
  constructor(calls: Owner, die: (error: WidgetError) => void) {
    this.border = new Border(calls);
    this.#die = die;
  }

  /**
   * Runs Go until its main blocks, unless `ended` by then. What Go knows of the window is added to `start`. It reports
   * whether there is a core.
   */
  async load(wasm: Promise<WebAssembly.Module>, start: Fields, ended: () => boolean): Promise<boolean> {
    const port: Port = {
      table: (version, paths, names, answers) => {
        if (version === __WF_VERSION__) {
          this.border.tables(paths, names);
          learnAnswers(answers);
          return true;
        }
        const message = `the shim is version ${__WF_VERSION__}, the wasm ${version}`;
        const hint = "serve files of one release";
        this.#die(makeError("version", { message, hint }));
        return false;
      },
      attach: (post, top, origin, prefix) => {
        this.post = post;
        start.topLevel = top;
        start.origin = origin;
        this.border.attach(this.exports as Exports, prefix);
      },
      facts: (facts) => {
        this.facts = facts;
      },
    };
    const go = new (loadGo(scope(port)))(); // while the wasm is on its way
    const module = await wasm;
    if (ended()) return false;
    const instance = await WebAssembly.instantiate(module, go.importObject);
    if (ended()) return false;
    this.go = go;
    this.exports = instance.exports as unknown as Exports;
    go.run(instance).then(
      () => this.#die(internal("the wasm has ended")),
      (cause) => this.#die(internal("the wasm failed", cause)),
    );
    return !ended();
  }

  /**
   * Hands an input over. The border is then at the first of its effects, which take as many words as are returned. An
   * input that takes fewer arguments drops the rest.
   */
  enter(input: Input, a = 0, b = 0, c = 0): number {
    try {
      const wall = Date.now();
      // performance.now takes six times as long, and within one millisecond it says nothing new.
      if (wall !== this.#wall || this.#stopped || input === "wf_start" || input === "wf_tick") {
        const mono = performance.now();
        this.#stopped ||= wall === this.#wall && mono > this.#mono + stoppedMs;
        this.#mono = mono;
        this.#wall = wall;
      }
      const words = (this.exports as Exports)[input](this.#mono, wall, a, b, c);
      if (this.go?.exited) throw new Error("a fatal error, see the console"); // what was returned means nothing
      this.border.open();
      if (words >= 0) return words;
      throw new Error(this.border.textAt(0, this.border.next()));
    } catch (cause) {
      this.#die(internal("the wasm failed", cause));
      return 0;
    }
  }

  /** Whether what was thrown while the border wrote is the end of the wasm, by a trap or Go's own exit; then it is told. */
  failed(cause: unknown): boolean {
    const failed = !!this.go?.exited || cause instanceof WebAssembly.RuntimeError;
    if (failed) this.#die(internal("the wasm failed", cause));
    return failed;
  }

  /** Lets Go run the finalizers of the JavaScript values that it made, which no export does. */
  resume(): void {
    this.exports?.resume();
  }

  /** Lets go of the instance and its memory. */
  release(): void {
    this.exports = undefined;
    this.go = undefined;
  }
}

const internal = (message: string, cause?: unknown) =>
  makeError("internal", { message, cause, hint: "this is a bug in widget-futures" });
