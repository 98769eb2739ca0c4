/**
 * Bundles the widget that is matrix-js-sdk, once around each `matrix-widget-api`, into <dir>/js-sdk/{original,ours}/. Ours
 * is what an alias of the bundler makes of it and nothing else: web/dist has to be there.
 */
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const web = fileURLToPath(new URL("..", import.meta.url));
const source = join(web, "test", "pages", "js-sdk");

const aliases = {
  original: {},
  ours: { "matrix-widget-api": join(web, "dist", "compat.js") },
};

/** What a test runs around. */
export const APIS = Object.keys(aliases);

/** Where the page around one of them is on its origin. */
export const pagePath = (api) => `/js-sdk/${api}/widget.html`;

export async function buildJsSdk(dir) {
  await Promise.all(
    Object.entries(aliases).map(async ([api, alias]) => {
      const outdir = join(dir, "js-sdk", api);
      await esbuild.build({
        entryPoints: [join(source, "widget.ts")],
        outdir,
        bundle: true,
        splitting: true, // what js-sdk loads when it is needed, and a widget never needs, is a file of its own
        format: "esm",
        target: "es2022",
        minify: true, // as pages are that people load
        alias,
        logLevel: "error",
      });
      await cp(join(source, "widget.html"), join(outdir, "widget.html"));
    }),
  );
}
