/** The bench measures what it says: a short run, whose figures mean nothing. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const out = await mkdtemp(join(tmpdir(), "widget-futures-bench-"));
after(() => rm(out, { recursive: true, force: true }));

/** Runs the command, with settings by name. */
function bench(settings) {
  const env = { ...process.env, OUT: out, ...settings };
  const file = fileURLToPath(new URL("../bench/run.mjs", import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [file], { env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test("a run measures every contestant on every site and ends with its line", {
  timeout: 180_000,
}, async () => {
  const { code, stdout, stderr } = await bench({ ROUNDS: "1", CALLS: "50", GROWTH_CALLS: "300" });
  assert.equal(code, 0, stdout + stderr);
  const number = "\\d+\\.\\d\\d";
  const timed = ["floors", "rtt_raw", "rtt_peer", "rtt_peer_silent", "load_raw", "load_peer", "ready_floor"];
  const line = `^bench: ${timed.map((name) => `${name}=${number}`).join(" ")} values_growth=-?\\d+ wasm_growth=-?\\d+$`;
  assert.match(stdout.trimEnd().split("\n").at(-1), new RegExp(line));
  const { sites, start, growth } = JSON.parse(await readFile(join(out, "bench.json"), "utf8"));
  assert.deepEqual(Object.keys(sites), ["same-origin", "cross-origin", "cross-site"]);
  for (const [site, { times }] of Object.entries(sites)) {
    for (const mode of ["sequential", "load"]) {
      for (const name of ["floor A", "floor B", "ours", "peer", "peer silent"]) {
        const [micros, ...more] = times[mode][name];
        assert.ok(micros > 0 && more.length === 0, `${site}, ${mode}, ${name}: ${times[mode][name]}`);
      }
    }
  }
  assert.ok(start.ours[0] > 0 && start.floor[0] > 0, JSON.stringify(start));
  assert.ok(growth.before.values > 0 && growth.after.wasmBytes > 0, JSON.stringify(growth));
  assert.deepEqual(await readdir(out), ["bench.json"], "left behind");
});

test("a setting that is no number is refused by its name", async () => {
  const { code, stderr } = await bench({ ROUNDS: "many" });
  assert.equal(code, 1);
  assert.match(stderr, /ROUNDS must be a number from 1 on, not "many"/);
});
