// `make test` and its parts: node web/scripts/test.mjs [part …], parts being the keys below. Runs every step whatever
// became of the one before, and ends with "N passed, N failed". `lint` alone says nothing when all is well.

import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";
import { check, execute, goTests, nodeTests, root, Tally } from "./steps.mjs";

const web = join(root, "web");
const bin = join(root, "build", "bin");
const chrome = join(root, ".tools", "chrome");
const js = { ...process.env, GOOS: "js", GOARCH: "wasm" };
const jsPackages = ["./jsbridge/...", "./wasm/...", "./web/scripts/...", "./web/test/..."];

/** Folders that hold nothing of ours to read. */
const foreign = new Set([".git", "node_modules", "build", "dist"]);

async function sources(dir = root) {
  const found = [];
  for (const entry of await readdir(dir, { withFileTypes: true })) {
    if (foreign.has(entry.name)) continue;
    const path = join(dir, entry.name);
    if (entry.isDirectory()) found.push(...(await sources(path)));
    else found.push(relative(root, path));
  }
  return found.sort();
}

async function formatted(tally) {
  const files = (await sources()).filter((file) => file.endsWith(".go"));
  await check("gofumpt (make fmt)", join(bin, "gofumpt"), ["-l", ...files], { silent: true })(tally);
}

/** Generates in a copy and compares, so that neither git nor unfinished work in the tree is touched. */
async function generated(tally) {
  const copy = await mkdtemp(join(tmpdir(), "widget-futures-generate-"));
  try {
    const before = await sources();
    for (const file of before) await cp(join(root, file), join(copy, file));
    const lines = [];
    const end = await execute("go", ["generate", "./..."], { cwd: copy, onLine: (line) => lines.push(line) });
    if (end !== undefined) return tally.fail("go generate", [...lines, end].join("\n"));
    const after = (await readdir(copy, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => relative(copy, join(entry.parentPath ?? entry.path, entry.name)));
    const stale = [];
    for (const file of after) {
      const old = await readFile(join(root, file)).catch(() => undefined);
      if (!old?.equals(await readFile(join(copy, file))))
        stale.push(`${file} is not what its generator writes now`);
    }
    if (stale.length > 0) tally.fail("generated files (make generate)", stale.join("\n"));
    else tally.pass();
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

const npmBin = (name) => join(web, "node_modules", ".bin", name);

const lint = [
  formatted,
  check("go vet", "go", ["vet", "./..."]),
  check("go vet (wasm)", "go", ["vet", ...jsPackages], { env: js }),
  // Both builds in one run: a name is unused only where neither uses it.
  check("staticcheck", join(bin, "staticcheck"), ["-matrix", "./..."], {
    input: "native:\nwasm: GOOS=js GOARCH=wasm\n",
  }),
  generated,
  check("biome (make fmt)", npmBin("biome"), ["check", "--error-on-warnings", "--colors=off"], { cwd: web }),
  check("tsc", npmBin("tsc"), ["-p", "tsconfig.json"], { cwd: web }),
];

/** The race detector wants cgo, and that a C compiler. */
const race = (await execute("sh", ["-c", '[ "$(go env CGO_ENABLED)" = 1 ] && command -v "$(go env CC)"'], {
  onLine() {},
}))
  ? []
  : ["-race"];

/** wasmbrowsertest hands its whole environment to Go in the page, which takes no more than 8 kB of it. */
const forPage = Object.fromEntries(
  Object.entries(process.env).filter(([key]) =>
    /^(GO\w*|HOME|TMPDIR|CHROMIUM|XDG_\w+|https?_proxy)$/i.test(key),
  ),
);
const wasmEnv = { ...forPage, GOOS: "js", GOARCH: "wasm", PATH: chrome + delimiter + process.env.PATH };

const testFiles = (dir) => async () =>
  (await readdir(dir).catch(() => []))
    .filter((file) => file.endsWith(".test.mjs"))
    .sort()
    .map((file) => join(dir, file));

/** What a package of Go's own compiler has to pass in Chromium: each compiler checks the other. */
const short = () => ["loading", "hold", "handlers"].map((name) => join(web, "test", `${name}.test.mjs`));

/** Takes a step with Go's own compiler. */
const withGo = (step) => async (tally) => {
  const { COMPILER = "" } = process.env;
  process.env.COMPILER = "go";
  await step(tally);
  process.env.COMPILER = COMPILER;
};

const build = check("build", process.execPath, [join(web, "build.mjs")]);
const unit = nodeTests("unit", testFiles(join(web, "test", "unit")));

const parts = {
  lint,
  other: [build, unit, nodeTests("browser", short, { again: true })].map(withGo),
  build: [build],
  size: [check("size budgets (make size)", process.execPath, [join(web, "scripts", "size.mjs"), "check"])],
  go: [goTests("go tests", [...race, "./..."])],
  wasm: [
    goTests("wasm tests", ["-exec", join(bin, "wasmbrowsertest"), "./jsbridge/...", "./wasm/..."], {
      env: wasmEnv,
    }),
  ],
  unit: [unit],
  browser: [nodeTests("browser", testFiles(join(web, "test")), { again: true })],
};

const asked = process.argv.slice(2);
for (const part of asked) {
  if (!(part in parts)) throw new Error(`no part ${part}: there are ${Object.keys(parts).join(", ")}`);
}
const quiet = asked.join() === "lint";
const total = new Tally();
for (const part of asked.length > 0 ? asked : Object.keys(parts)) {
  const start = performance.now();
  const tally = new Tally();
  for (const step of parts[part]) await step(tally);
  total.passed += tally.passed;
  total.failed += tally.failed;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (!quiet) console.log(`${part.padEnd(8)} ${tally.passed} passed, ${tally.failed} failed in ${seconds} s`);
}
if (!quiet || total.failed > 0) console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 ? 1 : 0;
