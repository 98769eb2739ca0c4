// Linear memory of an instance: what web/src/border.ts does there, in words and bytes as they stand.

import assert from "node:assert/strict";

/** Words of the header: see package jsbridge. */
const [inbox, inboxWords, textIn, textInBytes, outbox, textOut] = [0, 1, 2, 3, 4, 5];

export class Linear {
  /** How often the memory has grown under the views. */
  renewed = 0;
  #exports;
  #memory;
  #words = new Int32Array();
  #bytes = new Uint8Array();
  #header = 0;

  constructor(exports) {
    this.#exports = exports;
    this.#memory = exports.memory ?? exports.mem;
    this.#renew();
    this.renewed = 0;
  }

  get size() {
    return this.#memory.buffer.byteLength;
  }

  /** Makes new views where the memory has grown; the shim does so when the old ones are empty, so they have to be. */
  #renew() {
    if (this.#words.length === 0) {
      this.#words = new Int32Array(this.#memory.buffer);
      this.#bytes = new Uint8Array(this.#memory.buffer);
      this.#header = this.#exports.wf_header() >> 2;
      this.renewed++;
    }
    assert.equal(this.#words.buffer, this.#memory.buffer, "the views are of a memory that is no more");
  }

  #head(member) {
    return this.#words[this.#header + member];
  }

  /** Writes words and bytes into the ways in, from the word and byte given. */
  put(atWord, atByte, words, bytes) {
    this.#renew();
    assert.ok(atWord + words.length <= this.#head(inboxWords), "the inbox is too small");
    assert.ok(atByte + bytes.length <= this.#head(textInBytes), "the text buffer is too small");
    this.#words.set(words, (this.#head(inbox) >> 2) + atWord);
    this.#bytes.set(bytes, this.#head(textIn) + atByte);
  }

  #views(words, bytes, count, length = this.#bytes.length) {
    this.#renew();
    const start = this.#head(words) >> 2;
    const text = this.#head(bytes);
    return [this.#words.subarray(start, start + count), this.#bytes.subarray(text, text + length)];
  }

  /** So many words of what went in, and the text that they may tell of. */
  wentIn(words) {
    return this.#views(inbox, textIn, words);
  }

  /** So many words of what has come out, and so many bytes of text. */
  cameOut(words, bytes) {
    return this.#views(outbox, textOut, words, bytes);
  }
}
