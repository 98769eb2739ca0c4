/** Imports one of the shim's source files, compiled on the fly: what is not exported is tested where it stands. */
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

export async function source(name) {
  const { outputFiles } = await esbuild.build({
    entryPoints: [fileURLToPath(new URL(`../../src/${name}.ts`, import.meta.url))],
    bundle: true,
    write: false,
    format: "esm",
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
