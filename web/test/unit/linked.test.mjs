/** What is compiled into the wasm: no package that is not reached for a reason. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "../../build.mjs";

const own = "github.com/widget-futures/widget-futures/";

/** The packages beside what the floor has: syscall/js, vert, uuid, and what those bring with them. */
const reasons = {
  [`${own}wasm`]: "the main",
  [`${own}jsbridge`]: "the border",
  [`${own}protocol`]: "the wire",
  [`${own}protocol/session`]: "the conversation",
  [`${own}protocol/future`]: "the life of a future",
};

async function packages(main) {
  const env = { ...process.env, GOOS: "js", GOARCH: "wasm" };
  const list = await run("go", ["list", "-deps", main], { env });
  return new Set(list.split("\n"));
}

test("the wasm has no package in it that neither the floor has nor a reason is given for", async () => {
  const floor = await packages("./web/scripts/floor");
  const more = [...(await packages("./wasm"))].filter((name) => !floor.has(name));
  assert.deepEqual(more.sort(), Object.keys(reasons).sort());
});

test("uuid and vert are the only modules in the wasm but this one", async () => {
  const foreign = [...(await packages("./wasm"))].filter(
    (name) => /^[^/]+\.[^/]+\//.test(name) && !name.startsWith(own),
  );
  assert.deepEqual(foreign.sort(), ["github.com/google/uuid", "github.com/norunners/vert"]);
});

test("no package of ours draws from math/rand, which is the same in every page since the build starts Go", async () => {
  const format = '{{join .Imports "\\n"}}';
  const imports = await run("go", ["list", "-f", format, "./protocol/...", "./jsbridge/...", "./wasm"], {
    env: { ...process.env, GOOS: "js", GOARCH: "wasm" },
  });
  assert.match(imports, /^github\.com\/google\/uuid$/m);
  assert.doesNotMatch(imports, /^math\/rand/m);
});
