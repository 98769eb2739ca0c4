/** Builds the pages of the interop cases into build/interop/{host,widget}/; the shim comes from web/dist as `make build` left it. */
import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { root } from "../scripts/steps.mjs";
import { buildJsSdk } from "../test/js-sdk-build.mjs";

const web = join(root, "web");
const output = join(root, "build", "interop");
export const pages = join(output, "pages");

/** The widget wears the same HTML as that of the browser tests. */
const sides = [
  { side: "host", html: join(web, "interop", "pages", "host.html") },
  { side: "widget", html: join(web, "test", "pages", "widget", "widget.html") },
];

export async function buildPages() {
  await rm(output, { recursive: true, force: true }); // and what a run that was killed has left
  for (const { side, html } of sides) {
    const origin = join(pages, side);
    await mkdir(origin, { recursive: true });
    await cp(html, join(origin, `${side}.html`));
    await esbuild.build({
      entryPoints: [join(web, "interop", "pages", `${side}.ts`)],
      outdir: origin,
      bundle: true,
      format: "esm",
      target: "es2022",
      sourcemap: true,
      external: ["/widget-futures/*"],
      ignoreAnnotations: true, // our package.json says that modules have no side effects; these pages are nothing else
      logLevel: "warning",
    });
  }
  await buildJsSdk(join(pages, "widget"));
  await writeFile(join(pages, "host", "blank.html"), '<!doctype html><link rel="icon" href="data:,">');
  await cp(join(web, "dist"), join(pages, "widget", "widget-futures"), { recursive: true });
}
