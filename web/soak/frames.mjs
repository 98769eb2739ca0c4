// Reads the stream of web/soak/record, which says what its frames are (stream.go).

/** The kinds of frames, by number. */
export const Frame = { exports: 0, instance: 1, client: 2, put: 3, reserve: 4, intern: 5, enter: 6, end: 7 };

const decoder = new TextDecoder();

/** The text of a frame that is nothing but text. */
export const frameText = (frame) =>
  decoder.decode(new Uint8Array(frame.buffer, frame.byteOffset + 8, frame[1]));

/** Cuts chunks of bytes into frames. What was handed over is valid until the next one. */
export class Frames {
  #bytes = new Uint8Array(1 << 20);
  #used = 0;

  /** Takes a chunk; `take` gets each frame that ends in it, as words, the kind first. */
  push(chunk, take) {
    if (this.#used + chunk.length > this.#bytes.length) {
      const larger = new Uint8Array(2 * (this.#used + chunk.length));
      larger.set(this.#bytes.subarray(0, this.#used));
      this.#bytes = larger;
    }
    this.#bytes.set(chunk, this.#used);
    this.#used += chunk.length;
    const words = new Int32Array(this.#bytes.buffer, 0, this.#used >> 2);
    let at = 0;
    while (at < words.length && at + 1 + words[at] <= words.length) {
      const end = at + 1 + words[at];
      take(words.subarray(at + 1, end));
      at = end;
    }
    this.#bytes.copyWithin(0, 4 * at, this.#used);
    this.#used -= 4 * at;
  }
}
