// Makes a module of Go's wasm_exec.js, without what is there for command lines, for browsers of long ago and for functions
// that our wasm does not import: a third of it. It is taken apart by TypeScript's parser, and what is to go must be found
// as often as is said here: another wasm_exec.js fails the build instead of being cut anyhow.

import ts from "typescript";

/** How the statements and members begin that go, and how many they are. */
const unneeded = {
  // Polyfills, and errors where there can be none; what Go reads of `fs` the shim has (src/scope.ts).
  "if (!globalThis.": 7,
  "_gotest: {": 1,
  "if (!(instance instanceof": 1,
  // What has ended has no instance, and throws without being told to.
  "if (this.exited) {\n\t\t\t\tthrow": 1,
  'console.warn("scheduleTimeoutEvent: missed': 1,
  // The shim lets go of all of Go at once.
  "delete this._values": 1,
  "delete this._goRefCounts": 1,
  "delete this._ids": 1,
  "delete this._idPool": 1,
  // The command line and the environment, both empty.
  "this.argv =": 1,
  "this.env =": 1,
  "let offset =": 1,
  "const strPtr =": 1,
  "const argc =": 1,
  "const argv": 2,
  "this.argv.forEach(": 1,
  "argvPtrs.push(0)": 2,
  "const keys =": 1,
  "keys.forEach(": 1,
  "argvPtrs.forEach(": 1,
  "const wasmMinDataAddr": 1,
  // Functions of Go that JavaScript calls: package os writes by one, and nobody here writes by package os.
  "_makeFuncWrapper(": 1,
  "if (offset >= wasmMinDataAddr)": 1,
};

/** Imports that only package os calls, to read and write files, which nobody here does: they do nothing. */
const idle = ["syscall/js.copyBytesToGo", "syscall/js.copyBytesToJS"];

/** The values that Go holds when its main blocks, in the order of their ids, as its packages have asked for them. */
export const held = ["Object", "Array", "fs", "fs.constants", "Uint8Array"];

/** The first id after those that are always there. */
export const firstHeld = 7;

/** Go knows again what it asks a page for; the shim's `fs` it has asked for once and for all. */
const known = held
  .map((value, i) => `[${value}, ${firstHeld + i}],`)
  .filter((_, i) => !held[i].startsWith("fs"));

/**
 * How Go starts: it reads no arguments where it is told of none, and no environment where it finds a zero (no data is below
 * 12288). A wasm that has been started already (start-wasm.mjs) gets the values that it holds, and goes on by an export.
 */
const changes = {
  "this._inst.exports.run(argc, argv);": [
    "this._inst.exports.run(0, 4096);",
    "this._inst.exports.wf_load();",
  ],
  "\t\t\t\tthis,\n": ["this,", `this, ${held.join()},`],
  "[this, 6],": ["[this, 6],", `[this, 6], ${known.join("")}`],
};

/** The members of the class that nobody else knows, neither Go nor the shim. */
export const ownMembers = [
  "_inst",
  "_goRefCounts",
  "_ids",
  "_idPool",
  "_scheduledTimeouts",
  "_nextCallbackTimeoutID",
  "exit",
  "_exitPromise",
  "_resolveExitPromise",
];

/** The names of what a wasm imports, all of it Go's. */
export async function importsOf(wasm) {
  const imports = WebAssembly.Module.imports(await WebAssembly.compile(wasm));
  const foreign = imports.find(({ module }) => module !== "gojs");
  if (foreign)
    throw new Error(`the wasm imports ${foreign.module}.${foreign.name}, which wasm_exec.js does not have`);
  return new Set(imports.map(({ name }) => name));
}

/** The text of wasm_exec.js with no more than a wasm of those imports needs, which may have been `started`. */
export function reduceWasmExec(text, imports, started = false) {
  const file = ts.createSourceFile("wasm_exec.js", text, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const found = Object.fromEntries(Object.keys(unneeded).map((start) => [start, 0]));
  const missing = new Set(imports);
  const cuts = [];

  function goes(node) {
    if (!ts.isStatement(node) && !ts.isPropertyAssignment(node) && !ts.isMethodDeclaration(node))
      return false;
    if (ts.isPropertyAssignment(node) && node.parent.parent.name?.text === "gojs") {
      missing.delete(node.name.text);
      if (!imports.has(node.name.text)) return true;
      if (idle.includes(node.name.text)) cuts.push([node.initializer.pos, node.initializer.end, "()=>{}"]);
      return false;
    }
    const start = Object.keys(unneeded).find((start) => text.startsWith(start, node.getStart()));
    if (start) found[start]++;
    return start !== undefined;
  }
  (function walk(node) {
    // A member goes with its comma.
    if (goes(node)) cuts.push([node.getFullStart(), node.end + (text[node.end] === "," ? 1 : 0)]);
    else ts.forEachChild(node, walk);
  })(file);

  const wrong = Object.keys(unneeded).filter((start) => found[start] !== unneeded[start]);
  wrong.push(...Object.keys(changes).filter((part) => text.split(part).length !== 2));
  if (wrong.length > 0 || missing.size > 0) {
    const parts = [...wrong, ...missing].map((part) => `\n  ${part}`).join("");
    throw new Error(
      `wasm_exec.js is not the one that web/scripts/wasm-exec.mjs knows; it has not, or otherwise:${parts}`,
    );
  }
  let kept = "";
  let at = 0;
  for (const [start, end, instead = ""] of cuts) {
    kept += text.slice(at, start) + instead;
    at = end;
  }
  kept += text.slice(at);
  for (const [part, instead] of Object.entries(changes)) kept = kept.replace(part, instead[Number(started)]);
  return kept;
}

/**
 * A module that runs wasm_exec.js inside a function whose globalThis is the scope that the shim passes in, as esbuild does
 * for its own browser build: it writes Go to globalThis, and what it reads there may be the page's own, of other libraries.
 */
export const wasmExecModule = (text, imports, started) => `
export function loadGo(scope) {
  (function (globalThis, fs) {
${reduceWasmExec(text, imports, started)}
  })(scope, scope.fs);
  return scope.Go;
}`;
