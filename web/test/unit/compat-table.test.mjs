import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { compare, document, render, version } from "../../scripts/compat-exports.mjs";
import { readExports } from "../../scripts/shapes.mjs";

const rows = await compare();
const folder = await mkdtemp(join(tmpdir(), "widget-futures-shapes-"));
after(() => rm(folder, { recursive: true, force: true }));

test("every export of the original's widget side is ours too, and the same", () => {
  assert.deepEqual(
    rows.filter((row) => !row.good).map(({ name, verdict }) => `${name}: ${verdict}`),
    [],
  );
  assert.ok(rows.filter((row) => row.inBoth).length >= 190);
});

test("the written table of exports says how it is (make exports)", async () => {
  assert.equal(await readFile(document, "utf8"), render(rows, version));
});

test("a name in the lists of what may differ that is not so is found", async () => {
  const wrong = new Map([
    ["Widget", "no"],
    ["Gadget", "no"],
  ]);
  const bad = async (lists) => (await compare(lists)).filter((row) => !row.good).map(({ name }) => name);
  assert.deepEqual((await bad({ different: wrong })).sort(), ["Gadget", "Widget"]);
  assert.ok((await bad({ hostOnly: wrong })).includes("ClientWidgetApi"));
  assert.ok((await bad({ hostOnly: wrong })).includes("Widget"));
  assert.ok((await bad({ oursOnly: wrong })).includes("configure"));
});

/** Of each pair of declarations what they export as X. One program reads them all. */
async function shapes(pairs) {
  const files = pairs.flat().map((_, i) => join(folder, `${i}.d.ts`));
  for (const [i, text] of pairs.flat().entries()) await writeFile(files[i], text);
  const read = readExports(files).map((exports) => JSON.stringify(exports.get("X")));
  return pairs.map((pair, i) => ({ pair: pair.join(" and "), one: read[2 * i], other: read[2 * i + 1] }));
}

test("shapes that differ in one thing are told apart", async () => {
  const seen = await shapes([
    [
      "export interface X { [k: string]: unknown; a?: string }",
      "export interface X { [k: string]: unknown }",
    ],
    ["export interface X { a?: string }", "export interface X { a: string }"],
    ["export interface X { a?: string }", "export interface X { a?: string | null }"],
    ["export interface X { a: string }", "export interface X { readonly a: string }"],
    ["export interface X { a: string }", "export interface X { [k: string]: string; a: string }"],
    ["export interface X { a: { b: { c: 1 } } }", "export interface X { a: { b: { c: 2 } } }"],
    ["export interface X { a(b: string): void }", "export interface X { a(b?: string): void }"],
    ["export interface X { a(b: string): void }", "export interface X { a(b: string): Promise<void> }"],
    ["export interface X { a(...b: string[]): void }", "export interface X { a(b: string[]): void }"],
    ["export interface X { a(): void; a(b: string): void }", "export interface X { a(b: string): void }"],
    ["export interface X { a: Array<string> }", "export interface X { a: Array<number> }"],
    ["export interface X { a: [string, number] }", "export interface X { a: [number, string] }"],
    ["export interface X { a<T extends string>(b: T): T }", "export interface X { a<T>(b: T): T }"],
    ["export interface X { a<T, U>(b: T, c: U): T }", "export interface X { a<T, U>(b: T, c: U): U }"],
    ["export interface X { a<T = string>(): T }", "export interface X { a<T = number>(): T }"],
    ["export type X = 'a' | 'b'", "export type X = 'a' | 'b' | 'c'"],
    ["export type X = boolean", "export type X = true"],
    ["export enum X { A = 'a' }", "export enum X { A = 'b' }"],
    ["export enum X { A = 'a' }", "export enum X { A = 'a', B = 'b' }"],
    ["export enum X { A = 'a' }", "export declare const X: { A: 'a' }"],
    ["export declare class X { a: 1 }", "export interface X { a: 1 }"],
    ["declare class X {} export type { X }", "export declare class X {}"],
    ["export declare class X { private constructor() }", "export declare class X { constructor() }"],
    ["export declare class X { static a(): void }", "export declare class X { a(): void }"],
    ["export declare class X { get a(): 1 }", "export declare class X { get a(): 1; set a(b: 1) }"],
    ["export declare class X { a(): this }", "export declare class X { a(): void }"],
    ["export declare class X<T> { a: T }", "export declare class X<T> { a: T[] }"],
    ["export declare function X(a: unknown): a is string", "export declare function X(a: unknown): boolean"],
  ]);
  for (const { pair, one, other } of seen) assert.notEqual(one, other, pair);
});

test("shapes that differ in names and in what is private alone are the same", async () => {
  const seen = await shapes([
    ["export interface X { a(b: string): void }", "export interface X { a(c: string): void }"],
    ["interface P { b: 1 } export interface X { a: P }", "export type X = { a: { b: 1 } }"],
    ["interface P { a: 1 } export interface X extends P { b: 2 }", "export type X = { b: 2 } & { a: 1 }"],
    ["export interface X { a<T>(b: T): T }", "export interface X { a<U>(b: U): U }"],
    ["export declare class X { a: 1; private b; #c }", "export declare class X { a: 1; protected d: 2 }"],
    ["export type X = 'a' | 'b'", "export type X = 'b' | 'a'"],
    ["export interface X { a?: X }", "export interface X { a?: X | undefined }"],
  ]);
  for (const { pair, one, other } of seen) assert.equal(one, other, pair);
});
