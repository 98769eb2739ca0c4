import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

test("the module can be imported where there is no window, and connect says that there is none", async () => {
  const { connect, WidgetError } = await import("../../dist/index.js");
  assert.throws(
    () => connect(),
    (error) => error instanceof WidgetError && error.code === "not_embedded",
  );
});

test("importing it leaves nothing on the global object", async () => {
  const before = Object.keys(globalThis);
  await import("../../dist/index.js?again");
  assert.deepEqual(Object.keys(globalThis), before);
});

test("the package has no runtime dependency and its types show nothing internal", async () => {
  const pkg = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
  assert.equal(pkg.dependencies, undefined);
  const types = await readFile(new URL("../../dist/index.d.ts", import.meta.url), "utf8");
  assert.match(types, /\bconnect\b/);
  assert.doesNotMatch(types, /__debug/);
});
