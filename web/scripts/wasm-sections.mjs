// The sections of a wasm as they are encoded, to be read and put together anew.

const header = 8;
export const MEMORY = 5;
export const GLOBAL = 6;
export const EXPORT = 7;
export const CODE = 10;
export const DATA = 11;

/** Reads what a section is made of. */
export class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }
  byte() {
    return this.bytes[this.at++];
  }
  /** An integer in LEB128. */
  int(signed = false) {
    let value = 0;
    let unit = 1;
    let byte;
    do {
      byte = this.byte();
      value += (byte & 127) * unit;
      unit *= 128;
    } while (byte > 127);
    return signed && byte > 63 ? value - unit : value;
  }
  take(length) {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

/** An integer in LEB128. */
export function leb(value, signed = false) {
  const bytes = [];
  for (;;) {
    const low = value & 127;
    value = Math.floor(value / 128);
    const last = signed ? value === (low > 63 ? -1 : 0) : value === 0;
    bytes.push(last ? low : low | 128);
    if (last) return Buffer.from(bytes);
  }
}

/** The sections in their order. */
export function sections(bytes) {
  const list = [];
  for (const reader = new Reader(bytes, header); reader.at < bytes.length; ) {
    const id = reader.byte();
    list.push({ id, body: reader.take(reader.int()) });
  }
  return list;
}

/** A wasm of those sections. */
export const assemble = (list) =>
  Buffer.concat([
    Buffer.from("\0asm\u0001\0\0\0", "latin1"),
    ...list.flatMap(({ id, body }) => [Buffer.from([id]), leb(body.length), body]),
  ]);
