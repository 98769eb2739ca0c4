// The action that a client probes its host with is named at random, so the wasm has another name than was recorded.

const start = "probe.";
const length = start.length + 36;
const name = /^probe\.[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

/** Which recorded name stands for which of the wasm's. */
export class Probes {
  #names = new Map();

  /** Writes the wasm's names into recorded bytes in the place of those there. `seen` are the wasm's, if it has sent them. */
  rename(bytes, seen) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = text.indexOf(start); at >= 0; at = text.indexOf(start, at + 1)) {
      const recorded = text.latin1Slice(at, at + length);
      if (!name.test(recorded)) continue;
      if (seen && !this.#names.has(recorded)) {
        const own = Buffer.from(seen.subarray(at, at + length)).latin1Slice();
        if (name.test(own)) this.#names.set(recorded, own);
      }
      text.latin1Write(this.#names.get(recorded) ?? recorded, at);
    }
  }
}
