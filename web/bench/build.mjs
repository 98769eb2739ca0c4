/** Builds the pages of the bench into one folder, with web/dist as `make build` left it. */
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { buildWasm, wasmExec } from "../build.mjs";
import { root } from "../scripts/steps.mjs";

const PAGES = [
  "host",
  "floor",
  "ours",
  "peer",
  "hold",
  "pauses",
  "start",
  "start-ours",
  "start-floor",
  "start-peer",
];

/** Scripts that a page loads later. */
const SCRIPTS = ["mwa"];

/** Starts of which there is a second page, whose head has the lines of the guide: what the script will load is fetched before it runs. */
const PRELOADED = {
  "start-ours": `<link rel="modulepreload" href="/widget-futures/index.js">
<link rel="preload" as="fetch" crossorigin type="application/wasm" href="/widget-futures/widget-futures.wasm">`,
  "start-peer": '<link rel="modulepreload" href="mwa.js">',
};

const html = (name, head = "") => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${name}</title>
${head}
<link rel="icon" href="data:,">
<style>body { display: flex; margin: 0 } iframe { width: 120px; height: 120px; border: 0 }</style>
<body><script type="module" src="${name}.js"></script></body>
</html>
`;

export async function buildPages(dir) {
  await mkdir(dir, { recursive: true });
  await Promise.all([
    ...PAGES.map((name) => writeFile(join(dir, `${name}.html`), html(name))),
    ...Object.entries(PRELOADED).map(([name, head]) =>
      writeFile(join(dir, `${name}-preloaded.html`), html(name, head)),
    ),
    esbuild.build({
      entryPoints: [...PAGES, ...SCRIPTS].map((name) => join(root, "web", "bench", "pages", `${name}.ts`)),
      outdir: dir,
      bundle: true,
      minify: true, // as any page is served; the shim is minified already
      format: "esm",
      target: "es2022",
      external: ["/widget-futures/*", "./mwa.js"],
      ignoreAnnotations: true, // our package.json says that modules have no side effects; these pages are nothing else
      logLevel: "warning",
    }),
    // All come as they are: on the loopback a browser would only have to unpack what is packed.
    cp(join(root, "web", "dist"), join(dir, "widget-futures"), {
      recursive: true,
      filter: (file) => !/\.(br|gz)$/.test(file),
    }),
  ]);
}

/** Builds the floor of the start with each compiler, beside that compiler's wasm_exec.js as it is. */
export async function buildFloors(dir) {
  for (const by of ["go", "tinygo"]) {
    await mkdir(join(dir, by));
    await writeFile(join(dir, by, "wasm_exec.js"), await wasmExec(by));
    await buildWasm("./web/scripts/floor", join(dir, by, "floor.wasm"), { by, command: true });
  }
}
