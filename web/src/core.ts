import { type Go, loadGo } from "widget-futures:wasm_exec";
import { learnAnswers } from "./answers.js";
import { Border, type Fields, type Owner } from "./border.js";
import { makeError, type WidgetError } from "./errors.js";
import { console, scope } from "./scope.js";
import type { Input } from "./wire.gen.js";

/**
 * What the wasm exports; see package jsbridge for the layout in memory. All inputs take the time first, and return how many
 * words of effects there are.
 */
export interface Exports extends Record<Input, (mono: number, wall: number, ...args: number[]) => number> {
  /** Go's own compiler calls it mem. */
  memory?: WebAssembly.Memory;
  mem?: WebAssembly.Memory;
  wf_load(): void;
  wf_header(): number;
  wf_reserve(words: number, bytes: number): void;
  wf_intern(at: number, bytes: number): number;
}

/** So long no wall clock stands still, but where a page's tests have stopped it. */
const stoppedMs = 10;

/** What Go reaches of the shim, as the global `widgetFutures` of its contained scope. */
interface Port {
  start(record: HandOver, post: (message: unknown, origin: string) => void, origin: string): void;
}

/** See package jsbridge. */
interface HandOver {
  version: string;
  paths: string;
  names: string;
  answers: string;
  prefix: string;
  top: boolean;
}

/** One instance of the wasm, with the border to it. */
export class Core {
  readonly border: Border;
  /** The host window's postMessage. */
  post: (message: unknown, origin: string) => void = () => {};
  readonly #die: (error: WidgetError) => void;
  /** @internal */
  go?: Go;
  /** @internal */
  exports?: Exports;
  /** What Go printed first: why it has ended. */
  #said = "";
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
   * Starts the wasm, unless `ended` by then. What Go knows of the window is added to `start`. It reports whether there is a
   * core.
   */
  async load(wasm: Promise<WebAssembly.Module>, start: Fields, ended: () => boolean): Promise<boolean> {
    const port: Port = {
      start: ({ version, paths, names, answers, prefix, top }, post, origin) => {
        if (version !== __WF_VERSION__) {
          const message = `the shim is version ${__WF_VERSION__}, the wasm ${version}`;
          const hint = "serve files of one release";
          this.#die(makeError("version", { message, hint }));
          return;
        }
        this.border.attach(this.exports as Exports, paths, names, prefix);
        learnAnswers(answers);
        this.post = post;
        start.topLevel = top;
        start.origin = origin;
      },
    };
    const said = (line: string) => {
      this.#said ||= line;
    };
    const go = new (loadGo(scope(port), console(said)))(); // while the wasm is on its way
    const module = await wasm;
    if (ended()) return false;
    const instance = await WebAssembly.instantiate(module, go.importObject);
    if (ended()) return false;
    this.go = go;
    this.exports = instance.exports as unknown as Exports;
    go.run(instance).catch((cause) => this.#fail(cause));
    try {
      this.exports.wf_load();
    } catch (cause) {
      this.#fail(cause);
    }
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
      if (this.go?.exited) throw new Error("the program has ended"); // what was returned means nothing
      this.border.open();
      return words;
    } catch (cause) {
      this.#fail(cause);
      return 0;
    }
  }

  /** Whether what was thrown while the border wrote is the end of the wasm, by a trap or Go's own exit; then it is told. */
  failed(cause: unknown): boolean {
    const failed = !!this.go?.exited || cause instanceof WebAssembly.RuntimeError;
    if (failed) this.#fail(cause);
    return failed;
  }

  #fail(cause: unknown): void {
    const message = `the wasm failed${this.#said && `: ${this.#said}`}`;
    this.#die(makeError("internal", { message, cause, hint: "this is a bug in widget-futures" }));
  }

  /** Lets go of the instance and its memory. */
  release(): void {
    this.exports = undefined;
    this.go = undefined;
  }
}
