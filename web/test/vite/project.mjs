/**
 * The app of ./app as somebody has it who uses our package: in a folder of its own, with `widget-futures` unpacked from the
 * tarball that `npm pack` makes of web/, and everything else copied as the registry delivered it. Nothing is fetched.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";
import { root } from "../../scripts/steps.mjs";

const run = promisify(execFile);
const web = join(root, "web");
const installed = join(web, "node_modules");
const vite = join(installed, "vite", "bin", "vite.js");

/** Vite ends when its standard input does, and so with us, however that is; but it does not read it. */
const READS_ON = ["--import", "data:text/javascript,process.stdin.resume()"];

/** What the app can be built around. */
export const APIS = ["original", "ours"];

/** A package and all it depends on, by name. */
async function closure(name, found = new Set()) {
  if (found.has(name)) return found;
  found.add(name);
  const { dependencies } = JSON.parse(await readFile(join(installed, name, "package.json"), "utf8"));
  for (const dependency of Object.keys(dependencies ?? {})) await closure(dependency, found);
  return found;
}

/** Packs web/ and unpacks it where npm would put it. */
async function installOurs(modules, tmp) {
  const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination", tmp, web];
  const { stdout } = await run("npm", pack, {
    cwd: tmp,
    env: { ...process.env, npm_config_offline: "true" },
  });
  const target = join(modules, "widget-futures");
  await mkdir(target, { recursive: true });
  const [{ filename }] = JSON.parse(stdout);
  await run("tar", ["-xzf", join(tmp, filename), "-C", target, "--strip-components=1"]);
}

/** Sets the project up; `stop` removes it and ends what it serves. */
export async function project() {
  await mkdir(join(root, "build"), { recursive: true });
  const tmp = await mkdtemp(join(root, "build", "vite-"));
  const app = join(tmp, "app");
  const modules = join(app, "node_modules");
  await cp(join(web, "test", "vite", "app"), app, { recursive: true });
  await mkdir(modules);
  const names = [...(await closure("matrix-js-sdk"))].sort(); // a scope's folder is there before what is in it
  for (const name of names) await cp(join(installed, name), join(modules, name), { recursive: true });
  await symlink(join(installed, "vite"), join(modules, "vite"), "dir");
  await installOurs(modules, tmp);
  const children = [];

  const environment = ({ api, base }) => ({
    ...process.env,
    NODE_ENV: "",
    CI: "", // where it is "true", Vite outlives its standard input
    NO_COLOR: "1",
    WIDGET_API: api,
    BASE: base,
  });

  return {
    app,

    /** `vite build`; returns a folder to serve as the root of an origin, with the app at `base` in it. */
    async build({ api = "ours", base = "/" } = {}) {
      const origin = await mkdtemp(join(tmp, "origin-"));
      const dir = join(origin, base);
      const args = [vite, "build", "--outDir", dir, "--logLevel", "warn"];
      const { stdout, stderr } = await run(process.execPath, args, {
        cwd: app,
        env: environment({ api, base }),
      });
      return { origin, dir, said: stdout + stderr };
    },

    /** `tsc`, which knows nothing of Vite's alias and has its own in tsconfig.json; returns what it complains of. */
    async types() {
      const tsc = join(installed, "typescript", "bin", "tsc");
      const options = ["-p", app, "--pretty", "false"];
      return run(process.execPath, [tsc, ...options]).then(
        ({ stdout }) => stdout,
        ({ stdout }) => stdout,
      );
    },

    /** `vite dev`; returns the address it serves and what it says meanwhile. */
    async dev({ api = "ours", base = "/", exclude = [], csp } = {}) {
      const args = [...READS_ON, vite, "dev", "--host", "127.0.0.1", "--force"];
      const child = spawn(process.execPath, args, {
        cwd: app,
        env: { ...environment({ api, base }), EXCLUDE: exclude.join(), CSP: csp },
        stdio: "pipe",
      });
      children.push(child);
      const said = [];
      const address = await new Promise((resolve, reject) => {
        child.once("exit", (code) => reject(new Error(`vite dev ended with ${code}: ${said.join("")}`)));
        for (const stream of [child.stdout, child.stderr]) {
          stream.setEncoding("utf8").on("data", (text) => {
            said.push(stripVTControlCharacters(text));
            const [, url] = /Local:\s+(http:\S+)/.exec(said.join("")) ?? [];
            if (url) resolve(url);
          });
        }
      });
      return { address, said };
    },

    async stop() {
      for (const child of children) child.stdin.end();
      await Promise.all(children.map((child) => child.exitCode ?? once(child, "exit")));
      await rm(tmp, { recursive: true, force: true });
    },
  };
}
