// What a page downloads, in bytes: the wasm, the shim and, on top of both, the drop-in for matrix-widget-api, raw and as
// servers send them, and the floor beneath the wasm (floor/main_js.go). Fails when the wasm outgrows its budget.

import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { buildWasm } from "../build.mjs";

/** The most that the wasm may weigh as brotli 11. */
const wasmBudget = 706_000;

const root = fileURLToPath(new URL("../..", import.meta.url));
const floor = join(root, "build", "floor.wasm");
await mkdir(join(root, "build"), { recursive: true });
await buildWasm("./web/scripts/floor", floor);

async function sizes(name, file) {
  const bytes = await readFile(file);
  return {
    name,
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }).length,
  };
}

const wasm = await sizes("widget-futures.wasm", join(root, "web", "dist", "widget-futures.wasm"));
const js = await sizes("index.js", join(root, "web", "dist", "index.js"));
const compat = await sizes("compat.js", join(root, "web", "dist", "compat.js"));
const least = await sizes("floor", floor);

const row = (name, ...cells) =>
  `${name.padEnd(20)}${cells.map((cell) => String(cell).padStart(11)).join("")}`;
console.log(row("bytes", "raw", "gzip 9", "brotli 11"));
for (const { name, raw, gzip, brotli } of [wasm, js, compat, least])
  console.log(row(name, raw, gzip, brotli));
if (wasm.brotli > wasmBudget) {
  console.log(`the wasm is ${wasm.brotli - wasmBudget} bytes over its budget of ${wasmBudget}`);
  process.exitCode = 1;
}
const ratio = (wasm.brotli / least.brotli).toFixed(3);
console.log(
  `size: wasm_br=${wasm.brotli} js_br=${js.brotli} compat_br=${compat.brotli} floor_br=${least.brotli} ratio=${ratio}`,
);
