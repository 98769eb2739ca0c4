/** The minified files lead back to their sources, which are in the maps beside them. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { SourceMap } from "node:module";
import { test } from "node:test";
import { connect } from "../../dist/index.js";

const dist = (name) => new URL(`../../dist/${name}`, import.meta.url);
const mapOf = async (name) => JSON.parse(await readFile(dist(`${name}.map`), "utf8"));

test("the stack of an error leads to the line that made it", async () => {
  let thrown;
  try {
    connect();
  } catch (error) {
    thrown = error;
  }
  const map = await mapOf("index.js");
  const lines = [...thrown.stack.matchAll(/dist\/index\.js:(\d+):(\d+)/g)].map(([, line, column]) => {
    const found = new SourceMap(map).findEntry(line - 1, column - 1);
    const text = map.sourcesContent[map.sources.indexOf(found.originalSource)];
    return `${found.originalSource}: ${text.split("\n")[found.originalLine].trim()}`;
  });
  assert.match(lines[0], /^\.\.\/src\/client\.ts: throw new WidgetError\("not_embedded"/);
});

test("each file names its map, and every source in it is there", async () => {
  for (const name of ["index.js", "compat.js"]) {
    const { sources, sourcesContent } = await mapOf(name);
    assert.ok((await readFile(dist(name), "utf8")).endsWith(`\n//# sourceMappingURL=${name}.map\n`));
    assert.ok(sources.length > 10 && sourcesContent.length === sources.length);
    for (const [place, source] of sources.entries()) {
      assert.ok(sourcesContent[place], source);
      assert.match(source, /^(\.\.\/src\/.+\.ts|wasm_exec:.+)$/);
    }
  }
});
