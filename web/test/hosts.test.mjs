/**
 * Every host that there is, end to end in Chromium, does what hosts/table.mjs says: each release of matrix-widget-api with
 * both ways to start, beside its site and across sites, everything granted and everything denied. web/docs/hosts.md is
 * made from what is seen here (`make hosts` writes it).
 */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { world } from "./harness.mjs";
import { render } from "./hosts/render.mjs";
import { scenes } from "./hosts/scenes.mjs";
import { stage } from "./hosts/stage.mjs";
import { HOSTS } from "./hosts/table.mjs";

/** Most of the time of a scene is waiting for a future. */
const AT_ONCE = 16;
const page = new URL("../docs/hosts.md", import.meta.url);

/** lib → cell → set of what was seen. */
const seen = new Map(Object.keys(HOSTS).map((lib) => [lib, new Map()]));
const played = { pages: 0, fired: 0, early: 0 };
const all = await world();
const play = stage(all, played);

function remember(lib, told) {
  played.pages++;
  for (const [cell, text] of Object.entries(told)) {
    const texts = seen.get(lib).get(cell) ?? new Set();
    seen.get(lib).set(cell, texts.add(text));
  }
}

describe("every host does what the table says", { concurrency: AT_ONCE }, () => {
  for (const scene of scenes) {
    for (const [lib, row] of Object.entries(HOSTS)) {
      if (row.kind !== (scene.only ?? row.kind) || !(row.scenes ?? [scene.name]).includes(scene.name))
        continue;
      for (const place of scene.places) {
        const where = `waitForIframeLoad ${place.wait === "load"}, ${place.site}-site`;
        test(`${lib}: ${scene.name} (${where})`, async () => {
          const { told, noise } = await play(scene, lib, place);
          remember(lib, told);
          const expected = Object.fromEntries(Object.keys(told).map((cell) => [cell, row.cells[cell]]));
          assert.deepEqual(told, expected);
          const unforeseen = noise.filter((text) => !row.noise?.test(text));
          assert.deepEqual(unforeseen, [], "errors on the console of the pages");
        });
      }
    }
  }
});

test("a page fetches the library that it was told to be, and none before", async () => {
  const fetched = async (lib) => {
    const { page } = await all.openHost({ lib });
    const files = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
    return files.filter((file) => file.includes("/chunks/lib-"));
  };
  const [none, old, current] = await Promise.all(["first-draft", "mwa-1.6.0", "mwa-1.19.0"].map(fetched));
  assert.deepEqual([none.length, old.length, current.length], [0, 1, 1]);
  assert.notEqual(old[0], current[0]);
});

test("every cell of the table was seen, and no future came early", () => {
  for (const [lib, row] of Object.entries(HOSTS))
    assert.deepEqual([...seen.get(lib).keys()].sort(), Object.keys(row.cells).sort(), lib);
  assert.ok(played.fired > 0);
  assert.equal(played.early, 0);
});

test("web/docs/hosts.md says what was seen (`make hosts` writes it)", async () => {
  const text = render(HOSTS, seen, played);
  if (process.env.HOSTS_DOC === "write") await writeFile(page, text);
  assert.equal(await readFile(page, "utf8").catch(() => "there is no such file"), text);
});
