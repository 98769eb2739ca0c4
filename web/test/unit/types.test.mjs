import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { compare, declarations } from "../../scripts/compat-exports.mjs";

const file = (path) => fileURLToPath(new URL(path, import.meta.url));

/** What the compiler says of a project, line by line. */
function compile(project) {
  const tsc = file("../../node_modules/typescript/bin/tsc");
  try {
    execFileSync(process.execPath, [tsc, "--pretty", "false", "-p", project], { encoding: "utf8" });
    return [];
  } catch (error) {
    return error.stdout.split("\n").filter((line) => line !== "");
  }
}

async function inFolder(work) {
  const folder = await mkdtemp(join(tmpdir(), "widget-futures-types-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const compilerOptions = {
  target: "es2022",
  lib: ["es2022", "esnext.disposable", "dom", "dom.iterable"],
  module: "esnext",
  moduleResolution: "bundler",
  types: [],
  strict: true,
  skipLibCheck: false,
  noEmit: true,
};

test("a widget's author can compile every public call against the built declarations", () => {
  assert.equal(compile(file("../types/tsconfig.json")).join("\n"), "");
});

test("js-sdk's declarations and a client of it check with compat in the original's place", async () => {
  const said = await inFolder(async (folder) => {
    const paths = { "matrix-widget-api": [declarations.ours] };
    const options = { ...compilerOptions, allowImportingTsExtensions: true, paths };
    const config = { compilerOptions: options, files: [file("../types/js-sdk.ts")] };
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(config));
    return compile(join(folder, "tsconfig.json"));
  });
  // js-sdk 43 does not ship one of the files that its declarations name; that is so with the original, too.
  const missing = /^\S+\/crypto-api\/index\.d\.ts\S+ error TS2307: .*matrix-sdk-crypto-wasm\.d\.ts'/;
  assert.equal(said.filter((line) => !missing.test(line)).join("\n"), "");
});

/** What a class keeps to itself makes it a type of its own, whatever its shape: the line, but not a constructor's. */
const privates = /^ +(?:(?:private|protected) (?!constructor)|#private).*;\n/gm;

async function copyWithoutPrivates(from, to) {
  await cp(from, to, { recursive: true, filter: (path) => !/\.(m?js|map|wasm|txt)$/.test(path) });
  for (const name of await readdir(to, { recursive: true })) {
    if (!name.endsWith(".d.ts")) continue;
    const text = await readFile(join(to, name), "utf8");
    await writeFile(join(to, name), text.replace(privates, ""));
  }
}

test("every type and value of the original can stand for ours, and ours for the original's", async () => {
  const rows = (await compare()).filter((row) => row.inBoth);
  assert.ok(rows.length > 180, `only ${rows.length} are in both`);
  const said = await inFolder(async (folder) => {
    await copyWithoutPrivates(dirname(declarations.original), join(folder, "original"));
    await copyWithoutPrivates(dirname(dirname(declarations.ours)), join(folder, "ours"));
    const generic = {
      __proto__: null,
      ObservableFunction: "<string>",
      SimpleObservable: "<string>",
    };
    const lines = rows.flatMap(({ name, side }) => [
      ...(side.includes("type")
        ? pair(`original.${name}${generic[name] ?? ""}`, `ours.${name}${generic[name] ?? ""}`)
        : []),
      ...(side.includes("value") ? pair(`typeof original.${name}`, `typeof ours.${name}`) : []),
    ]);
    await writeFile(
      join(folder, "both.ts"),
      `import * as original from "./original/index.js";\nimport * as ours from "./ours/compat/index.js";\n${lines.join("\n")}\n`,
    );
    const events = file("../../node_modules/@types/events/index.d.ts");
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({
        compilerOptions: { ...compilerOptions, paths: { events: [events] } },
        files: ["both.ts"],
      }),
    );
    return compile(join(folder, "tsconfig.json"));
  });
  assert.equal(said.join("\n"), "");
});

/** Two functions that the compiler takes only if each of two types can stand for the other. */
function pair(one, other) {
  return [`void ((given: ${one}): ${other} => given);`, `void ((given: ${other}): ${one} => given);`];
}
