import assert from "node:assert/strict";
import { test } from "node:test";
import { compat, FakeHost, ready, run, sleep, warned } from "./compat-kit.mjs";

const { WidgetApiResponseError } = compat;
const ours = (script, options) => run("ours", script, options);
const RENEGOTIATE = "org.matrix.msc2974.request_capabilities";

test("what the host approves or takes back later is known at once, also to those who hear of it", async () => {
  await ours(async ({ api, host }) => {
    await ready(api, ["a"]);
    const inside = [];
    api.on("action:notify_capabilities", () => inside.push(api.hasCapability("a"), api.hasCapability("b")));
    await host.ask("notify_capabilities", { requested: [], approved: ["b"] });
    await host.ask("notify_capabilities", { requested: [], approved: "nonsense" });
    assert.deepEqual(inside, [false, true, false, true]);
  });
});

test("only what is not approved is asked for again, one negotiation at a time", async () => {
  await ours(async ({ api, host }) => {
    await ready(api, ["a"]);
    const notified = [];
    api.on("action:notify_capabilities", ({ detail }) => notified.push(detail.data.requested));
    api.requestCapability("b");
    const first = api.updateRequestedCapabilities();
    api.requestCapability("c");
    await Promise.all([first, api.updateRequestedCapabilities()]);
    await sleep(20);
    assert.deepEqual(
      host.asked(RENEGOTIATE).map(({ data }) => data.capabilities),
      [["b"], ["c"]],
    );
    assert.deepEqual(notified, [["b"], ["c"]]);
    assert.ok(api.hasCapability("c"));
  });
});

test("with nothing new to ask a waiting listener goes on all the same, and nothing is posted", async () => {
  await ours(async ({ api, host }) => {
    await ready(api, ["a"]);
    const before = host.wire.length;
    const notified = new Promise((resolve) => {
      api.once("action:notify_capabilities", (event) => {
        event.preventDefault();
        api.transport.reply(event.detail, {});
        resolve(event.detail.data);
      });
    });
    await api.updateRequestedCapabilities();
    assert.deepEqual(await notified, { requested: [], approved: ["a"] });
    await sleep(10);
    assert.deepEqual([host.wire.length, warned(host)], [before, []]);
  });
});

test("what was asked for with the negotiation ends with it, and not with the answer to something else", async () => {
  await ours(async ({ api, host }) => {
    const tell = [];
    host.handlers.supported_api_versions = () => new Promise((resolve) => tell.push(resolve));
    host.handlers.content_loaded = () => ({});
    const notified = [];
    api.on("action:notify_capabilities", ({ detail }) => notified.push(detail));
    api.start();
    const more = api.transport.sendComplete(RENEGOTIATE, { capabilities: ["a"] });
    await api.sendContentLoaded();
    await host.ask("capabilities");
    for (const resolve of tell) resolve({ supported_versions: [] }); // such a host tells nothing of what it approves
    const { action, response } = await more;
    await sleep(10);
    assert.deepEqual([action, response, notified, host.asked(RENEGOTIATE)], [RENEGOTIATE, {}, [], []]);
  });
});

test("a host without MSC2974 is not asked for more, and the refusal says why", async () => {
  const host = Object.assign(new FakeHost(), { versions: ["org.matrix.msc2871"] });
  await ours(
    async ({ api }) => {
      await ready(api, ["a"]);
      assert.throws(() => api.requestCapability("b"), /^Error: Capabilities have already been negotiated$/);
      host.approved = [];
      await host.notify([]);
      const error = await api.updateRequestedCapabilities().catch((reason) => reason);
      assert.ok(error instanceof WidgetApiResponseError);
      assert.deepEqual([error.cause.code, error.data, host.asked(RENEGOTIATE)], ["unsupported", {}, []]);
    },
    { host },
  );
});

test("what is wanted is said before the host's versions are known, and again to a host that begins anew", async () => {
  await ours(async ({ api, host }) => {
    let answerVersions;
    host.handlers.supported_api_versions = () =>
      new Promise((resolve) => {
        answerVersions = () => resolve({ supported_versions: [] });
      });
    let ready = 0;
    api.on("ready", () => ready++);
    api.requestCapability("a");
    api.start();
    assert.deepEqual(await host.ask("capabilities"), { capabilities: ["a"] });
    api.requestCapability("b"); // nobody knows yet that it is too late for the first list
    assert.deepEqual([await host.ask("capabilities"), ready], [{ capabilities: ["a", "b"] }, 0]);
    await host.notify(["a"]);
    assert.deepEqual([ready, api.hasCapability("a"), api.hasCapability("b")], [1, true, false]);
    answerVersions();
    await api.getClientVersions();
    await sleep(10);
    assert.equal(ready, 1);
  });
});

test("content_loaded is posted once however often it is said, and two negotiations are ready once", async () => {
  await ours(async ({ api, host }) => {
    let readies = 0;
    api.on("ready", () => readies++);
    host.handlers.content_loaded = () => {
      setImmediate(() =>
        Promise.all([host.ask("capabilities"), host.ask("capabilities")]).then(() => host.notify(["a"])),
      );
      return {};
    };
    api.requestCapability("a");
    api.start();
    await Promise.all([api.sendContentLoaded(), api.sendContentLoaded()]);
    await sleep(20);
    await api.sendContentLoaded();
    assert.deepEqual([host.asked("content_loaded").length, readies], [1, 1]);
  });
});
