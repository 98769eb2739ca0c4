import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";
import { source } from "./source.mjs";

const { snapshot } = await source("plain");
const refused = (value, at) =>
  assert.throws(
    () => snapshot(value, "content"),
    (error) => error.code === "invalid" && error.message.startsWith(`${at}: `),
  );

test("plain JSON is copied, whatever the original becomes", () => {
  const original = { a: [1, { b: null, c: true }], d: "é", e: -0.5 };
  const copy = snapshot(original, "content");
  assert.deepEqual(copy, original);
  original.a[1].b = "changed";
  assert.equal(copy.a[1].b, null);
});

test("members that are undefined are dropped, as JSON drops them", () => {
  assert.deepEqual(Object.keys(snapshot({ a: undefined, b: 1 }, "content")), ["b"]);
});

test("what is not JSON is named by its place", () => {
  class Thing {}
  refused({ a: { b: new Map() } }, "content.a.b");
  refused({ a: [0, new Date()] }, "content.a[1]");
  refused({ a: 1n }, "content.a");
  refused({ a: () => {} }, "content.a");
  refused({ a: Symbol("s") }, "content.a");
  refused({ a: Number.NaN }, "content.a");
  refused({ a: Number.POSITIVE_INFINITY }, "content.a");
  refused({ a: new Thing() }, "content.a");
  refused({ a: new Uint8Array(1) }, "content.a");
  refused({ a: [undefined] }, "content.a[0]");
  refused({ a: new Array(2) }, "content.a[0]");
});

test("a cycle is an error, not an endless loop", () => {
  const cycle = { a: {} };
  cycle.a.back = cycle;
  assert.throws(() => snapshot(cycle, "content"), /too deep, or contains itself/);
});

test("one object in two places is no cycle", () => {
  const shared = { x: 1 };
  assert.deepEqual(snapshot({ a: shared, b: shared }, "content"), { a: { x: 1 }, b: { x: 1 } });
});

test("objects of another realm and without a prototype are plain too", () => {
  assert.deepEqual(snapshot(vm.runInNewContext("({ a: [1] })"), "content"), { a: [1] });
  assert.deepEqual(snapshot(Object.assign(Object.create(null), { a: 1 }), "content"), { a: 1 });
});

test("a member called __proto__ stays a member", () => {
  const copy = snapshot(JSON.parse('{"__proto__": {"polluted": true}}'), "content");
  assert.equal(copy.polluted, undefined);
  assert.deepEqual(Object.keys(copy), ["__proto__"]);
});
