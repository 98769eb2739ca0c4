// Repeats with the wasm what a stream of web/soak/record says, and compares what comes of it.

import { source } from "../test/unit/source.mjs";
import { Frame, frameText } from "./frames.mjs";
import { loadWasm } from "./instance.mjs";
import { Linear } from "./linear.mjs";
import { Probes } from "./probes.mjs";
import { tellEffects, tellFields } from "./tell.mjs";

const { Border } = await source("border");

/** After so many inputs the effects are read by the shim's own border too, and whenever the memory has grown. */
const borderEvery = 1000;

const decoder = new TextDecoder();
const times = new Float64Array(2);
const timeWords = new Int32Array(times.buffer);

/** The wasm did other than it should; the message says what and where. */
export class Difference extends Error {}

/** What makes a Repetition, which takes frames. */
export async function loadRepetition() {
  const make = await loadWasm();
  return () => new Repetition(make);
}

class Repetition {
  inputs = 0;
  instances = 0;
  /** How often a memory grew while it was looked at. */
  renewed = 0;
  /** Of how many bytes the largest memory was: of the instances without a page that talks much, and of those with one. */
  memory = [0, 0];
  /** How many worlds there were, once it is known that no frame is missing. */
  worlds;
  #make;
  #names = [];
  #exports;
  #linear;
  #border;
  #known;
  #probes;
  #much = 0;
  #who = "";
  /** Inputs of whom. */
  #nth = 0;

  constructor(make) {
    this.#make = make;
  }

  take(frame) {
    switch (frame[0]) {
      case Frame.exports:
        this.#names = frameText(frame).split(" ");
        break;
      case Frame.instance:
        this.#measure();
        this.#begin();
        this.#much = frame[1];
        break;
      case Frame.client:
        this.#who = frameText(frame);
        this.#nth = 0;
        break;
      case Frame.put: {
        const end = 5 + frame[3];
        const bytes = bytesOf(frame, end, frame[4]);
        this.#probes.rename(bytes);
        this.#linear.put(frame[1], frame[2], frame.subarray(5, end), bytes);
        break;
      }
      case Frame.reserve:
        this.#exports.wf_reserve(frame[1], frame[2]);
        break;
      case Frame.intern:
        this.#intern(frame[1], frame[2], frame[3]);
        break;
      case Frame.enter:
        this.#enter(frame);
        break;
      case Frame.end:
        this.#measure();
        this.worlds = frame[1];
        break;
      default:
        throw new Error(`a frame of kind ${frame[0]}`);
    }
  }

  #begin() {
    const { told, exports } = this.#make();
    this.instances++;
    this.#exports = exports;
    this.#linear = new Linear(exports);
    this.#probes = new Probes();
    this.#border = new Border({ content: () => "content", holds: () => false });
    this.#border.attach(exports, told.paths, told.names, told.prefix);
    const paths = told.paths.split("\n").map((line) => line.slice(2));
    this.#known = { paths, texts: told.names.split("\n") };
  }

  #measure() {
    if (!this.#linear) return;
    this.renewed += this.#linear.renewed;
    this.memory[this.#much] = Math.max(this.memory[this.#much], this.#linear.size);
  }

  #intern(at, length, expected) {
    const [, bytes] = this.#linear.wentIn(0);
    const text = decoder.decode(bytes.subarray(at, at + length));
    const id = this.#exports.wf_intern(at, length);
    if (id !== expected) this.#differ(`wf_intern of ${text} gives ${id}, natively ${expected}`);
    if (id) this.#known.texts[id] = text;
  }

  #enter(frame) {
    const [, input, a, b, wordsIn, wordsOut, bytesOut] = frame;
    this.inputs++;
    this.#nth++;
    timeWords.set(frame.subarray(7, 11));
    const words = frame.subarray(11, 11 + wordsOut);
    const bytes = bytesOf(frame, 11 + wordsOut, bytesOut);
    const { renewed } = this.#linear;
    const what = () => {
      const fields = wordsIn > 0 ? `\n${tellFields(...this.#linear.wentIn(wordsIn), this.#known)}` : "";
      return `${this.#names[input]} mono=${times[0]} wall=${times[1]} ${a} ${b}${fields}
  natively:\n${tellEffects(words, bytes, this.#known)}`;
    };
    let count;
    try {
      count = this.#exports[this.#names[input]](times[0], times[1], a, b, wordsIn);
    } catch (cause) {
      this.#differ(`${what()}\n  in the wasm: ${cause.stack}`);
    }
    const [wasmWords, wasmBytes] = this.#linear.cameOut(count, bytesOut);
    if (!same(wasmBytes, bytes)) this.#probes.rename(bytes, wasmBytes);
    if (count !== wordsOut || !same(wasmWords, words) || !same(wasmBytes, bytes)) {
      this.#differ(`${what()}\n  in the wasm:\n${tellEffects(...this.#linear.cameOut(count), this.#known)}`);
    }
    if (this.#linear.renewed > renewed || this.inputs % borderEvery === 0) this.#look(words, bytes, what);
  }

  /** Has the shim's border read the effects: its views must not be of a memory that is no more. */
  #look(words, bytes, what) {
    this.#border.open();
    const word = words.findIndex((word) => this.#border.next() !== word);
    if (word >= 0) this.#differ(`${what()}\n  but the shim reads another word ${word}`);
    if (this.#border.textAt(0, bytes.length) !== decoder.decode(bytes))
      this.#differ(`${what()}\n  but the shim reads other texts`);
  }

  #differ(how) {
    throw new Difference(`${this.#who}, input ${this.#nth} (of all ${this.inputs}): ${how}`);
  }
}

const bytesOf = (frame, at, length) => new Uint8Array(frame.buffer, frame.byteOffset + 4 * at, length);

function same(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
