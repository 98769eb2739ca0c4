/**
 * Windows that are not the host, hosts at the wrong origin or without manners, and pages without any host: only the real
 * host window, from the pinned origin, is heard or spoken to.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { good, refused, Widget, world } from "./harness.mjs";
import { capabilities, event, nextCallWorks, readyOpener } from "./raw-host.mjs";

const all = await world();
const { config, openRaw, openPage, connectOptions } = all;
const openReady = readyOpener(all);

for (const [whose, origin] of [
  ["the widget's", config.widget],
  ["the host's", config.host],
]) {
  test(`a frame of ${whose} own origin beside the widget cannot answer for the host, nor ask in its name`, async () => {
    const { page, widget } = await openReady();
    await page.evaluate((url) => window.load(url, "Sibling"), `${origin}sibling.html`);
    const sibling = await (await page.waitForSelector("iframe[title=Sibling]")).contentFrame();
    await sibling.waitForLoadState();
    await page.evaluate(() => {
      window.handlers.send_event = () => undefined;
    });
    const call = widget.call("sendEvent", event(), { deadlineMs: 1500 });
    await page.waitForFunction(() => window.heard.some((message) => message.action === "send_event"));
    const request = await page.evaluate(() =>
      window.heard.find((message) => message.action === "send_event"),
    );
    await sibling.evaluate((request) => {
      const widget = parent.frames[0];
      widget.postMessage({ ...request, response: { room_id: "!forged:hs", event_id: "$forged" } }, "*");
      const { widgetId } = request;
      const capabilities = ["forged.capability"];
      const ask = (requestId, action, data) =>
        widget.postMessage({ api: "toWidget", widgetId, requestId, action, data }, "*");
      ask("forged-1", "notify_capabilities", { requested: capabilities, approved: capabilities });
      ask("forged-2", "capabilities", {});
      window.heard = [];
      addEventListener("message", (message) => window.heard.push(message.data));
    }, request);
    refused(await call, "timeout");
    const approved = await widget.frame.evaluate(() => [...window.client.approvedCapabilities]);
    assert.ok(!approved.includes("forged.capability"));
    assert.deepEqual(await sibling.evaluate(() => window.heard), [], "the widget spoke to a stranger");
    const answered = await page.evaluate(() =>
      window.heard.filter((message) => message.requestId?.startsWith("forged")),
    );
    assert.deepEqual(answered, []);
  });
}

test("the widget's own window cannot answer for the host either", async () => {
  const { page, widget } = await openReady();
  await page.evaluate(() => {
    window.handlers.send_event = () => undefined;
  });
  const call = widget.call("sendEvent", event(), { deadlineMs: 1000 });
  await page.waitForFunction(() => window.heard.some((message) => message.action === "send_event"));
  const request = await page.evaluate(() => window.heard.find((message) => message.action === "send_event"));
  await widget.frame.evaluate((request) => {
    window.postMessage({ ...request, response: { room_id: "!forged:hs", event_id: "$forged" } }, "*");
  }, request);
  refused(await call, "timeout");
});

test("a host at another origin than the pinned one is neither heard nor spoken to", async () => {
  const handle = await openRaw({
    options: connectOptions({
      hostOrigin: "https://elsewhere.example",
      handshakeTimeoutMs: 1500,
      capabilities,
    }),
    expect: [/Failed to execute 'postMessage' on 'DOMWindow'/],
  });
  await handle.page.evaluate((capabilities) => {
    window.ask("capabilities", {});
    window.ask("notify_capabilities", { requested: capabilities, approved: capabilities });
  }, capabilities);
  refused(await handle.widget.ready(), "timeout");
  assert.deepEqual(await handle.page.evaluate(() => window.heard), []);
  assert.equal((await handle.widget.call("sendEvent", event())).ok, false);
});

test("a host that never negotiates ends in a timeout of the handshake, with every call that waited", async () => {
  const handle = await openRaw({ load: false });
  await handle.page.evaluate(() => {
    window.handlers.content_loaded = () => ({});
  });
  await handle.loadWidget(connectOptions({ capabilities, handshakeTimeoutMs: 1200 }));
  const [ready, call] = await Promise.all([handle.widget.ready(), handle.widget.call("sendEvent", event())]);
  refused(ready, "timeout");
  assert.equal(call.ok, false);
});

test("a negotiation that runs twice is answered twice and ends in the second grant", async () => {
  const { page, widget } = await openReady();
  await page.evaluate(() => window.negotiate());
  await nextCallWorks(widget);
  const approved = await widget.frame.evaluate(() => [...window.client.approvedCapabilities]);
  assert.ok(approved.includes(capabilities[0]));
});

test("the host may ask too: versions are answered, a page answers its actions, the rest is an error", async () => {
  const { page, widget } = await openReady();
  await widget.listen("org.example.hello", { hello: "host" });
  const ask = async (action, data) =>
    (await page.evaluate(([action, data]) => window.ask(action, data), [action, data])).response;
  assert.ok((await ask("supported_api_versions", {})).supported_versions.includes("0.0.2"));
  assert.deepEqual(await ask("org.example.hello", { n: 1 }), { hello: "host" });
  assert.deepEqual((await widget.seen("action:org.example.hello"))[0].detail, { n: 1 });
  assert.equal(typeof (await ask("org.example.unknown", {})).error.message, "string");
});

test("the answer to a host's request is that request and a response", async () => {
  const { page } = await openReady();
  const answer = await page.evaluate(() => window.ask("supported_api_versions", { a: 1 }, { extra: [1] }));
  const { response, requestId, ...rest } = answer;
  assert.ok(requestId && response);
  assert.deepEqual(rest, {
    api: "toWidget",
    widgetId: "w1",
    action: "supported_api_versions",
    data: { a: 1 },
    extra: [1],
  });
});

test("request ids cannot be guessed from one another", async () => {
  const { widget, heard } = await openReady();
  for (let i = 0; i < 5; i++) await nextCallWorks(widget);
  const ids = (await heard("send_event")).map((request) => request.requestId);
  assert.equal(new Set(ids).size, 5);
  for (const id of ids) assert.ok(id.length >= 20, `${id} is short enough to be guessed`);
  const second = await openReady();
  await nextCallWorks(second.widget);
  const [other] = (await second.heard("send_event")).map((request) => request.requestId);
  assert.notEqual(other.slice(0, 20), ids[0].slice(0, 20));
});

test("a page without a host rejects as not embedded", async () => {
  const { page } = await openPage(new URL("widget.html?auto=1", config.widget).href);
  await page.waitForFunction(() => window.ready);
  const widget = new Widget(page.mainFrame());
  refused(await widget.ready(), "not_embedded");
  refused(await widget.call("sendEvent", event()), "not_embedded");
});

test("a top-level page with a widget id speaks with its own window, as in a mobile web view", async () => {
  const options = JSON.stringify({ roomId: config.roomId, contentLoaded: "manual", capabilities });
  const url = new URL("widget.html", config.widget);
  url.search = new URLSearchParams({ widgetId: "w1", options });
  const { page } = await openPage(url.href);
  await page.waitForFunction(() => window.start);
  await page.evaluate((options) => {
    // What the native side of the web view does with each message of the page.
    const post = (message) => window.postMessage(message, location.origin);
    addEventListener("message", ({ data }) => {
      if (data.api === "fromWidget" && data.response === undefined) {
        const response =
          data.action === "send_event" ? { room_id: data.data.room_id, event_id: "$native" } : {};
        post({
          ...data,
          response: data.action === "supported_api_versions" ? { supported_versions: ["0.0.2"] } : response,
        });
      } else if (data.api === "toWidget" && data.response && data.action === "capabilities") {
        const approved = data.response.capabilities;
        const notify = { api: "toWidget", widgetId: "w1", requestId: "n2", action: "notify_capabilities" };
        post({ ...notify, data: { requested: approved, approved } });
      }
    });
    window.start(JSON.parse(options));
    post({ api: "toWidget", widgetId: "w1", requestId: "n1", action: "capabilities", data: {} });
  }, options);
  const widget = new Widget(page.mainFrame());
  good(await widget.ready());
  const sent = good(await widget.call("sendEvent", event()));
  assert.equal(sent.eventId, "$native");
});
