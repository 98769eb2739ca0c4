/** How `make test` counts files of node:test that fail at first, twice, or as files. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { nodeTests, Tally } from "../../scripts/steps.mjs";

const dir = await mkdtemp(join(tmpdir(), "widget-futures-steps-"));
after(() => rm(dir, { recursive: true, force: true }));

async function counted(t, name, code, options) {
  const file = join(dir, `${name}.mjs`);
  await writeFile(file, `import assert from "node:assert/strict"; import { test } from "node:test"; ${code}`);
  const said = t.mock.method(console, "log", () => {}).mock;
  const tally = new Tally();
  await nodeTests("suite", async () => [file], options)(tally);
  const words = said.calls.map(({ arguments: [text] }) => text).filter((text) => /^[A-Z]+ /.test(text));
  said.restore();
  return { ...tally, words };
}

const FAILS_ONCE = `import { existsSync, writeFileSync } from "node:fs";
  const mark = import.meta.filename + ".mark";
  test("other", () => {});
  test("slow", () => { const ran = existsSync(mark); writeFileSync(mark, ""); assert.ok(ran); });`;

test("what fails beside another file and passes alone has passed, and both are told", async (t) => {
  assert.deepEqual(await counted(t, "once", FAILS_ONCE, { again: true }), {
    passed: 2,
    failed: 0,
    words: ["UNSTEADY  suite: slow, once more alone"],
  });
});

test("without a second run it has failed", async (t) => {
  assert.deepEqual(await counted(t, "first", FAILS_ONCE), {
    passed: 1,
    failed: 1,
    words: ["FAILED  suite: slow"],
  });
});

test("what fails twice has failed, and so has a test that is skipped", async (t) => {
  const code = `test("never", () => assert.ok(0)); test("left out", { skip: true }, () => {}); test("fine", () => {});`;
  assert.deepEqual(await counted(t, "twice", code, { again: true }), {
    passed: 1,
    failed: 2,
    words: [
      ...["UNSTEADY  suite: never, once more alone", "UNSTEADY  suite: left out, once more alone"],
      ...["FAILED  suite: never", "FAILED  suite: left out"],
    ],
  });
});

test("a file that cannot be loaded, has no test, or ends badly after its tests has failed", async (t) => {
  for (const [name, code, passed] of [
    ["unloadable", `import "./none.mjs";`, 0],
    ["empty", "", 0],
    ["late", `test("fine", () => {}); setTimeout(() => process.exit(3), 200);`, 1],
  ]) {
    const { words, ...counts } = await counted(t, name, code);
    assert.deepEqual(counts, { passed, failed: 1 }, name);
    assert.match(words.join(), new RegExp(`^FAILED .*${name}\\.mjs$`));
  }
});
