/** Imports one of the shim's source files, compiled on the fly: what is not exported is tested where it stands. */
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

/** `copy` makes it a module of its own, as a second bundle on a page has it. */
export async function source(name, copy = "") {
  const { outputFiles } = await esbuild.build({
    entryPoints: [fileURLToPath(new URL(`../../src/${name}.ts`, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
    banner: { js: `// ${copy}` },
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
