// `make interop`: node web/interop/run.mjs [word …]. Builds the pages, runs every case against real Synapses in real
// Chromium (with words, only the files whose name holds one of them), prints what was measured and ends with
// "interop: N passed, N failed". Cases of different files run at the same time: most of what they do is wait.

import { readdir } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Tally, testFiles } from "../scripts/steps.mjs";
import { buildPages } from "./build.mjs";
import { synapseVersion } from "./synapse.mjs";

const FILE_MS = 900_000;

/** The longest file first, so that it does not end last and alone. */
const FIRST = "loss.test.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const words = process.argv.slice(2);
const files = (await readdir(here))
  .filter((name) => name.endsWith(".test.mjs") && (words.length === 0 || words.some((w) => name.includes(w))))
  .sort((a, b) => Number(b === FIRST) - Number(a === FIRST) || (a < b ? -1 : 1));

if (files.length === 0) throw new Error(`no file of cases has "${words.join('" or "')}" in its name`);

const tally = new Tally();
const start = performance.now();
await buildPages();
await testFiles(
  files.map((name) => join(here, name)),
  (ends) => {
    for (const { ok, name, text, figures } of ends) {
      for (const figure of figures) console.log(`        ${figure}`);
      if (ok) {
        tally.pass();
        console.log(`ok      ${name}`);
      } else tally.fail(name, text);
    }
  },
  FILE_MS,
);
const load = loadavg().map((value) => value.toFixed(1));
console.log(
  `Synapse ${synapseVersion()}; took ${((performance.now() - start) / 1000).toFixed(0)} s; load average ${load.join(", ")} on ${cpus().length} cores`,
);
console.log(`interop: ${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed > 0 ? 1 : 0;
