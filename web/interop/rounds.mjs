/** The same case again and again, because chance has a part in it: some rounds at a time, and every one must be well. */
import assert from "node:assert/strict";

export const ROUNDS = 10;
const AT_ONCE = 5;

/** Plays the rounds 0 … ROUNDS - 1; fails with what every bad one said. */
export async function rounds(play) {
  const bad = [];
  let next = 0;
  const lane = async () => {
    while (next < ROUNDS) {
      const n = next++;
      await play(n).catch((error) => bad.push(`round ${n}: ${error.message}`));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  assert.ok(bad.length === 0, `${bad.length} of ${ROUNDS} rounds:\n${bad.join("\n")}`);
}
