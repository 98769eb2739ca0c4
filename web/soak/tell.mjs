// Tells words of the border for people: fields by the names of their paths, effects by what they ask for.

import { source } from "../test/unit/source.mjs";

const { Op, Kind } = await source("wire.gen");

const decoder = new TextDecoder();
const halves = new Int32Array(2);
const float = new Float64Array(halves.buffer);

/** Reads words with their texts. `names` are the instance's: of paths, and interned texts. */
class Reader {
  at = 0;

  constructor(words, bytes, names) {
    Object.assign(this, { words, bytes, names });
  }

  next() {
    return this.words[this.at++];
  }

  number() {
    halves[0] = this.next();
    halves[1] = this.next();
    return Object.is(float[0], -0) ? "-0" : `${float[0]}`;
  }

  text() {
    const id = this.next();
    if (id) return `${JSON.stringify(this.names.texts[id])}#${id}`;
    const start = this.next();
    const text = JSON.stringify(decoder.decode(this.bytes.subarray(start, start + this.next())));
    return text.length > 200 ? `${text.slice(0, 200)}… of ${text.length}` : text;
  }

  field() {
    const head = this.next();
    return `${this.names.paths[head & 0xffff] ?? `path ${head & 0xffff}`}=${this.value(head >> 16)}`;
  }

  value(kind) {
    if (kind === Kind.Number) return this.number();
    if (kind === Kind.Text) return this.text();
    const name = Kind[kind] ?? `kind ${kind}`;
    return kind < Kind.Number ? name.toLowerCase() : `${name}(${this.next()})`;
  }

  effect() {
    const head = this.next();
    const parts = [Op[head & 0xff] ?? `op ${head & 0xff}`, this.next()];
    if ((head & 0xff) === Op.Wake) parts.push(`at ${this.number()}`);
    for (let fields = head >> 8; fields > 0 && this.at < this.words.length; fields--)
      parts.push(this.field());
    return parts.join(" ");
  }

  /** All of one kind, a line each; most of what a long one tells says nothing new. */
  all(what) {
    const lines = [];
    while (this.at < this.words.length && lines.length < 100) lines.push(`    ${this[what]()}`);
    return lines.length > 0 ? lines.join("\n") : "    nothing";
  }
}

/** Lines for the fields that went in. */
export const tellFields = (words, bytes, names) => new Reader(words, bytes, names).all("field");

/** Lines for the effects that came out. */
export const tellEffects = (words, bytes, names) => new Reader(words, bytes, names).all("effect");
