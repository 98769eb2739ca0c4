/** The wasm that has been started by the build: the same one each time, and another one in each page. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { buildWasm, wasmExec } from "../../build.mjs";
import { startWasm } from "../../scripts/start-wasm.mjs";
import { contained } from "./tables.mjs";

const folder = await mkdtemp(join(tmpdir(), "widget-futures-start-"));
after(() => rm(folder, { recursive: true, force: true }));
const dist = fileURLToPath(new URL("../../dist/widget-futures.wasm", import.meta.url));

/** What a page is given that loads it: the prefix of its ids, and where the border is. */
async function loaded() {
  let prefix;
  const port = { table: () => true, attach: (_post, _top, _origin, own) => (prefix = own), facts() {} };
  const { go, global, run } = await contained(dist, port);
  const parent = { postMessage() {} };
  global.window = { parent, origin: "https://page.example.org" };
  run(); // it never ends
  return { prefix, header: go._inst.exports.wf_header(), exports: go._inst.exports };
}

test("every page draws its own ids, although Go was started once for all", async () => {
  const prefixes = await Promise.all([loaded(), loaded(), loaded()]);
  assert.equal(new Set(prefixes.map(({ prefix }) => prefix)).size, 3);
  for (const { prefix } of prefixes)
    assert.match(prefix, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}-$/);
});

test("the border is there, and Go has started: nothing calls its main again", async () => {
  const { header, exports } = await loaded();
  const [inbox, words, text, bytes] = new Uint32Array(exports.mem.buffer, header, 4);
  assert.ok(inbox > 0 && text > inbox && words >= 1024 && bytes >= 4096);
  assert.ok(!/exports\.run\(/.test(await readFile(join(dist, "../index.js"), "utf8")));
});

test("it is the same at every build", async () => {
  const builds = [];
  for (const name of ["one", "other"]) {
    const file = join(folder, `${name}.wasm`);
    await buildWasm("./web/scripts/trial", file, { started: true });
    builds.push(await readFile(file));
  }
  assert.ok(builds[0].equals(builds[1]));
});

test("a program that is over before a page has it, or that has done what no page can repeat, fails the build", async () => {
  const file = join(folder, "floor.wasm");
  await buildWasm("./web/scripts/floor", file);
  const floor = await readFile(file);
  const text = await wasmExec();
  await assert.rejects(() => startWasm(floor, text), /Go did more before its main/);
});
