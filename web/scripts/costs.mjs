// What each dependency of the wasm costs, and which package its bytes are of: `make costs` writes web/docs/size.md. The
// programs of web/scripts/floor use each dependency once; the bytes are told apart by the names of a build that has them.

import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { buildWasm, run } from "../build.mjs";
import { compress } from "./compress.mjs";
import { CODE, DATA, Reader, sections } from "./wasm-sections.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "build", "costs");
const listed = 25;

const steps = [
  ["an empty Go program", "./web/scripts/floor/empty"],
  ["with `syscall/js`", "./web/scripts/floor/js"],
  ["that and uuid", "./web/scripts/floor/uuid"],
  ["that and vert", "./web/scripts/floor/vert"],
  ["uuid and vert: the floor", "./web/scripts/floor"],
  ["this module", "./wasm"],
  ["this module, started by the build", "./wasm", { started: true }],
];

const number = (value) => value.toLocaleString("en");
const row = (...cells) => `| ${cells.join(" | ")} |`;

async function weigh([what, pkg, options], place) {
  const file = join(folder, `step-${place}.wasm`);
  await buildWasm(pkg, file, options);
  await compress(file);
  const [raw, brotli] = await Promise.all([file, `${file}.br`].map(async (path) => (await stat(path)).size));
  return { what, raw, brotli };
}

/** The names of the functions, by number; those that are imported come first. */
function functionNames(list) {
  const names = [];
  for (const { id, body } of list) {
    if (id !== 0) continue;
    const reader = new Reader(body);
    if (reader.take(reader.int()).toString() !== "name") continue;
    while (reader.at < body.length) {
      const kind = reader.int();
      const part = new Reader(reader.take(reader.int()));
      if (kind !== 1) continue;
      for (let left = part.int(); left > 0; left--) names[part.int()] = part.take(part.int()).toString();
    }
  }
  return names;
}

/** Says what package a function is of. The linker writes "_" in its name for all that is no letter, digit, "_" or ".". */
async function packageOf() {
  const list = await run("go", ["list", "-deps", "./wasm"], {
    env: { ...process.env, GOOS: "js", GOARCH: "wasm" },
  });
  const known = list.split("\n").map((name) => [`${name.replace(/[^\w.]/g, "_")}.`, name]);
  known.push(
    ["type_.", "equality and hashes of types"],
    ["main.", "github.com/widget-futures/widget-futures/wasm"],
  );
  known.sort(([a], [b]) => b.length - a.length);
  return (name = "") => known.find(([start]) => name.startsWith(start))?.[1] ?? "the entries of the wasm";
}

async function packages() {
  const file = join(folder, "named.wasm");
  await buildWasm("./wasm", file, { named: true });
  const list = sections(await readFile(file));
  const imported = new Reader(list.find(({ id }) => id === 2).body).int();
  const names = functionNames(list);
  const code = new Reader(list.find(({ id }) => id === CODE).body);
  const sizes = new Map();
  const packageFor = await packageOf();
  const count = code.int();
  for (let place = 0; place < count; place++) {
    const length = code.int();
    code.take(length);
    const of = packageFor(names[imported + place]);
    sizes.set(of, (sizes.get(of) ?? 0) + length);
  }
  const [codeBody, data] = [CODE, DATA].map((wanted) => list.find(({ id }) => id === wanted).body);
  return { sizes: [...sizes].sort(([, a], [, b]) => b - a), code: codeBody, data };
}

await mkdir(folder, { recursive: true });
const weighed = [];
for (const [place, step] of steps.entries()) weighed.push(await weigh(step, place));
const { sizes, code, data } = await packages();
const rest = sizes.slice(listed).reduce((sum, [, bytes]) => sum + bytes, 0);

const text = `# What the wasm is made of

Written by \`make costs\`. Bytes; brotli is level 11. Every program is built with the flags of the module, and uses what it
is named after once. What a page loads has been started: it holds what Go's heap held when main blocked, and the page need
not do that again.

${row("Program", "raw", "brotli", "brotli, to the empty one")}
|---|--:|--:|--:|
${weighed.map(({ what, raw, brotli }) => row(what, number(raw), number(brotli), `+${number(brotli - weighed[0].brotli)}`)).join("\n")}

The module has ${number(code.length)} bytes of code and ${number(data.length)} of data (tables of functions and types, texts), which take
${number(brotliCompressSync(code).length)} and ${number(brotliCompressSync(data).length)} bytes of brotli each on its own.

${row("Code of the package", "raw")}
|---|--:|
${sizes
  .slice(0, listed)
  .map(([name, bytes]) => row(name.includes(" ") ? name : `\`${name}\``, number(bytes)))
  .join("\n")}
${row(`${sizes.length - listed} others`, number(rest))}
`;
await writeFile(join(root, "web", "docs", "size.md"), text);
console.log(text);
