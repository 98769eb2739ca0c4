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
    const data = reader.take(reader.int());
    return { start, end: start + data.length, parts: [data] };
  });
}

function joined(body) {
  const list = [];
  for (const segment of segments(body).sort((a, b) => a.start - b.start)) {
    const last = list.at(-1);
    const zeros = last ? segment.start - last.end : Number.POSITIVE_INFINITY;
    if (zeros < 0) throw new Error("the wasm's data overlaps");
    if (zeros > mostZeros) list.push(segment);
    else {
      last.parts.push(Buffer.alloc(zeros), ...segment.parts);
      last.end = segment.end;
    }
  }
  const encoded = list.flatMap(({ start, end: stop, parts }) => [
    Buffer.from([activeIn0, i32Const]),
    leb(start, true),
    Buffer.from([end]),
    leb(stop - start),
    ...parts,
  ]);
  return Buffer.concat([leb(list.length), ...encoded]);
}

/** The same wasm with few segments of data. */
export const joinData = (wasm) =>
  assemble(sections(wasm).map(({ id, body }) => ({ id, body: id === DATA ? joined(body) : body })));
