// `make interop`: node web/interop/run.mjs [word …]. Builds the pages, runs every case against real Synapses in real
// Chromium (with words, only the files whose name holds one of them), prints what was measured and ends with
// "interop: N passed, N failed". Cases of different files run at the same time: most of what they do is wait.

import { readdir } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execute, root, Tally } from "../scripts/steps.mjs";
import { buildPages } from "./build.mjs";

const FILES_AT_ONCE = 2;
const TEST_MS = 480_000;
const RUN_MS = 900_000;

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
const said = [];

function onLine(line) {
  const event = JSON.parse(line);
  if (event.kind === "output") said.push(event.text);
  else if (event.kind === "figure") console.log(`        ${event.text}`);
  else if (event.kind === "pass") {
    tally.pass();
    console.log(`ok      ${event.name}`);
  } else tally.fail(event.name, event.kind === "skip" ? "skipped" : event.text);
}

const end = await execute(
  process.execPath,
  [
    "--test",
    `--test-concurrency=${FILES_AT_ONCE}`,
    `--test-timeout=${TEST_MS}`,
    `--test-reporter=${join(here, "reporter.mjs")}`,
    "--test-reporter-destination=stdout",
    ...files.map((name) => join(here, name)),
  ],
  { onLine, onErrorLine: (line) => said.push(`${line}\n`), cwd: root, timeoutMs: RUN_MS },
);
if (tally.passed + tally.failed === 0)
  tally.fail("interop", `no case ran${end ? `: ${end}` : ""}\n${said.join("")}`);
else if (end !== undefined && tally.failed === 0) tally.fail("interop", `${end}\n${said.join("")}`);
const load = loadavg().map((value) => value.toFixed(1));
console.log(
  `took ${((performance.now() - start) / 1000).toFixed(0)} s; load average ${load.join(", ")} on ${cpus().length} cores`,
);
console.log(`interop: ${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed > 0 ? 1 : 0;
