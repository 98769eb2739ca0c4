// Go takes 25 ms to start in a page: it lays out its heap, initialises forty packages, makes goroutines. All of that is the
// same each time, so it is done once, here, until main blocks, and the wasm that a page loads goes on from there: its data is
// the memory at that moment, its globals have their values of then. What Go drew at random by then, the seeds of its maps and
// of math/rand, is the same in every page; ids are drawn from the page's crypto when they are asked for. Go's clocks stood at
// 1 ms after 1970, which no page's are before.

import { dataOf } from "./join-data.mjs";
import { firstHeld, held, importsOf, wasmExecModule } from "./wasm-exec.mjs";
import { assemble, DATA, EXPORT, GLOBAL, leb, MEMORY, Reader, sections } from "./wasm-sections.mjs";

const pageBytes = 65_536;
const globalKind = 3;
const end = 0x0b;

/** The globals, none of which Go's linker imports or exports: their types and the instruction that makes a constant. */
function globalsOf(body) {
  const reader = new Reader(body);
  return Array.from({ length: reader.int() }, () => {
    const head = reader.take(3);
    reader.int(true);
    if (reader.byte() !== end) throw new Error("the wasm's globals are not as Go's linker writes them");
    return head;
  });
}

/** The same wasm, with its globals exported by number. */
function opened(list, count) {
  return assemble(
    list.map(({ id, body }) => {
      if (id !== EXPORT) return { id, body };
      const reader = new Reader(body);
      const more = Array.from({ length: count }, (_, n) => {
        const name = Buffer.from(String(n));
        return Buffer.concat([leb(name.length), name, Buffer.from([globalKind]), leb(n)]);
      });
      return { id, body: Buffer.concat([leb(reader.int() + count), body.subarray(reader.at), ...more]) };
    }),
  );
}

/** Go, run until its main blocks in a page that has nothing but what Go may remember of it. */
async function run(wasm, wasmExec) {
  const said = [];
  const page = {
    Object,
    Array,
    Uint8Array,
    fs: {
      constants: new Proxy({}, { get: () => -1 }),
      writeSync: (_file, bytes) => said.push(Buffer.from(bytes).toString()),
    },
  };
  const surroundings = {
    performance: { now: () => 1 },
    Date: { now: () => 1 },
    crypto: { getRandomValues: (bytes) => bytes.fill(1) },
  };
  const script = wasmExecModule(wasmExec, await importsOf(wasm)).replace(
    "export function",
    "return function",
  );
  const loadGo = new Function(...Object.keys(surroundings), script)(...Object.values(surroundings));
  const go = new (loadGo(page))();
  const { instance } = await WebAssembly.instantiate(wasm, go.importObject);
  await Promise.race([go.run(instance), new Promise(setImmediate)]); // a main that blocks never ends
  const values = held.map((path) => path.split(".").reduce((from, name) => from[name], page));
  const others = go._values.slice(firstHeld);
  const known = others.length === values.length && others.every((value, i) => value === values[i]);
  if (said.length > 0 || go.exited || go._scheduledTimeouts.size > 0 || !known) {
    const why = "Go did more before its main than wasm-exec.mjs knows, or holds other values";
    throw new Error([why, `${others.length} values`, ...said].join("\n"));
  }
  return instance.exports;
}

/** The wasm of a Go program whose main blocks, as it is when main has blocked. `wasmExec`: the text of wasm_exec.js. */
export async function startWasm(wasm, wasmExec) {
  const list = sections(wasm);
  const globals = globalsOf(list.find(({ id }) => id === GLOBAL).body);
  const exports = await run(opened(list, globals.length), wasmExec);
  const memory = Buffer.from(exports.mem.buffer);
  const values = globals.flatMap((head, n) => {
    const value = Number(exports[n].value);
    if (!Number.isSafeInteger(value)) throw new Error("a global of the wasm is not an address");
    return [head, leb(value, true), Buffer.from([end])];
  });
  const now = {
    [MEMORY]: Buffer.concat([leb(1), leb(0), leb(memory.length / pageBytes)]),
    [GLOBAL]: Buffer.concat([leb(globals.length), ...values]),
    [DATA]: dataOf(memory),
  };
  return assemble(list.map(({ id, body }) => ({ id, body: now[id] ?? body })));
}
