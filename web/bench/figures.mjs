/** Numbers of many rounds made into few. */

/** The value that so much (0 … 1) of a list is below; between two of its values where it falls there. */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}

export const median = (values) => quantile(values, 0.5);

/** The median over rounds of what two contestants' times are to each other in each round. */
export const ratio = (ours, theirs) => median(ours.map((value, round) => value / theirs[round]));

/** Round by round the mean of two lists. */
export const mean = (a, b) => a.map((value, round) => (value + b[round]) / 2);

/** How far a ratio is from 1, whichever way. */
export const deviation = (value) => Math.abs(Math.log(value));

/** The same order for nobody: Fisher and Yates. */
export function shuffled(list) {
  const result = [...list];
  for (let n = result.length - 1; n > 0; n--) {
    const other = Math.floor(Math.random() * (n + 1));
    [result[n], result[other]] = [result[other], result[n]];
  }
  return result;
}
