import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { source } from "./source.mjs";

const { capability } = await source("capability");
const vectors = JSON.parse(
  await readFile(new URL("../../../protocol/testdata/capabilities.json", import.meta.url), "utf8"),
);

test("capabilities are built as the vectors say that Go is held to", () => {
  for (const { make, args, want } of vectors) assert.equal(capability[make](...args), want);
});

test("every helper has a vector", () => {
  assert.deepEqual([...new Set(vectors.map(({ make }) => make))].sort(), Object.keys(capability).sort());
});
