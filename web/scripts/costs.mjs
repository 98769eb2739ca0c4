// What each dependency of the wasm costs, and which package its bytes are of: `make costs` writes web/docs/size.md. The
// programs of web/scripts/floor use each dependency once; what a package weighs is TinyGo's own account.

import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildWasm, setVersion } from "../build.mjs";
import { compress } from "./compress.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "build", "costs");
const listed = 25;

/** All but the module are programs whose main counts. */
const steps = [
  { what: "an empty Go program", pkg: "./web/scripts/floor/empty" },
  { what: "with `syscall/js`", pkg: "./web/scripts/floor/js" },
  { what: "that and uuid", pkg: "./web/scripts/floor/uuid" },
  { what: "that and vert", pkg: "./web/scripts/floor/vert" },
  { what: "uuid and vert: the floor", pkg: "./web/scripts/floor", byGoToo: true },
  { what: "this module", pkg: "./wasm", command: false, byGoToo: true },
];

const number = (value) => value.toLocaleString("en");
const row = (...cells) => `| ${cells.join(" | ")} |`;

async function weigh(pkg, by, command) {
  const file = join(folder, `${by}-${pkg.split("/").at(-1)}.wasm`);
  await buildWasm(pkg, file, { by, command, ldflags: command ? "" : setVersion });
  await compress(file);
  return Promise.all([file, `${file}.br`].map(async (path) => (await stat(path)).size));
}

async function ladder() {
  const rows = [];
  let empty;
  for (const { what, pkg, command = true, byGoToo } of steps) {
    const [raw, brotli] = await weigh(pkg, "tinygo", command);
    empty ??= brotli;
    const byGo = byGoToo ? await weigh(pkg, "go", command) : [];
    rows.push(
      row(
        what,
        number(raw),
        number(brotli),
        `+${number(brotli - empty)}`,
        ...[0, 1].map((n) => number(byGo[n] ?? "")),
      ),
    );
  }
  return rows;
}

/** The packages of TinyGo's table, the heaviest first: their code and the data that the file holds for them. */
async function packages() {
  const table = await buildWasm("./wasm", join(folder, "named.wasm"), { by: "tinygo", names: true });
  const lines = table.matchAll(/^ *(\d+) +(\d+) +(\d+) +\d+ \| +\d+ +\d+ \| (.+)$/gm);
  return [...lines]
    .map(([, code, rodata, data, name]) => ({
      name,
      code: Number(code),
      data: Number(rodata) + Number(data),
    }))
    .filter(({ name }) => name !== "total")
    .sort((a, b) => b.code + b.data - a.code - a.data);
}

await mkdir(folder, { recursive: true });
const rungs = await ladder();
const all = await packages();
const sum = (list) => ["code", "data"].map((kind) => list.reduce((total, entry) => total + entry[kind], 0));
const line = (name, [code, data]) => row(name, number(code), number(data));
const others = all.slice(listed);

const text = `# What the wasm is made of

Written by \`make costs\`. Bytes; brotli is level 11. Every program is built with the flags of the module, and uses what it
is named after once. A program is optimised as a whole, so that two dependencies may weigh less than one of them. The last
columns are of Go's own compiler, which makes the wasm on request.

${row("Program", "raw", "brotli", "brotli, to the empty one", "by Go: raw", "brotli")}
|---|--:|--:|--:|--:|--:|
${rungs.join("\n")}

What follows is of a build of the module that has the names of its functions. A function that was inlined counts for the
package it is from; data are texts, tables and types.

${row("Package", "code", "data")}
|---|--:|--:|
${all
  .slice(0, listed)
  .map(({ name, code, data }) => line(/[( ]/.test(name) ? name : `\`${name}\``, [code, data]))
  .join("\n")}
${line(`${others.length} others`, sum(others))}
${line("all", sum(all))}
`;
await writeFile(join(root, "web", "docs", "size.md"), text);
console.log(text);
