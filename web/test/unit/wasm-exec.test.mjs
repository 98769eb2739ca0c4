/** Go's wasm_exec.js as build.mjs contains it: smaller, and still all that a Go program needs of a page. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { buildWasm, wasmExec } from "../../build.mjs";
import { reduceWasmExec } from "../../scripts/wasm-exec.mjs";
import { contained } from "./tables.mjs";

const text = await wasmExec();

const dist = (name) => fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));

const folder = await mkdtemp(join(tmpdir(), "widget-futures-trial-"));
after(() => rm(folder, { recursive: true, force: true }));
const trial = join(folder, "trial.wasm");
await buildWasm("./web/scripts/trial", trial, { started: true });

/** Runs the program; what it says and leaves, and whether the page is as it was. */
async function ended(ending) {
  const page = Object.getOwnPropertyNames(globalThis).join();
  const said = [];
  const { log, warn } = console;
  console.log = (...words) => said.push(words.join(" "));
  console.warn = (...words) => said.push(words.join(" "));
  try {
    const { global, go, run } = await contained(trial, {});
    global.ending = ending;
    const end = run();
    go._resume();
    await end;
    assert.equal(Object.getOwnPropertyNames(globalThis).join(), page);
    return { said, result: global.result, exited: go.exited };
  } finally {
    Object.assign(console, { log, warn });
  }
}

test("a Go program knows the time, draws random numbers, prints, and ends", async () => {
  const { said, result, exited } = await ended("success");
  assert.ok(result.sleptMs >= 19 && result.sleptMs < 5000, `slept ${result.sleptMs} ms`);
  assert.ok(Math.abs(result.wallMs - Date.now()) < 5000);
  assert.match(result.uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
  assert.deepEqual([result.args, result.env], [0, 0]);
  assert.deepEqual(said, ["half a line, and the other"]);
  assert.ok(exited);
});

test("what a panic says is on the console", async () => {
  const { said } = await ended("panic");
  assert.match(said.join("\n"), /^panic: no way out$/m);
  assert.match(said.join("\n"), /^main\.try\(\)$/m);
  assert.equal(said.at(-1), "exit code: 2");
});

test("an exit ends the program with its code", async () => {
  const { said, exited } = await ended("failure");
  assert.ok(exited);
  assert.equal(said.at(-1), "exit code: 3");
});

test("a wasm_exec.js that has changed fails the build, and says where", () => {
  const imports = new Set(["runtime.wasmExit", "runtime.scheduleTimeoutEvent"]);
  for (const started of [false, true]) assert.doesNotThrow(() => reduceWasmExec(text, imports, started));
  assert.throws(
    () => reduceWasmExec(text.replace("const strPtr", "const pointer"), imports),
    /const strPtr =/,
  );
  assert.throws(() => reduceWasmExec(text.replace("run(argc, argv)", "run()"), imports), /run\(argc, argv\)/);
  assert.throws(() => reduceWasmExec(text, new Set(["runtime.news"])), /runtime\.news/);
});

test("the shim calls every function that the wasm exports for it, and no other", async () => {
  const wasm = new WebAssembly.Module(await readFile(dist("widget-futures.wasm")));
  const exported = WebAssembly.Module.exports(wasm).map(({ name }) => name);
  const called = (await readFile(dist("index.js"), "utf8")).match(/\bwf_\w+/g);
  assert.deepEqual([...new Set(called)].sort(), exported.filter((name) => name.startsWith("wf_")).sort());
});
