// Go's linker leaves zeros out of a wasm's data and cuts it into sixty thousand segments, each with an address that no
// compression can guess: 61 kB of brotli, and a millisecond for whoever compiles it. Zeros cost next to nothing, so they
// are put back.

import { assemble, DATA, leb, Reader, sections } from "./wasm-sections.mjs";

/** The most zeros in a row that are put back: what is longer is memory that nothing is in yet. */
const mostZeros = 64;

const activeIn0 = 0;
const i32Const = 0x41;
const end = 0x0b;

function segments(body) {
  const reader = new Reader(body);
  return Array.from({ length: reader.int() }, () => {
    const known = reader.int() === activeIn0 && reader.byte() === i32Const;
    const start = reader.int(true);
    if (!known || reader.byte() !== end) throw new Error("the wasm's data is not as Go's linker writes it");
    return { start, bytes: reader.take(reader.int()) };
  });
}

/** The memory that those segments make. */
function memoryOf(body) {
  const list = segments(body).sort((a, b) => a.start - b.start);
  const parts = [];
  let end = 0;
  for (const { start, bytes } of list) {
    if (start < end) throw new Error("the wasm's data overlaps");
    parts.push(Buffer.alloc(start - end), bytes);
    end = start + bytes.length;
  }
  return Buffer.concat(parts);
}

/** A section of data for that memory. */
export function dataOf(memory) {
  const segments = [];
  for (let at = 0; at < memory.length; ) {
    const start = at + memory.subarray(at).findIndex((byte) => byte !== 0);
    if (start < at) break;
    const gap = memory.indexOf(Buffer.alloc(mostZeros + 1), start);
    at = gap < 0 ? memory.length : gap;
    const bytes = memory.subarray(start, at);
    segments.push(
      Buffer.from([activeIn0, i32Const]),
      leb(start, true),
      Buffer.from([end]),
      leb(bytes.length),
      bytes,
    );
  }
  return Buffer.concat([leb(segments.length / 5), ...segments]);
}

/** The same wasm with few segments of data. */
export const joinData = (wasm) =>
  assemble(sections(wasm).map(({ id, body }) => ({ id, body: id === DATA ? dataOf(memoryOf(body)) : body })));
