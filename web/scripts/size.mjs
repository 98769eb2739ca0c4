// What a page downloads, in bytes: the wasm, the shim and, on top of both, the drop-in for matrix-widget-api, raw and as
// servers send them; and the floors beneath the wasm (floor/main_js.go), of the compiler that made it and of Go's own.
// Fails when a file outgrows its budget: `make test` calls it with `check`, and then that is all it does.

import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildWasm, compiler } from "../build.mjs";
import { compress } from "./compress.mjs";

/** What the files weighed as brotli 11 when their budgets were set. */
const weighed = {
  "widget-futures.wasm": 92_290,
  "index.js": 13_507,
  "compat.js": 7_267,
};

/** So much of what it weighed a file may weigh. */
const air = 1.05;

/** What the wasm and index.js, which every page loads, are to weigh. */
const goals = { "widget-futures.wasm": 100_000, both: 112_000 };

const root = fileURLToPath(new URL("../..", import.meta.url));
const budgetOf = (name) => (name in weighed ? Math.floor(weighed[name] * air) : "");

async function sizes(name, file) {
  const [raw, gzip, brotli] = await Promise.all(
    ["", ".gz", ".br"].map(async (form) => (await stat(file + form)).size),
  );
  return { name, raw, gzip, brotli };
}

async function floor(by) {
  const file = join(root, "build", `floor-${by}.wasm`);
  await mkdir(join(root, "build"), { recursive: true });
  await buildWasm("./web/scripts/floor", file, { by, command: true });
  await compress(file);
  return sizes(`floor by ${by}`, file);
}

const files = await Promise.all(
  Object.keys(weighed).map((name) => sizes(name, join(root, "web", "dist", name))),
);
for (const { name, brotli } of files) {
  const budget = budgetOf(name);
  const over = brotli - budget;
  if (over <= 0) continue;
  const share = ((100 * over) / budget).toFixed(1);
  console.log(`${name} is ${over} bytes (${share} %) over its budget: ${brotli} of ${budget}`);
  process.exitCode = 1;
}
if (process.argv[2] !== "check") {
  const floors = [];
  for (const by of new Set([compiler, "go"])) floors.push(await floor(by));
  const [wasm, js, compat] = files;
  const both = { name: "both" };
  for (const form of ["raw", "gzip", "brotli"]) both[form] = wasm[form] + js[form];
  const row = (name, ...cells) =>
    `${name.padEnd(20)}${cells.map((cell) => String(cell).padStart(11)).join("")}`;
  console.log(row("bytes", "raw", "gzip 9", "brotli 11", "budget", "goal"));
  for (const { name, raw, gzip, brotli } of [wasm, js, both, compat, ...floors])
    console.log(row(name, raw, gzip, brotli, budgetOf(name), goals[name] ?? ""));
  const figures = { wasm_br: wasm, js_br: js, both_br: both, compat_br: compat, floor_br: floors[0] };
  const list = Object.entries(figures).map(([name, { brotli }]) => `${name}=${brotli}`);
  const [own, go] = [floors[0], floors.at(-1)].map(({ brotli }) => (wasm.brotli / brotli).toFixed(3));
  console.log(`size: ${list.join(" ")} go_floor_br=${floors.at(-1).brotli} ratio=${own} go_ratio=${go}`);
}
