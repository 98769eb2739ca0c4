/** Imports source files of the shim, compiled on the fly: what is not exported is tested where it stands. */
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

/** One file, or several as one module. `copy` makes it a module of its own, as a second bundle on a page has it. */
export async function source(names, copy = "") {
  const { outputFiles } = await esbuild.build({
    stdin: {
      contents: [names]
        .flat()
        .map((name) => `export * from "./${name}.ts";`)
        .join("\n"),
      resolveDir: fileURLToPath(new URL("../../src", import.meta.url)),
    },
    bundle: true,
    write: false,
    format: "esm",
    banner: { js: `// ${copy}` },
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}
