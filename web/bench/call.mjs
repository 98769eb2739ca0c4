/**
 * How long a page of Element Call's size takes until it tells its host that it is there: the app of the tests, which does
 * with matrix-js-sdk what Element Call does, built by Vite around matrix-widget-api and, by the alias of
 * docs/element-call.md, around ours.
 */
import { join } from "node:path";
import * as esbuild from "esbuild";
import { build } from "vite";
import { root } from "../scripts/steps.mjs";
import { alternate, fresh } from "./start.mjs";

const app = join(root, "web", "test", "vite", "app");
const main = join(app, "src", "main.ts");

const APIS = {
  "call ours": { "matrix-widget-api": join(root, "web", "dist", "compat.js") },
  "call peer": {},
};

const folder = (name) => name.replace(" ", "-");

/**
 * Element Call's own script weighs about twice what js-sdk does: a second js-sdk stands for the rest of it, and runs as
 * the page begins, as that does.
 */
async function buildRest(dir) {
  const outfile = join(dir, "rest.js");
  await esbuild.build({
    stdin: {
      contents: 'import * as sdk from "matrix-js-sdk/lib/matrix.js"; globalThis.rest = sdk;',
      resolveDir: join(root, "web"),
    },
    outfile,
    bundle: true,
    format: "esm",
    target: "es2022",
    logLevel: "warning",
  });
  return outfile;
}

/** Builds both into folders of `dir`. */
export async function buildCalls(dir) {
  const rest = await buildRest(dir);
  const before = {
    name: "the rest of the page first",
    transform: (code, id) =>
      id === main ? { code: `import ${JSON.stringify(rest)};\n${code}`, map: null } : null,
  };
  for (const [name, alias] of Object.entries(APIS))
    await build({
      root: app,
      configFile: false,
      base: "./",
      resolve: { alias },
      plugins: [before],
      build: { outDir: join(dir, folder(name)), emptyOutDir: true },
      logLevel: "error",
    });
}

/** What a client writes into the widget's address. */
const query = (host) =>
  new URLSearchParams({
    widgetId: "call",
    parentUrl: host,
    baseUrl: host,
    roomId: "!room:example.org",
    userId: "@alice:example.org",
    deviceId: "GWNCLDUQVW",
  });

/** Returns for each the milliseconds of each round, with nothing in the browser's caches. */
export async function measureCall(browser, host, rounds) {
  const times = {};
  const once = (name) =>
    fresh(browser, host, true, (page) =>
      page.evaluate(
        (address) => window.bench.contentLoaded(address),
        `${folder(name)}/index.html?${query(host)}`,
      ),
    );
  for (let n = 0; n < rounds; n++) await alternate(Object.keys(APIS), once, times);
  return times;
}
