/**
 * How the module comes and goes on a page: what it leaves on the window, a wasm that is late or missing or is no wasm,
 * a module that dies, and a widget page that is reloaded while its future runs.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { good, refused, sleep, world } from "./harness.mjs";

const { config, room, openHost, openRaw, openPage, connectOptions, wasmPath } = await world();
const TYPE = "org.matrix.msc3401.call.member";
const capabilities = [`org.matrix.msc2762.send.state_event:${TYPE}`];
const event = (key, extra) => ({ type: TYPE, stateKey: key, content: {}, ...extra });

test("the module leaves nothing on the page's window", async () => {
  const blank = await openPage(new URL("sibling.html", config.widget).href);
  const clean = await blank.page.evaluate(() => Object.getOwnPropertyNames(window));
  const { widget } = await openHost({
    lib: "first-draft",
    options: connectOptions({ dialect: "futures", capabilities }),
  });
  good(await widget.ready());
  const names = await widget.frame.evaluate(() => Object.getOwnPropertyNames(window));
  const testPage = await widget.frame.evaluate(() => window.ownNames);
  assert.deepEqual(
    names.filter((name) => !clean.includes(name) && !testPage.includes(name) && Number.isNaN(Number(name))),
    [],
  );
  for (const name of ["Go", "fs", "path", "process"])
    assert.ok(!names.includes(name), `${name} is on the window`);
});

test("importing the module does nothing until connect is called", async () => {
  const requests = [];
  const { page } = await openPage(new URL("sibling.html", config.widget).href);
  page.on("request", (request) => requests.push(request.url()));
  const listeners = await page.evaluate(async () => {
    const added = [];
    const original = window.addEventListener;
    window.addEventListener = function (...args) {
      added.push(args[0]);
      return original.apply(this, args);
    };
    await import("/widget-futures/index.js");
    return added;
  });
  assert.deepEqual(listeners, []);
  assert.deepEqual(
    requests.filter((url) => url.includes(".wasm")),
    [],
  );
});

test("calls made in the same turn as connect, long before the wasm is there, all arrive in order", async () => {
  const { widget, page } = await openRaw({
    options: connectOptions({ capabilities, wasm: `${wasmPath()}?delay=1500` }),
  });
  const outcomes = await widget.frame.evaluate(
    (event) =>
      Promise.all([1, 2, 3, 4, 5].map((n) => window.call("sendEvent", { ...event, content: { n } }))),
    event("k"),
  );
  for (const outcome of outcomes) good(outcome);
  const posted = await page.evaluate(() =>
    window.heard
      .filter((message) => message.action === "send_event")
      .map((message) => message.data.content.n),
  );
  assert.deepEqual(posted, [1, 2, 3, 4, 5]);
});

test("a call given up while the wasm loads is never posted", async () => {
  const { widget, heard } = await openRaw({
    options: connectOptions({ capabilities, wasm: `${wasmPath()}?delay=1500` }),
  });
  const outcome = await widget.frame.evaluate((event) => {
    const controller = new AbortController();
    const call = window.outcome(() => window.client.sendEvent(event, { signal: controller.signal }));
    controller.abort(new Error("changed my mind"));
    return call;
  }, event("k"));
  assert.equal(outcome.ok, false);
  assert.equal(outcome.message, "changed my mind");
  good(await widget.ready());
  good(await widget.call("sendEvent", event("k")));
  assert.equal((await heard("send_event")).length, 1);
});

for (const [name, wasm] of [
  ["is not there", "/widget-futures/no-such-file.wasm"],
  ["is an HTML page", "/sibling.html"],
]) {
  test(`a wasm that ${name} ends in a load error, for ready and for every call`, async () => {
    const { widget } = await openRaw({
      options: connectOptions({ capabilities, wasm }),
      expect: [/Failed to load resource/],
    });
    const [ready, call] = await Promise.all([widget.ready(), widget.call("sendEvent", event("k"))]);
    refused(ready, "load");
    refused(call, "load");
    refused(await widget.call("sendEvent", event("k")), "load");
  });
}

test("a module that dies settles what is pending and refuses what comes later, as internal", async () => {
  const { page, widget } = await openRaw({
    options: connectOptions({ capabilities }),
    expect: [/panic|goroutine|exit code|Go program/i],
  });
  good(await widget.ready());
  await page.evaluate(() => {
    window.handlers.send_event = () => undefined;
  });
  const pending = [1, 2, 3].map(() => widget.call("sendEvent", event("k")));
  await page.waitForFunction(
    () => window.heard.filter((message) => message.action === "send_event").length === 3,
  );
  await widget.frame.evaluate(() => {
    try {
      window.inspect().crash();
    } catch {
      // the crash itself may throw; what counts is what becomes of the calls
    }
  });
  for (const outcome of await Promise.all(pending)) refused(outcome, "internal");
  refused(await widget.call("sendEvent", event("k")), "internal");
  refused(await widget.call("requestCapabilities", ["x"]), "internal");
});

test("after close every call is refused as closed, and the host is no longer answered", async () => {
  const { page, widget } = await openRaw({ options: connectOptions({ capabilities }) });
  good(await widget.ready());
  await page.evaluate(() => {
    window.handlers.send_event = () => undefined;
  });
  const pending = widget.call("sendEvent", event("k"));
  await page.waitForFunction(() => window.heard.some((message) => message.action === "send_event"));
  good(await widget.call("close"));
  refused(await pending, "closed");
  refused(await widget.call("sendEvent", event("k")), "closed");
  good(await widget.call("close"));
  await page.evaluate(() => {
    window.ask("supported_api_versions", {});
  });
  await sleep(300);
  const last = await page.evaluate(() => window.heard.at(-1).action);
  assert.equal(last, "send_event");
});

for (const [lib, dialect] of [
  ["first-draft", "futures"],
  ["mwa-1.19.0", "auto"],
]) {
  for (const wait of ["load", "content"]) {
    const where = `${lib}, ${wait === "load" ? "iframe load" : "content_loaded"}`;

    test(`a saved future lives on in the next load of the page (${where})`, async () => {
      const key = room.key();
      // matrix-widget-api throws at the content_loaded of the second page when it starts at iframe load.
      const expect = [/Improper sequence: ContentLoaded/];
      const options = connectOptions({ dialect, capabilities });
      const { host, widget } = await openHost({ lib, wait, options, expect });
      good(await widget.ready());
      const first = good(await widget.schedule("leave", event(key, { timeoutMs: 20_000 })));
      const saved = JSON.parse(JSON.stringify(await widget.save("leave")));
      const reloaded = await host.reloadWidget();
      good(await reloaded.ready());
      const resumed = good(await reloaded.resume("leave", saved));
      assert.equal(resumed.roomId, first.roomId);
      assert.equal(resumed.timeoutMs, 20_000);
      good(await reloaded.refresh("leave"));
      const { expiresAt } = await reloaded.future("leave");
      assert.ok(expiresAt > first.expiresAt, "the refresh has not moved expiresAt");
      good(await reloaded.send("leave"));
      assert.equal((await room.eventsWithKey(key)).length, 1);
    });
  }
}
