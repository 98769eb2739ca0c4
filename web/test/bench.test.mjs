/** The bench measures what it says: short runs, whose figures mean nothing. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

const out = await mkdtemp(join(tmpdir(), "widget-futures-bench-"));
after(() => rm(out, { recursive: true, force: true }));

/** Runs a script of the bench, with settings by name. */
function run(script, settings) {
  const env = { ...process.env, OUT: out, ...settings };
  const file = fileURLToPath(new URL(`../bench/${script}.mjs`, import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [file], { env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

test("a run measures every contestant on every site and ends with its line", {
  timeout: 240_000,
}, async () => {
  const settings = { ROUNDS: "1", CALLS: "50", GROWTH_CALLS: "300", HOLD_HOURS: "1" };
  const { code, stdout, stderr } = await run("run", settings);
  assert.equal(code, 0, stdout + stderr);
  const last = stdout.trimEnd().split("\n").at(-1);
  assert.match(last, /^bench:( [a-z0-9_]+=-?\d+(\.\d\d)?){18}$/);
  for (const name of ["rtt_raw", "rtt_cross_site", "ready_floor", "first_peer", "content_loaded", "pause_ms"])
    assert.match(last, new RegExp(` ${name}=\\d+\\.\\d\\d( |$)`));
  const result = JSON.parse(await readFile(join(out, "bench.json"), "utf8"));
  const { sites, watched, start, call, memory, hold, pauses } = result;
  assert.deepEqual(Object.keys(sites), ["same-origin", "cross-origin", "cross-site"]);
  const kinds = Object.entries(sites).flatMap(([site, { times }]) =>
    Object.entries(times).map(([kind, modes]) => [`${site}, ${kind}`, modes]),
  );
  assert.equal(kinds.length, 3 + 1 + 3);
  for (const [where, modes] of kinds)
    once(where, modes, ["floor A", "floor B", "ours", "peer", "peer silent"]);
  once("watched", watched, ["floor A", "floor B", "ours", "peer"]);
  for (const cache of ["cold", "warm"])
    for (const what of [
      "floor running",
      "TinyGo floor running",
      "ours running",
      "ours settled",
      "peer settled",
    ])
      assert.ok(start[cache][what][0] > 0, JSON.stringify(start));
  for (const name of ["call ours loaded", "call peer loaded"]) assert.ok(call[name][0] > 0, name);
  assert.deepEqual(
    pauses.map(({ holds }) => holds),
    [1, 3],
  );
  // Each future is a call and its answer; some of them take less than the clock tells apart.
  for (const { bursts } of pauses)
    for (const { inputs, longest, high } of bursts) assert.ok(inputs >= 2 * 60 && longest >= high, inputs);
  for (const when of ["start", "before", "after", "futures", "more"])
    assert.ok(memory[when].values > 0 && memory[when].wasmBytes > 0 && memory[when].heap > 0, when);
  assert.ok(hold.end.refreshes >= 1800, `an hour at two seconds: ${hold.end.refreshes} refreshes`);
  assert.deepEqual(await readdir(out), ["bench.json"], "left behind");
});

/** Each contestant has one time in each mode. */
function once(where, modes, names) {
  assert.deepEqual(Object.keys(modes), ["sequential", "load"], where);
  for (const [mode, times] of Object.entries(modes)) {
    assert.deepEqual(Object.keys(times), names, where);
    for (const [name, [micros, ...more]] of Object.entries(times))
      assert.ok(micros > 0 && more.length === 0, `${where}, ${mode}, ${name}: ${times[name]}`);
  }
}

test("the profile names functions of the shim by their sources and of Go by their packages", {
  timeout: 120_000,
}, async () => {
  const json = join(out, "profile.json");
  const { code, stdout, stderr } = await run("profile", { CALLS: "2000", JSON: json });
  assert.equal(code, 0, stdout + stderr);
  const { ours } = JSON.parse(await readFile(json, "utf8"));
  await rm(json);
  const names = (group) => ours.filter((row) => row.group === group).map(({ name }) => name);
  assert.ok(
    names("shim").some((name) => /^conversation\.ts:\d+ /.test(name)),
    names("shim").join("\n"),
  );
  assert.ok(
    names("Go").some((name) => /^(\(\*)?(protocol|jsbridge)/.test(name)),
    names("Go").join("\n"),
  );
});

test("a setting that is no number is refused by its name", async () => {
  const { code, stderr } = await run("run", { ROUNDS: "many" });
  assert.equal(code, 1);
  assert.match(stderr, /ROUNDS must be a number from 1 on, not "many"/);
});
