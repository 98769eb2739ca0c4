// What servers send in a file's place to browsers that accept it: FILE.br and FILE.gz, as small as they get. The wasm takes
// seconds, so what is there already for the same bytes is taken from build/compressed.

import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const cache = fileURLToPath(new URL("../../build/compressed", import.meta.url));

const forms = {
  br: (bytes) =>
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
  gz: (bytes) => promisify(gzip)(bytes, { level: 9 }),
};

/** Writes both beside the file. */
export async function compress(file) {
  const bytes = await readFile(file);
  const name = basename(file);
  const key = `${name}.${createHash("sha256").update(bytes).digest("hex")}`;
  await mkdir(cache, { recursive: true });
  const known = await readdir(cache);
  for (const [form, encode] of Object.entries(forms)) {
    const made = `${key}.${form}`;
    if (!known.includes(made)) {
      const own = join(cache, `${process.pid}-${made}`);
      await writeFile(own, await encode(bytes));
      await rename(own, join(cache, made));
    }
    await cp(join(cache, made), `${file}.${form}`);
  }
  const old = known.filter((made) => made.startsWith(`${name}.`) && !made.startsWith(key));
  await Promise.all(old.map((made) => rm(join(cache, made), { force: true })));
}
