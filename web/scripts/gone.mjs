// How long a room believes that a widget's page is still there: node web/scripts/gone.mjs [rounds], after `make build`.
// Runs web/test/gone.test.mjs so many times (default 3) and prints, for every way a page can end, the time from the end
// of the page to its leave in the room: the median, and the worst where it differs.

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeTests, root, Tally } from "./steps.mjs";

const rounds = Number(process.argv[2] ?? 3);
const dir = await mkdtemp(join(tmpdir(), "widget-futures-gone-"));
const tally = new Tally();
const rows = new Map(); // by way and site: times by column

try {
  const results = join(dir, "results.json");
  const files = async () => [join(root, "web", "test", "gone.test.mjs")];
  for (let round = 0; round < rounds; round++) {
    await nodeTests("gone", files, { env: { ...process.env, GONE_RESULTS: results } })(tally);
    for (const { how, family, site, homeserverUrl, ms } of JSON.parse(await readFile(results, "utf8"))) {
      const row = `${how}, ${site}-site`;
      const column = `${family}, ${homeserverUrl ? "with" : "without"} homeserverUrl`;
      const times = rows.get(row) ?? rows.set(row, new Map()).get(row);
      times.set(column, [...(times.get(column) ?? []), ms]);
    }
  }
} finally {
  await rm(dir, { recursive: true, force: true });
}

const columns = [...new Set([...rows.values()].flatMap((times) => [...times.keys()]))];
const cell = (times) => {
  if (!times) return "–";
  const sorted = times.toSorted((a, b) => a - b);
  const [median, worst] = [sorted[sorted.length >> 1], sorted.at(-1)];
  return median === worst ? `${median} ms` : `${median} ms (${worst})`;
};
const line = (cells) => `| ${cells.join(" | ")} |`;
console.log(line(["How the page ends", ...columns]));
console.log(line(["---", ...columns.map(() => "---")]));
for (const [row, times] of rows)
  console.log(line([row, ...columns.map((column) => cell(times.get(column)))]));
console.log(`gone: rounds=${rounds} passed=${tally.passed} failed=${tally.failed}`);
process.exitCode = tally.failed > 0 ? 1 : 0;
