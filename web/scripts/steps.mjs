// How one step of `make test` is carried out and counted. A step gets a tally and adds to it; what it prints is only
// what somebody has to read: failures, each as it happens. A skipped test counts as failed: it has shown nothing.

import { spawn } from "node:child_process";
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
    console.log(`FAILED  ${name}`);
    const lines = text.replace(/\n+$/, "").split("\n");
    if (lines[0] !== "" || lines.length > 1) console.log(lines.map((line) => `    ${line}`).join("\n"));
  }
}

/** The process group that runs now; it dies with us, browsers and all. */
let running;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    endGroup();
    process.exit(1);
  });
}

function endGroup() {
  try {
    if (running) process.kill(-running, "SIGKILL");
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
  running = child.pid;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    endGroup();
  }, timeoutMs);
  createInterface({ input: child.stdout }).on("line", onLine);
  createInterface({ input: child.stderr }).on("line", onErrorLine);
  const end = await new Promise((resolve) => {
    child.on("error", (error) => resolve(`${command} could not be started: ${error.message}`));
    child.on("close", (code, signal) => resolve(code === 0 ? undefined : `exit ${code ?? signal}`));
  });
  clearTimeout(timer);
  endGroup();
  running = undefined;
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

/** node:test over a list of files, two at a time: most of what they do is wait. */
export function nodeTests(name, listFiles, options = {}) {
  return async (tally) => {
    const before = tally.passed + tally.failed;
    const failed = tally.failed;
    const said = [];
    const files = await listFiles();
    const reporter = fileURLToPath(new URL("node-reporter.mjs", import.meta.url));
    const args = [
      "--test",
      "--test-concurrency=2",
      "--test-timeout=480000",
      `--test-reporter=${reporter}`,
      "--test-reporter-destination=stdout",
    ];
    const onLine = (line) => {
      const event = JSON.parse(line);
      if (event.kind === "output") said.push(event.text);
      else if (event.kind === "pass") tally.pass();
      else
        tally.fail(
          `${name}: ${event.name}`,
          event.kind === "skip" ? "skipped" : `${event.text}\n${said.join("")}`,
        );
      if (event.kind !== "output") said.length = 0;
    };
    const end = files.length
      ? await execute(process.execPath, [...args, ...files], {
          onLine,
          onErrorLine: (line) => said.push(`${line}\n`),
          ...options,
        })
      : undefined;
    conclude(tally, name, end, before, failed);
  };
}

/** A suite that ended badly without a test that says so has failed, and so has one that ran no test. */
function conclude(tally, name, end, before, failed) {
  if (tally.passed + tally.failed === before) tally.fail(name, `no test ran${end ? `: ${end}` : ""}`);
  else if (end !== undefined && tally.failed === failed) tally.fail(name, end);
}
