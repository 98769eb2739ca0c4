// Builds what a page downloads and what the demo and the browser tests serve: web/dist/ (the npm package: shim, types,
// wasm) and build/web/{host,widget}/ (the pages of both origins). Old output goes first, so a build that fails leaves
// nothing that could pass for new. The version stands in package.json and reaches shim and wasm from here. The wasm is
// TinyGo's, which is what ships; with COMPILER=go in the environment it is of Go's own compiler.

import { execFile } from "node:child_process";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as esbuild from "esbuild";
import { minify } from "vite";
import { compress } from "./scripts/compress.mjs";
import { wasmExecModule } from "./scripts/wasm-exec.mjs";

const web = fileURLToPath(new URL(".", import.meta.url));
const root = join(web, "..");
const dist = join(web, "dist");
const pages = join(root, "build", "web");

const { version } = JSON.parse(await readFile(join(web, "package.json"), "utf8"));
const target = "es2022";

/** The shim's address on the widget's origin; pages import it as it stands and it is never bundled into one. */
const shimPath = "/widget-futures/";

/** What the linker sets in ./wasm: its version. */
export const setVersion = `-X github.com/widget-futures/widget-futures/jsbridge.Version=${version}`;

/** Which compiler makes the wasm. */
export const compiler = process.env.COMPILER || "tinygo";

/** What a command says; throws with all that it said if it fails. */
export async function run(command, args, options = {}) {
  try {
    return (await promisify(execFile)(command, args, { cwd: root, ...options })).stdout.trim();
  } catch (error) {
    const said = `${error.stdout ?? ""}${error.stderr ?? ""}`.trim();
    throw new Error(`${command} ${args.join(" ")}\n${said || error.message}`);
  }
}

/** How each compiler is called; see {@link buildWasm}. */
const compilers = {
  async tinygo(pkg, output, ldflags, names, command) {
    const tinygo = await findTinyGo();
    // No goroutine runs in a page, and nothing but exports; a module that could wait for something weighs a third more.
    const kind = ["-target=wasm", "-scheduler=none", "-opt=z", ...(command ? [] : ["-buildmode=c-shared"])];
    const args = [
      "build",
      ...kind,
      ...(names ? ["-size=full"] : ["-no-debug"]),
      `-ldflags=${ldflags}`,
      "-o",
      output,
      pkg,
    ];
    const env = { ...process.env };
    env.WASMOPT ??= join(web, "node_modules", "binaryen", "bin", "wasm-opt");
    return run(tinygo, args, { env });
  },
  async go(pkg, output, ldflags, names) {
    const env = { ...process.env, GOOS: "js", GOARCH: "wasm" };
    const small = names ? "" : "-s -w ";
    await run(
      "go",
      ["build", "-buildvcs=false", "-trimpath", `-ldflags=${small}-buildid= ${ldflags}`, "-o", output, pkg],
      { env },
    );
  },
};

const findTinyGo = () => run(join(root, ".tools", "tinygo", "find"), []);

/**
 * Compiles one Go main package for the browser; with the `names` of its functions, of which TinyGo then says what they
 * weigh, or without. Of a `command` main runs; else TinyGo's module has nothing but its exports.
 */
export const buildWasm = (
  pkg,
  output,
  { by = compiler, ldflags = "", names = false, command = false } = {},
) => compilers[by](pkg, output, ldflags, names, command);

/** The text of a compiler's wasm_exec.js. */
export async function wasmExec(by = compiler) {
  const folders = {
    tinygo: async () => join(await run(await findTinyGo(), ["env", "TINYGOROOT"]), "targets"),
    go: async () => join(await run("go", ["env", "GOROOT"]), "lib", "wasm"),
  };
  return readFile(join(await folders[by](), "wasm_exec.js"), "utf8");
}

/** Resolves "widget-futures:wasm_exec". */
const containWasmExec = {
  name: "contain wasm_exec.js",
  setup(build) {
    const filter = /^widget-futures:wasm_exec$/;
    build.onResolve({ filter }, ({ path }) => ({ path, namespace: "wasm_exec" }));
    build.onLoad({ filter, namespace: "wasm_exec" }, async () => {
      return { contents: wasmExecModule(await wasmExec(), compiler) };
    });
  },
};

/** The second entry imports the first as it stands beside it: a page that uses both has one core. */
const shareIndex = {
  name: "share index.js",
  setup(build) {
    build.onResolve({ filter: /^\.\.\/index\.js$/ }, () => ({ path: "./index.js", external: true }));
  },
};

/** esbuild bundles, which knows what our enums are; Oxc minifies, to 2 % less than esbuild. */
async function buildEntry(source, name, plugin) {
  const outfile = join(dist, name);
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(web, "src", source)],
    outfile,
    write: false,
    bundle: true,
    format: "esm",
    target,
    sourcemap: "external",
    legalComments: "inline",
    define: { __WF_VERSION__: JSON.stringify(version) },
    plugins: [plugin],
    logLevel: "warning",
  });
  const [inputMap, bundle] = outputFiles.map(({ text }) => text);
  const minified = await minify(name, bundle, {
    module: true,
    compress: { target },
    codegen: { legalComments: "inline" },
    inputMap: JSON.parse(inputMap),
    sourcemap: true,
  });
  if (minified.errors.length > 0) throw new Error(`${name}: ${minified.errors[0].message}`);
  // A bundler that looks for what the page loads expects a string there, and need not know templates.
  const code = minified.code.replace(/`(\.\/[\w.-]+)`(?=,import\.meta\.url)/, '"$1"');
  await writeFile(outfile, `${code}\n//# sourceMappingURL=${name}.map\n`);
  await writeFile(`${outfile}.map`, JSON.stringify(minified.map));
  await compress(outfile);
}

function buildTypes() {
  return run(process.execPath, [join(web, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"], {
    cwd: web,
  });
}

const isLicense = (name) => /^licen[sc]e/i.test(name);

/** TinyGo, of whose releases not all have the licence with them, and the C library that its runtime calls. */
async function tinyGoLicenses() {
  const cwd = join(root, ".tools", "tinygo");
  const [module, folder] = await Promise.all([
    run("go", ["mod", "download", "-json", "github.com/tinygo-org/tinygo"], { cwd }),
    run(await findTinyGo(), ["env", "TINYGOROOT"]),
  ]);
  const libc = join(folder, "lib", "wasi-libc");
  const there = (await readdir(libc).catch(() => [])).some(isLicense);
  return [["tinygo", JSON.parse(module).Dir], ...(there ? [["wasi-libc", libc]] : [])];
}

/** The licence of everything that was compiled in: the compiler's own and that of each module that ./wasm imports. */
async function collectLicenses() {
  const format = "{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}\t{{.Dir}}{{end}}{{end}}";
  const env = { ...process.env, GOOS: "js", GOARCH: "wasm" };
  const [modules, goroot, goversion, ...others] = await Promise.all([
    run("go", ["list", "-deps", "-f", format, "./wasm"], { env }),
    run("go", ["env", "GOROOT"]),
    run("go", ["env", "GOVERSION"]),
    ...(compiler === "tinygo" ? [tinyGoLicenses()] : []),
  ]);
  const rows = [...new Set(modules.split("\n").filter(Boolean))].map((row) => row.split("\t"));
  const texts = [[goversion, goroot], ...others.flat(), ...rows].map(async ([name, dir]) => {
    const file = (await readdir(dir)).find(isLicense);
    if (!file) throw new Error(`no licence file in the module ${name}`);
    return `==== ${name} ====\n\n${(await readFile(join(dir, file), "utf8")).trim()}\n`;
  });
  await writeFile(join(dist, "THIRD-PARTY-LICENSES.txt"), (await Promise.all(texts)).join("\n"));
}

/**
 * Builds the pages of one origin. Every X.html is copied; the X.ts beside it (main.ts for index.html) becomes X.js, an
 * ES module. Styles and pictures are copied as they are. The demo's pages and the tests' share one folder, so a name
 * may be used once.
 */
async function buildPages(side) {
  const output = join(pages, side);
  await mkdir(output, { recursive: true });
  const taken = new Map();
  const demo = join(web, "demo", "src");
  for (const source of [join(demo, side), join(demo, "shared"), join(web, "test", "pages", side)]) {
    const files = await readdir(source).catch(() => []);
    const entryPoints = [];
    for (const file of files) {
      const extension = extname(file);
      if (extension === ".ts" || extension === "") continue;
      if (taken.has(file))
        throw new Error(`${join(source, file)} and ${taken.get(file)} would overwrite each other`);
      taken.set(file, join(source, file));
      await cp(join(source, file), join(output, file));
      if (extension !== ".html") continue;
      const script = file === "index.html" ? "main.ts" : `${basename(file, extension)}.ts`;
      if (files.includes(script)) entryPoints.push(join(source, script));
      else if ((await readFile(join(source, file), "utf8")).includes("<script"))
        throw new Error(`${join(source, file)} has a script, but there is no ${script} beside it`);
    }
    await esbuild.build({
      entryPoints,
      outdir: output,
      outbase: source,
      bundle: true,
      splitting: true, // what a page imports later is a file of its own
      chunkNames: "chunks/[name]-[hash]",
      format: "esm",
      target,
      sourcemap: true,
      external: [`${shimPath}*`],
      logLevel: "warning",
    });
  }
}

async function buildAll() {
  await Promise.all([dist, pages].map((dir) => rm(dir, { recursive: true, force: true })));
  await mkdir(dist, { recursive: true });
  const wasm = join(dist, "widget-futures.wasm");
  const built = buildWasm("./wasm", wasm, { ldflags: setVersion });
  await Promise.all([
    built.then(() => compress(wasm)),
    buildEntry("index.ts", "index.js", containWasmExec),
    collectLicenses(),
    buildEntry("compat/index.ts", "compat.js", shareIndex),
    buildTypes(),
    buildPages("host"),
    buildPages("widget"),
  ]);
  await cp(join(root, "LICENSE"), join(dist, "LICENSE"));
  await cp(dist, join(pages, "widget", shimPath), { recursive: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await buildAll();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
