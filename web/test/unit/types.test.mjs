import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const file = (path) => fileURLToPath(new URL(path, import.meta.url));

test("a widget's author can compile every public call against the built declarations", () => {
  const tsc = file("../../node_modules/typescript/bin/tsc");
  try {
    execFileSync(process.execPath, [tsc, "-p", file("../types/tsconfig.json")], { encoding: "utf8" });
  } catch (error) {
    assert.fail(error.stdout);
  }
});
