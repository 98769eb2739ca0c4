/** What is done to the wasm after Go's linker: another encoding of the same memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { joinData } from "../../scripts/join-data.mjs";
import { assemble, DATA, leb, Reader, sections } from "../../scripts/wasm-sections.mjs";

const memory = { id: 5, body: Buffer.from([1, 0, 1]) };
const exported = { id: 7, body: Buffer.from([1, 3, ...Buffer.from("mem"), 2, 0]) };
const data = (...list) => ({
  id: DATA,
  body: Buffer.concat([
    leb(list.length),
    ...list.flatMap(([at, text]) => [
      Buffer.from([0, 0x41]),
      leb(at, true),
      Buffer.from([0x0b]),
      leb(text.length),
      Buffer.from(text),
    ]),
  ]),
});
const contents = (wasm) => {
  const { mem } = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports;
  return Buffer.from(mem.buffer);
};
const count = (wasm) => new Reader(sections(wasm).find(({ id }) => id === DATA).body).int();

test("integers of every length and sign are read as they are written", () => {
  for (const value of [0, 1, 63, 64, 127, 128, 8191, 65_535, 2 ** 21, 2 ** 31 - 1]) {
    assert.equal(new Reader(leb(value)).int(), value);
    assert.equal(new Reader(leb(value, true)).int(true), value);
    assert.equal(new Reader(leb(0 - value, true)).int(true), 0 - value);
  }
});

test("segments near each other become one, in any order, and memory is the same", () => {
  const wasm = assemble([memory, exported, data([900, "c"], [8, "a"], [9, "bb"], [40, "d"], [60_000, "e"])]);
  const less = joinData(wasm);
  assert.equal(count(less), 3);
  assert.ok(contents(less).equals(contents(wasm)));
});

test("data that overlaps, or is not put there at the start, fails the build", () => {
  assert.throws(() => joinData(assemble([memory, data([8, "abc"], [9, "d"])])), /overlaps/);
  const passive = { id: DATA, body: Buffer.from([1, 1, 1, 0]) };
  assert.throws(() => joinData(assemble([memory, passive])), /not as Go's linker writes it/);
});
