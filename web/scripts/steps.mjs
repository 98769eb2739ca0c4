// How one step of `make test` is carried out and counted. A step gets a tally and adds to it; what it prints is only
// what somebody has to read: failures, each as it happens. A skipped test counts as failed: it has shown nothing.

import { spawn } from "node:child_process";
import { relative } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../..", import.meta.url));

export class Tally {
  passed = 0;
  failed = 0;

  pass() {
    this.passed++;
  }

  fail(name, text = "") {
    this.failed++;
    say("FAILED", name, text);
  }
}

function say(word, name, text) {
  console.log(`${word}  ${name}`);
  const lines = text.replace(/\n+$/, "").split("\n");
  if (lines[0] !== "" || lines.length > 1) console.log(lines.map((line) => `    ${line}`).join("\n"));
}

/** The process groups that run now; they die with us, browsers and all. */
const running = new Set();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    running.forEach(endGroup);
    process.exit(1);
  });
}

function endGroup(pid) {
  running.delete(pid);
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // the group is gone already
  }
}

/**
 * Runs a command in a process group of its own and hands its output over line by line.
 * Returns how it ended: undefined for exit status 0, else a sentence.
 */
export async function execute(
  command,
  args,
  { onLine, onErrorLine = onLine, input = "", timeoutMs = 300_000, ...options },
) {
  const child = spawn(command, args, { cwd: root, detached: true, ...options });
  child.stdin.on("error", () => {}); // whoever does not read its input may end before it came
  child.stdin.end(input);
  const { pid } = child;
  if (pid) running.add(pid);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    endGroup(pid);
  }, timeoutMs);
  createInterface({ input: child.stdout }).on("line", onLine);
  createInterface({ input: child.stderr }).on("line", onErrorLine);
  const end = await new Promise((resolve) => {
    child.on("error", (error) => resolve(`${command} could not be started: ${error.message}`));
    child.on("close", (code, signal) => resolve(code === 0 ? undefined : `exit ${code ?? signal}`));
  });
  clearTimeout(timer);
  if (pid) endGroup(pid);
  return late ? `still running after ${timeoutMs / 1000} s, ended` : end;
}

/** A check: one command that has to end with 0 and, if `silent`, to print nothing. Counts as one. */
export function check(name, command, args, { silent = false, ...options } = {}) {
  return async (tally) => {
    const lines = [];
    const end = await execute(command, args, { onLine: (line) => lines.push(line), ...options });
    if (end === undefined && !(silent && lines.length > 0)) tally.pass();
    else tally.fail(name, [...lines, ...(end ? [end] : [])].join("\n"));
  };
}

/** `go test -json`: counts every test and subtest that has no subtests of its own. */
export function goTests(name, args, options = {}) {
  return async (tally) => {
    const before = tally.passed + tally.failed;
    const output = new Map();
    const parents = new Map();
    const open = new Set();
    const failedPackages = new Set();
    const onLine = (line) => {
      let event;
      try {
        event = JSON.parse(line);
      } catch {
        console.log(line);
        return;
      }
      const pkg = event.Package ?? event.ImportPath?.split(" ")[0];
      const test = event.Test ? `${pkg} ${event.Test}` : pkg;
      if (event.Action === "output" || event.Action === "build-output") {
        if (!/^=== (RUN|PAUSE|CONT|NAME)/.test(event.Output))
          output.set(test, (output.get(test) ?? "") + event.Output);
        return;
      }
      if (event.Action === "run") open.add(test);
      if (!["pass", "fail", "skip"].includes(event.Action)) return;
      open.delete(test);
      const text = output.get(test);
      output.delete(test);
      if (!event.Test) {
        // A page that dies takes its test with it, and go test does not always say so.
        for (const lost of [...open].filter((name) => name.startsWith(`${pkg} `))) {
          open.delete(lost);
          failedPackages.add(pkg);
          tally.fail(lost, `did not end\n${output.get(lost) ?? ""}`);
        }
        // A package may fail without a test that did: it does not build, or its process died. The text of a
        // failed build belongs to the name that FailedBuild tells.
        const build = event.FailedBuild && output.get(event.FailedBuild.split(" ")[0]);
        if (event.Action === "fail" && !failedPackages.has(pkg))
          tally.fail(pkg, `${build ?? ""}${text ?? ""}`);
        return;
      }
      const ok = event.Action === "pass";
      if (!ok) failedPackages.add(pkg);
      const parent = `${pkg} ${event.Test.slice(0, Math.max(0, event.Test.lastIndexOf("/")))}`;
      parents.set(parent, (parents.get(parent) ?? true) && ok);
      // A parent stands for its children, unless it failed by itself.
      if (parents.has(test) && (ok || parents.get(test) === false)) return;
      if (ok) tally.pass();
      else tally.fail(test, event.Action === "skip" ? `skipped: ${text ?? ""}` : text);
    };
    const failed = tally.failed;
    const end = await execute("go", ["test", "-json", "-count=1", ...args], {
      onLine,
      onErrorLine: (line) => console.log(line),
      ...options,
    });
    conclude(tally, name, end, before, failed);
  };
}

const REPORTER = fileURLToPath(new URL("node-reporter.mjs", import.meta.url));

/** So many files at a time: most of what they do is wait. */
const AT_A_TIME = 2;

/** More files than these do not fail for want of time. */
const MOST_AGAIN = 5;

/** Runs one file of node:test and returns how its tests ended: {ok, name, text, figures}. One that ran no test has failed. */
async function testFile(file, timeoutMs) {
  const ends = [];
  const said = [];
  const onLine = (line) => {
    if (!line.startsWith('{"ok":')) return void said.push(line);
    const end = JSON.parse(line);
    if (!end.ok) end.text = [end.text, ...said].join("\n");
    said.length = 0;
    ends.push(end);
  };
  const args = [`--test-reporter=${REPORTER}`, "--test-reporter-destination=stdout", file];
  const end = await execute(process.execPath, args, {
    onLine,
    onErrorLine: (line) => said.push(line),
    env: { ...process.env, NODE_TEST_CONTEXT: undefined }, // else a file that a test runs takes that test for its runner
    timeoutMs,
  });
  const why = ends.length === 0 ? ["no test ran", end] : end && ends.every(({ ok }) => ok) ? [end] : [];
  if (why.length > 0)
    ends.push({ ok: false, name: relative(root, file), text: [...why, ...said].join("\n"), figures: [] });
  return ends;
}

/** Runs files of node:test, `AT_A_TIME`, and hands over how the tests of each ended. */
export async function testFiles(files, take, timeoutMs = 480_000) {
  const waiting = [...files];
  const lane = async () => {
    for (let file = waiting.shift(); file; file = waiting.shift())
      take(await testFile(file, timeoutMs), file);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
}

/**
 * A suite of such files. With `again`, a file in which something failed runs a second time, alone, and that counts: beside
 * another browser a small machine can be too slow for a test of timers. What failed at first is printed as UNSTEADY.
 */
export function nodeTests(name, listFiles, { again = false } = {}) {
  return async (tally) => {
    const count = (ends) => {
      for (const { ok, name: test, text } of ends) ok ? tally.pass() : tally.fail(`${name}: ${test}`, text);
    };
    const files = await listFiles();
    if (files.length === 0) tally.fail(name, "no test ran");
    const unsteady = [];
    await testFiles(files, (ends, file) => {
      if (again && ends.some(({ ok }) => !ok)) unsteady.push([file, ends]);
      else count(ends);
    });
    for (const [file, ends] of unsteady) {
      if (unsteady.length > MOST_AGAIN) {
        count(ends);
        continue;
      }
      for (const { ok, name: test, text } of ends)
        if (!ok) say("UNSTEADY", `${name}: ${test}, once more alone`, text);
      await testFiles([file], count);
    }
  };
}

/** A suite that ended badly without a test that says so has failed, and so has one that ran no test. */
function conclude(tally, name, end, before, failed) {
  if (tally.passed + tally.failed === before) tally.fail(name, `no test ran${end ? `: ${end}` : ""}`);
  else if (end !== undefined && tally.failed === failed) tally.fail(name, end);
}
