/** Random inputs that are the same in every run: a test that fails can be run again. */

export function chance(seed) {
  let state = seed >>> 0;
  /** mulberry32 */
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const upTo = (n) => Math.floor(random() * n);
  const pick = (list) => list[upTo(list.length)];
  /** Short texts of what capabilities and templates are sensitive to. */
  const text = () => Array.from({ length: upTo(6) }, () => pick(ALPHABET)).join("");
  return { random, upTo, pick, text };
}

const ALPHABET = [..."#\\:*$.@! ab", "m.room.message", "m.text", "\n", "é", "😀", "$&"];
