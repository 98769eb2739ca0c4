import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { source } from "./source.mjs";

const { loadModule } = await source("loader");
const real = { fetch: globalThis.fetch, ...pick(WebAssembly) };
const empty = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
const served = (type = "application/wasm", body = empty) =>
  new Response(body, { headers: { "Content-Type": type } });
let fetched;
let compiled;
let answers;
let serial = 0;
/** An address that no other test has used. */
const fresh = () => `/${++serial}.wasm`;

function pick({ compile, compileStreaming }) {
  return { compile, compileStreaming };
}

beforeEach(() => {
  fetched = [];
  compiled = [];
  answers = [];
  globalThis.document = { baseURI: "https://widget.example.org/app/" };
  globalThis.fetch = async (address) => {
    fetched.push(address);
    const answer = answers.shift() ?? served();
    if (answer instanceof Error) throw answer;
    return answer;
  };
  for (const name of ["compile", "compileStreaming"])
    WebAssembly[name] = (given) => {
      compiled.push(name);
      return real[name].call(WebAssembly, given);
    };
});

afterEach(() => {
  globalThis.fetch = real.fetch;
  Object.assign(WebAssembly, pick(real));
  delete globalThis.document;
});

const load = loadModule;

test("the wasm is asked for before loadModule returns", () => {
  loadModule({ wasm: fresh() });
  assert.equal(fetched.length, 1);
});

test("one address is fetched once and compiled once, however often and however it is named", async () => {
  const wasm = fresh();
  const modules = await Promise.all([load({ wasm }), load({ wasm: new URL(wasm, document.baseURI) })]);
  modules.push(await load({ wasm: `..${wasm}` }));
  assert.ok(modules[0] instanceof WebAssembly.Module);
  assert.equal(new Set(modules).size, 1);
  assert.deepEqual(fetched, [new URL(wasm, document.baseURI).href]);
  assert.deepEqual(compiled, ["compileStreaming"]);
});

test("a compiled module is used as it is, and neither fetched nor compiled", async () => {
  const wasm = new WebAssembly.Module(empty);
  assert.equal(await load({ wasm }), wasm);
  assert.deepEqual([fetched, compiled], [[], []]);
});

test("bytes, a view into bytes and a response are compiled, and nothing is fetched", async () => {
  const view = new Uint8Array([7, 7, ...empty]).subarray(2);
  for (const wasm of [empty, empty.buffer, view, served()]) {
    assert.ok((await load({ wasm })) instanceof WebAssembly.Module);
  }
  assert.deepEqual(compiled, ["compile", "compile", "compile", "compileStreaming"]);
  assert.deepEqual(fetched, []);
});

for (const [type, way] of [
  ["application/wasm", "compileStreaming"],
  ["application/wasm; charset=utf-8", "compile"],
  ["application/octet-stream", "compile"],
  ["", "compile"],
]) {
  test(`what is served as "${type}" goes through ${way}`, async () => {
    answers = [served(type)];
    assert.ok((await load({ wasm: fresh() })) instanceof WebAssembly.Module);
    assert.deepEqual(compiled, [way]);
  });
}

for (const [what, answer, message] of [
  ["could not be fetched", () => new TypeError("Failed to fetch"), /could not be fetched/],
  ["was not there", () => new Response("", { status: 503 }), /HTTP status 503/],
  ["was HTML", () => served("text/html", "<!doctype html>"), /served HTML/],
  ["could not be compiled", () => served(undefined, new Uint8Array(8)), /could not be compiled/],
]) {
  test(`a wasm that ${what} is a load error, of which nobody need hear, and is asked for again`, async () => {
    const wasm = fresh();
    answers = [answer()];
    const arrival = loadModule({ wasm });
    await new Promise((resolve) => setTimeout(resolve, 20)); // an unhandled rejection would fail this test
    await assert.rejects(arrival, (error) => error.code === "load" && message.test(error.message));
    assert.ok((await load({ wasm })) instanceof WebAssembly.Module);
    assert.equal(fetched.length, 2);
  });
}

test("an address that is none is refused as the others are, not thrown", async () => {
  await assert.rejects(load({ wasm: "https://" }));
});
