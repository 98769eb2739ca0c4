/**
 * How the two files are served: mixed versions, a Content Security Policy that forbids wasm, another MIME type, an
 * integrity that does not hold. What can be told apart is told apart; what can work works.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { good, refused, world } from "./harness.mjs";

const { config, openRaw, connectOptions, wasmPath } = await world();
const capabilities = ["org.matrix.msc2762.send.event:t"];
const event = { type: "t", content: {} };

/** A scripted host whose widget is loaded with one of its files changed on the way. */
async function served(path, change, { options, expect } = {}) {
  const handle = await openRaw({
    load: false,
    expect,
    options: connectOptions({ capabilities, ...options }),
  });
  await handle.page.route(
    (url) => url.pathname === path,
    async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, ...(await change(response)) });
    },
  );
  await handle.loadWidget();
  return handle;
}

test("a shim and a wasm of two versions end in a version error that names both", async () => {
  const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
  const { widget } = await served("/widget-futures/index.js", async (response) => ({
    body: (await response.text()).replaceAll(version, "9.9.9"),
  }));
  const ready = refused(await widget.ready(), "version");
  assert.match(ready.message, /9\.9\.9/);
  assert.ok(ready.message.includes(version));
  refused(await widget.call("sendEvent", event), "version");
});

test("a policy without 'wasm-unsafe-eval' ends in a load error that names the word", async () => {
  const { widget } = await served(
    "/widget.html",
    (response) => ({ headers: { ...response.headers(), "content-security-policy": "script-src 'self'" } }),
    { expect: [/Content Security Policy/] },
  );
  const ready = refused(await widget.ready(), "load");
  assert.match(ready.hint, /'wasm-unsafe-eval'/);
});

test("a browser that takes brotli gets shim and wasm so, with the type that streaming wants", async () => {
  const handle = await openRaw({ load: false, options: connectOptions({ capabilities }) });
  const got = {};
  handle.page.on("response", (response) => {
    got[new URL(response.url()).pathname] = response.headers();
  });
  await handle.loadWidget();
  good(await handle.widget.ready());
  for (const [path, type] of [
    ["/widget-futures/index.js", /^text\/javascript/],
    [wasmPath(), /^application\/wasm$/],
  ]) {
    assert.equal(got[path]["content-encoding"], "br", path);
    assert.match(got[path]["content-type"], type);
  }
});

for (const type of ["application/octet-stream", "application/wasm; charset=utf-8"]) {
  test(`a wasm that is served as ${type} is loaded all the same`, async () => {
    const { widget } = await served(wasmPath(), (response) => ({
      headers: { ...response.headers(), "content-type": type },
    }));
    good(await widget.ready());
  });
}

test("an integrity that holds loads the wasm, one that does not is a load error", async () => {
  const bytes = await readFile(new URL("../dist/widget-futures.wasm", import.meta.url));
  const integrity = (content) => `sha256-${createHash("sha256").update(content).digest("base64")}`;
  const right = await openRaw({ options: connectOptions({ capabilities, wasmIntegrity: integrity(bytes) }) });
  good(await right.widget.ready());
  const wrong = await openRaw({
    options: connectOptions({ capabilities, wasmIntegrity: integrity("x") }),
    expect: [/integrity/],
  });
  refused(await wrong.widget.ready(), "load");
});

test("a load that failed is not remembered: the next connect tries again", async () => {
  const { page, widget } = await openRaw({
    options: connectOptions({ capabilities, wasm: `${wasmPath()}?broken` }),
    expect: [/Failed to load resource/],
    load: false,
  }).then(async (handle) => {
    let broken = true;
    await handle.page.route(
      (url) => url.search === "?broken",
      (route) => {
        if (!broken) return route.continue();
        broken = false;
        return route.fulfill({ status: 503 });
      },
    );
    await handle.loadWidget();
    return handle;
  });
  refused(await widget.ready(), "load");
  await widget.frame.evaluate(
    (options) => window.start(options),
    connectOptions({ capabilities, wasm: `${wasmPath()}?broken`, contentLoaded: "manual" }),
  );
  await page.evaluate(
    (capabilities) => window.ask("notify_capabilities", { requested: capabilities, approved: capabilities }),
    capabilities,
  );
  good(await widget.ready());
});

test("two clients on one page fetch the wasm once", async () => {
  const wasm = `${wasmPath()}?both`;
  const handle = await openRaw({ load: false, options: connectOptions({ capabilities, wasm }) });
  const fetched = [];
  handle.page.on("request", (request) => {
    if (request.url().endsWith("?both")) fetched.push(request.url());
  });
  await handle.loadWidget();
  good(await handle.widget.ready());
  await handle.widget.frame.evaluate(
    (options) => window.start(options),
    connectOptions({ wasm, roomId: config.roomId }),
  );
  await handle.widget.frame.waitForFunction(() => window.client.status !== "loading");
  assert.equal(fetched.length, 1);
});

test("a wasm that never arrives ends in a timeout, with every call that waited", async () => {
  const handle = await openRaw({
    load: false,
    options: connectOptions({ capabilities, wasm: `${wasmPath()}?never`, handshakeTimeoutMs: 700 }),
  });
  await handle.page.route(
    (url) => url.search === "?never",
    () => {}, // neither answered nor refused
  );
  await handle.loadWidget();
  const [ready, call] = await Promise.all([handle.widget.ready(), handle.widget.call("sendEvent", event)]);
  assert.equal(refused(ready, "timeout").deadlineMs, 700);
  refused(call, "timeout");
  refused(await handle.widget.call("sendEvent", event), "timeout");
});
