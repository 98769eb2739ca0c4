/**
 * What web/docs/element-call.md tells whoever builds Element Call, or any app, with Vite: the app of ./vite/app, which uses
 * all that matrix-js-sdk and Element Call import from matrix-widget-api, with our package installed as from the registry, the
 * alias set and nothing else changed. What the bundle holds, how it is served, and that it works where it is served.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { serve } from "../interop/serve.mjs";
import { sleep, world } from "./harness.mjs";
import { CallPage } from "./vite/call-page.mjs";
import { project } from "./vite/project.mjs";

const stage = await world();
const { config, room } = stage;
const homeserver = new URL(config.homeserver).origin;
/** All that a page needs which does nothing but this. */
const CSP = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  `connect-src 'self' ${homeserver}`,
  "img-src data:",
].join("; ");
/** Where the app is on its origin, as Element Call is at /widgets/element-call/ of Element Web. */
const BASE = "/widgets/call/";
/** What only the original writes to the console, and what only our shim can say, once a copy. */
const ORIGINAL = "[PostmessageTransport]";
const OURS = "Content Security Policy forbids WebAssembly";

let app, built;
const servers = [];
let devices = 0;

before(async () => {
  app = await project();
  built = await app.build({ base: BASE });
});
after(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await app?.stop();
});

/** Serves what was built; returns the app's address. */
async function served({ origin }, { base = BASE, csp = CSP } = {}) {
  const server = await serve(origin, "no-cache", csp);
  servers.push(server);
  return `http://127.0.0.1:${server.port}${base}index.html`;
}

/** The text of every script of a build. */
async function scripts({ dir }) {
  const files = (await readdir(dir, { recursive: true })).filter((file) => file.endsWith(".js"));
  return (await Promise.all(files.map((file) => readFile(join(dir, file), "utf8")))).join("\n");
}

const count = (text, part) => text.split(part).length - 1;

/** Opens the app as a widget and notes what it loads; `fetched` has the paths of every wasm, in order. */
async function open(address, options = {}) {
  const fetched = [];
  const prepare = (page) => {
    page.on("response", (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.endsWith(".wasm"))
        fetched.push({ pathname, status: response.status(), type: response.headers()["content-type"] });
    });
    return options.prepare?.(page);
  };
  const deviceId = `VITE${++devices}`;
  return Object.assign(await CallPage.open(stage, address, { deviceId, ...options, prepare }), { fetched });
}

/** Gets ready, joins as Element Call does and leaves. */
async function joinsAndLeaves(page) {
  await page.ready();
  await page.join();
  await page.waitForTimes("restart", 1);
  await page.leave();
  const contents = await room.contents(page.key);
  assert.deepEqual(
    contents.map((content) => Object.keys(content).length > 0),
    [true, false],
  );
  assert.deepEqual(await room.scheduled(page.key), []);
  assert.deepEqual(await page.get("failures"), []);
}

/** The error that a refused request rejects with, as the app's own code sees it. */
const refusal = (page) =>
  page.frame.evaluate(() =>
    window.widget.api.transport.send("org.example.unknown", {}).then(
      () => ({}),
      (error) => ({
        known: error instanceof window.WidgetApiResponseError,
        isError: error instanceof Error,
        name: error.name,
        message: error.message,
      }),
    ),
  );

test("the build has our wasm as one file with a hash in its name, one copy of our shim and none of the original", async () => {
  const text = await scripts(built);
  const assets = await readdir(join(built.dir, "assets"));
  const [wasm, ...more] = assets.filter((file) => /^widget-futures.*\.wasm$/.test(file));
  assert.match(String(wasm), /^widget-futures-[\w-]{8}\.wasm$/, `the assets are ${assets.join(", ")}`);
  assert.deepEqual(more, []);
  assert.doesNotMatch(built.said, /rewrote|duplicated/, "Vite has something to say of the alias");
  const hash = (file) => readFile(file).then((bytes) => createHash("sha256").update(bytes).digest("hex"));
  assert.equal(
    await hash(join(built.dir, "assets", wasm)),
    await hash(join(app.app, "node_modules", "widget-futures", "dist", "widget-futures.wasm")),
  );
  assert.equal(count(text, OURS), 1);
  assert.equal(count(text, ORIGINAL), 0);
  const licences = await readFile(
    join(app.app, "node_modules", "widget-futures", "dist", "THIRD-PARTY-LICENSES.txt"),
    "utf8",
  );
  assert.match(licences, /^==== go1\./);

  const original = await scripts(await app.build({ api: "original" }));
  assert.equal(count(original, ORIGINAL), 1, "the original is no longer known by what it logs");
  assert.equal(count(original, OURS), 0);
});

test("built and served below a path with a strict policy, the app gets ready, joins and leaves", async () => {
  const page = await open(await served(built));
  await joinsAndLeaves(page);
  const [{ pathname, status, type }, ...more] = page.fetched;
  assert.match(pathname, /^\/widgets\/call\/assets\/widget-futures-[\w-]{8}\.wasm$/);
  assert.deepEqual({ status, type }, { status: 200, type: "application/wasm" });
  assert.deepEqual(more, []);
});

test("built for wherever it will be served (base: './', as Element Call's embedded build), it finds its wasm", async () => {
  const build = await app.build({ base: "./" });
  const page = await open(await served(build, { base: "/" }));
  await joinsAndLeaves(page);
  assert.deepEqual(
    page.fetched.map(({ status }) => status),
    [200],
  );
});

test("minified, an error still has its name and is known to instanceof, in the app and in js-sdk", async () => {
  const page = await open(await served(built));
  await page.ready();
  assert.deepEqual(await refusal(page), {
    known: true,
    isError: true,
    name: "WidgetApiResponseError",
    message: "Unknown or unsupported from-widget action: org.example.unknown",
  });
  // js-sdk makes a MatrixError of what the homeserver said only if it is an instance of the class that it imports.
  const matrix = await page.frame.evaluate(
    ({ roomId }) =>
      window.widget.client
        .sendStateEvent(roomId, "org.matrix.msc3401.call.member", {}, "not ours")
        .catch((error) => error.name),
    page.who,
  );
  assert.equal(matrix, "WidgetApiResponseError");
});

test("the app's types are right with ours in the place of the original's, for js-sdk's declarations too", async () => {
  assert.equal(await app.types(), "");
});

test("the address of the wasm may be given with configure and a ?url import, and both entries are one copy", async () => {
  await writeFile(
    join(app.app, "src", "configured.ts"),
    `import { configure } from "widget-futures/compat";
import { connect } from "widget-futures";
import wasm from "widget-futures/widget-futures.wasm?url";
configure({ wasm });
Object.assign(window, { connect }); // a page may have both
`,
  );
  const index = join(app.app, "index.html");
  const html = await readFile(index, "utf8");
  await writeFile(
    index,
    html.replace("<script ", '<script type="module" src="./src/configured.ts"></script>\n<script '),
  );
  try {
    const build = await app.build({ base: BASE });
    assert.equal(count(await scripts(build), OURS), 1);
    const page = await open(await served(build));
    await joinsAndLeaves(page);
    assert.equal(page.fetched.length, 1);
    assert.match(page.fetched[0].pathname, /^\/widgets\/call\/assets\/widget-futures-[\w-]{8}\.wasm$/);
  } finally {
    await writeFile(index, html);
  }
});

test("a policy without 'wasm-unsafe-eval' is named by the errors that the app writes to the console", async () => {
  const address = await served(built, {
    csp: CSP.replace(" 'wasm-unsafe-eval'", ""),
  });
  const page = await open(address, { expect: [/Content Security Policy/] });
  const said = () => page.console.map((message) => message.text()).join("\n");
  for (const deadline = Date.now() + 10_000; !said().includes(OURS); await sleep(25))
    assert.ok(Date.now() < deadline, `the console has nothing of it:\n${said()}`);
});

test("a page that is no widget, as Element Call on its own, fetches no wasm", async () => {
  const fetched = [];
  const address = await served(built);
  const { page, problems } = await stage.openPage(address, {
    expect: [/widgetId is missing/],
    prepare: (page) => page.on("request", (request) => fetched.push(new URL(request.url()).pathname)),
  });
  await page.waitForLoadState("networkidle");
  assert.deepEqual(problems, []);
  assert.ok(fetched.some((path) => path.endsWith(".js")));
  assert.deepEqual(
    fetched.filter((path) => path.endsWith(".wasm")),
    [],
  );
});

for (const [how, exclude] of [
  ["as it is", undefined],
  ["with nothing of ours bundled beforehand", ["widget-futures", "matrix-widget-api"]],
]) {
  test(`vite dev serves it ${how}: one copy, and the app joins and leaves`, async () => {
    const csp = CSP.replace("connect-src", "connect-src ws:"); // over which Vite tells its page of changes
    const { address, said } = await app.dev({ base: BASE, exclude, csp });
    const loaded = [];
    const note = async (response) => {
      const script = /javascript/.test(response.headers()["content-type"] ?? "");
      if (script && response.url().startsWith(address)) loaded.push(await response.text().catch(() => ""));
    };
    const page = await open(address, { prepare: (page) => page.on("response", note) });
    await joinsAndLeaves(page);
    assert.equal(count(loaded.join("\n"), OURS), 1, said.join(""));
    assert.equal(count(loaded.join("\n"), ORIGINAL), 0);
    assert.equal((await refusal(page)).message, "Not ready or unknown widget ID"); // it has left
    assert.deepEqual(
      page.fetched.map(({ status, type }) => `${status} ${type}`),
      ["200 application/wasm"],
    );
  });
}
