import assert from "node:assert/strict";
import { test } from "node:test";
import vm from "node:vm";
import { source } from "./source.mjs";

const { snapshot, lateSnapshot } = await source("plain");
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

test("what a homeserver refuses only when it sends the event is named by its place", () => {
  const late = (value, at, why) =>
    assert.throws(
      () => lateSnapshot(value, "content"),
      (error) => error.code === "invalid" && error.message.startsWith(`${at}: `) && why.test(error.message),
    );
  const deep = (levels) => (levels === 0 ? {} : { a: deep(levels - 1) });
  const ofBytes = (bytes) => ({ text: "é".repeat(bytes / 2) });
  late({ a: { b: [0, 1.5] } }, "content.a.b[1]", /integer/);
  late({ a: 2 ** 53 }, "content.a", /integer/);
  late({ a: -(2 ** 53) }, "content.a", /integer/);
  late({ a: "half a \ud800" }, "content.a", /Unicode/);
  late({ a: ["\udc00\ud800"] }, "content.a[0]", /Unicode/);
  late({ a: { "\ud800": 1 } }, "content.a.\ud800", /Unicode/);
  late(deep(100), `content${".a".repeat(100)}`, /deep/);
  late(ofBytes(64_000), "content", /64000 bytes/);
  const good = {
    a: [2 ** 53 - 1, 1 - 2 ** 53, -0, 1e3],
    b: "😀",
    c: undefined,
    d: deep(90),
    e: ofBytes(60_000),
  };
  assert.deepEqual(lateSnapshot(good, "content"), snapshot(good, "content"));
  for (const none of [undefined, null, "x", 1, []]) late(none, "content", /must be an object/);
  assert.equal(snapshot({ a: 1.5 }, "content").a, 1.5);
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

test("what a page has put onto every object is not in a copy", () => {
  Object.prototype.everywhere = { a: 1 };
  Object.prototype.every = () => {};
  try {
    const copy = snapshot({ b: { c: 2 } }, "content");
    assert.deepEqual(Object.keys(copy), ["b"]);
    assert.deepEqual(Object.keys(copy.b), ["c"]);
  } finally {
    delete Object.prototype.everywhere;
    delete Object.prototype.every;
  }
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
