/** A short soak of the wasm (make soak-wasm), and that it would tell if the wasm did other than it should. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Frame } from "../../soak/frames.mjs";
import { Difference } from "../../soak/repeat.mjs";
import { soakWasm } from "../../soak/wasm.mjs";

const short = ["-seeds", "1", "-hours", "0.01", "-nonsense", "300"];

/** Changes something of the first input of which it can; `where` finds the word in the frame. */
const changeOne = (where, by) => {
  let changed = false;
  return (frame) => {
    const at = changed || frame[0] !== Frame.enter ? -1 : where(frame);
    if (at < 0) return;
    changed = true;
    frame[at] ^= by;
  };
};

test("the wasm has the effects of Go's own compiler, word for word, in the worlds of the simulation", async () => {
  const { worlds, inputs, instances, renewed } = await soakWasm(["-seeds", "20", "-share", "6"]);
  assert.equal(worlds, 20);
  assert.ok(inputs > 50_000, `${inputs} inputs`);
  assert.equal(instances, 4);
  assert.ok(renewed > 5, `the memory has grown ${renewed} times`);
});

test("a word that differs is told, with the world, the page, the input and both effects", async () => {
  const lastWord = ([, , , , , wordsOut]) => (wordsOut > 30 ? 10 + wordsOut : -1);
  await assert.rejects(soakWasm(short, changeOne(lastWord, 1)), (error) => {
    assert.ok(error instanceof Difference);
    assert.match(error.message, /^seed 1, page \d+, input \d+ \(of all \d+\): wf_\w+ mono=\d/);
    assert.match(
      error.message,
      /\n {2}natively:\n.*\n {4}Post 2 api="fromWidget"#1 .* data=Opaque\(1\)\n {2}in the wasm:\n/s,
    );
    assert.match(
      error.message,
      /\n {2}in the wasm:\n.*\n {4}Post 2 api="fromWidget"#1 .* data=Opaque\(0\)$/s,
    );
    return true;
  });
});

test("a letter that differs is told", async () => {
  const text = ([, , , , , wordsOut, bytesOut]) => (bytesOut > 3 ? 11 + wordsOut : -1);
  await assert.rejects(soakWasm(short, changeOne(text, 1)), Difference);
});

test("an effect that is missing is told", async () => {
  const status = ([, , , , , wordsOut, bytesOut]) => (wordsOut > 2 && bytesOut === 0 ? 5 : -1);
  await assert.rejects(soakWasm(short, changeOne(status, 2)), Difference);
});

test("a recorder that fails is no success", async () => {
  await assert.rejects(soakWasm(["-hours", "x"]), /the recorder ended with [12]: .*invalid value/s);
});
