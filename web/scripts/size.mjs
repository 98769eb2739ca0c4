// What a page downloads, in bytes: the wasm, the shim and, on top of both, the drop-in for matrix-widget-api, raw and as
// servers send them, and the floor beneath the wasm (floor/main_js.go). Fails when a file outgrows its budget: `make test`
// calls it with `check`, and then that is all it does.

import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildWasm } from "../build.mjs";
import { compress } from "./compress.mjs";

/** What the floor weighed as Go builds it by itself, when the module had to be at most 1.06 of it. */
const firstFloor = 666_000;

/** The most that a file may weigh as brotli 11. */
const budgets = {
  "widget-futures.wasm": 120_000,
  "index.js": 14_000,
  "compat.js": 7_300,
};

const root = fileURLToPath(new URL("../..", import.meta.url));

async function sizes(name, file) {
  const [raw, gzip, brotli] = await Promise.all(
    ["", ".gz", ".br"].map(async (form) => (await stat(file + form)).size),
  );
  return { name, raw, gzip, brotli };
}

const files = await Promise.all(
  Object.keys(budgets).map((name) => sizes(name, join(root, "web", "dist", name))),
);
for (const { name, brotli } of files) {
  const over = brotli - budgets[name];
  if (over <= 0) continue;
  console.log(`${name} is ${over} bytes over its budget of ${budgets[name]}`);
  process.exitCode = 1;
}
if (process.argv[2] !== "check") {
  const floor = join(root, "build", "floor.wasm");
  await mkdir(join(root, "build"), { recursive: true });
  await buildWasm("./web/scripts/floor", floor, { by: "go" });
  await compress(floor);
  const least = await sizes("floor", floor);
  const row = (name, ...cells) =>
    `${name.padEnd(20)}${cells.map((cell) => String(cell).padStart(11)).join("")}`;
  console.log(row("bytes", "raw", "gzip 9", "brotli 11", "budget"));
  for (const { name, raw, gzip, brotli } of [...files, least])
    console.log(row(name, raw, gzip, brotli, budgets[name] ?? ""));
  const [wasm, js, compat] = files.map(({ brotli }) => brotli);
  console.log(`the wasm to the first floor, ${firstFloor}: ${(wasm / firstFloor).toFixed(3)}`);
  const ratio = (wasm / least.brotli).toFixed(3);
  console.log(
    `size: wasm_br=${wasm} js_br=${js} compat_br=${compat} floor_br=${least.brotli} ratio=${ratio}`,
  );
}
