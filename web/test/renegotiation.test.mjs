/**
 * Capabilities that are asked for later (MSC2974), on real hosts: asked for at the same time, denied, decided late or never,
 * told of twice. What the page knows as approved is always what the host said last.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { good, refused, sleep, world } from "./harness.mjs";

const all = await world();
const { openHost, connectOptions } = all;
const ASK = "org.matrix.msc2974.request_capabilities";
const capability = (n) => `org.matrix.msc2762.send.event:org.example.n${n}`;
const event = (n) => ({ type: `org.example.n${n}`, content: {} });
/** The first that is known, the last before hosts pushed state, and today's: they differ in how they notify. */
const HOSTS = ["mwa-1.6.0", "mwa-1.10.0", "mwa-1.19.0"];

async function open({ lib = "mwa-1.19.0", options, ...extra } = {}) {
  const all = connectOptions({ capabilities: [capability(0)], deadlineMs: 5000, ...options });
  const handle = await openHost({ lib, options: all, ...extra });
  good(await handle.widget.ready());
  await handle.widget.frame.evaluate(() => {
    // What the page was told, and what it could read of the client then.
    window.changes = [];
    window.client.addEventListener("capabilities", ({ detail }) =>
      window.changes.push([[...detail], [...window.client.approvedCapabilities]]),
    );
  });
  return handle;
}

const approved = (widget) => widget.frame.evaluate(() => [...window.client.approvedCapabilities]);
const changes = (widget) => widget.frame.evaluate(() => window.changes);
const grant = (page, what) =>
  page.evaluate((what) => history.replaceState(null, "", `?${new URLSearchParams({ grant: what })}`), what);

/** What the host said that it had approved, each time. */
const notified = async (host) =>
  (await host.wire())
    .filter(
      ({ direction, message }) =>
        direction === "host>widget" && message.action === "notify_capabilities" && !message.response,
    )
    .map(({ message }) => message.data.approved);

/** The page's set is the host's last, and every time it was told of one, it could read that one. */
async function assertFresh({ host, widget }) {
  await widget.settle();
  assert.deepEqual(await approved(widget), (await notified(host)).at(-1));
  for (const [told, read] of await changes(widget)) assert.deepEqual(read, told);
}

/** Never two negotiations at a time: each request comes after the notification that ended the one before. */
async function assertOneAtATime(host) {
  let open = 0;
  for (const { direction, message } of await host.wire()) {
    if (message.response) continue;
    if (direction === "widget>host" && message.action === ASK) assert.equal(open++, 0, "two at a time");
    if (direction === "host>widget" && message.action === "notify_capabilities") open = 0;
  }
}

for (const lib of HOSTS) {
  test(`fifty that are asked for at the same time are each approved, one after the other (${lib})`, async () => {
    const { host, widget } = await open({ lib });
    const wanted = Array.from({ length: 50 }, (_, n) => capability(n + 1));
    const outcomes = await Promise.all(wanted.map((one) => widget.call("requestCapabilities", [one])));
    for (const [n, outcome] of outcomes.entries()) assert.ok(good(outcome).includes(wanted[n]));
    assert.ok(wanted.every((one) => good(outcomes.at(-1)).includes(one)));
    assert.equal((await host.requests(ASK)).length, 50);
    await assertOneAtATime(host);
    await assertFresh({ host, widget });
    good(await widget.call("sendEvent", event(50)));
  });

  test(`a host that is asked for what it has approved notifies at once, which ends nobody else's request (${lib})`, async () => {
    const { host, page, widget } = await open({ lib });
    const before = (await notified(host)).length;
    let decide;
    const decided = new Promise((resolve) => {
      decide = resolve;
    });
    await page.evaluate(() => window.waitFor(new Promise((resolve) => Object.assign(window, { resolve }))));
    const own = widget.call("requestCapabilities", [capability(1)]).finally(decide);
    // The client does not ask for what it has, nor twice at a time: this is another script of the page.
    await widget.frame.evaluate((message) => parent.postMessage(message, "*"), {
      ...{ api: "fromWidget", widgetId: "w1", requestId: "by-hand", action: ASK },
      data: { capabilities: [capability(0)] },
    });
    await page.waitForFunction(
      (before) =>
        window.wire.filter(({ message }) => message.action === "notify_capabilities" && !message.response)
          .length > before,
      before,
    );
    await widget.settle();
    assert.equal(await Promise.race([decided.then(() => "settled"), sleep(200, "waits")]), "waits");
    assert.ok(!(await approved(widget)).includes(capability(1)));
    await page.evaluate(() => window.resolve());
    assert.ok(good(await own).includes(capability(1)));
    await assertFresh({ host, widget });
  });
}

test("what is approved already is not asked for again", async () => {
  const { host, widget } = await open();
  assert.ok(good(await widget.call("requestCapabilities", [capability(0)])).includes(capability(0)));
  assert.deepEqual(good(await widget.call("requestCapabilities", [])), await approved(widget));
  await widget.settle();
  assert.deepEqual(await host.requests(ASK), []);
  good(await widget.call("requestCapabilities", [capability(0), capability(1), capability(1)]));
  const [request] = await host.requests(ASK);
  assert.deepEqual(request.data, { capabilities: [capability(1)] });
});

test("what was denied is no error, is missed by the calls that need it, and may be asked for again", async () => {
  const { host, page, widget } = await open();
  await grant(page, "none");
  assert.ok(!good(await widget.call("requestCapabilities", [capability(1)])).includes(capability(1)));
  const error = refused(await widget.call("sendEvent", event(1)), "capability");
  assert.deepEqual(error.missing, [capability(1)]);
  assert.deepEqual(await host.requests("send_event"), []);
  await grant(page, "all");
  assert.ok(good(await widget.call("requestCapabilities", [capability(1)])).includes(capability(1)));
  assert.equal((await host.requests(ASK)).length, 2);
  good(await widget.call("sendEvent", event(1)));
  await assertFresh({ host, widget });
});

test("of those asked for together some may be denied", async () => {
  const { host, page, widget } = await open();
  await grant(page, "n[13]$");
  const wanted = [1, 2, 3].map(capability);
  const now = good(await widget.call("requestCapabilities", wanted));
  assert.deepEqual(
    wanted.map((one) => now.includes(one)),
    [true, false, true],
  );
  assert.ok(now.includes(capability(0)), "an earlier grant was lost");
  await assertFresh({ host, widget });
});

test("a call that gave up before the person decided is followed by the truth, and the next call by its own", async () => {
  const { host, page, widget } = await open();
  await page.evaluate(() => window.waitFor(new Promise((resolve) => Object.assign(window, { resolve }))));
  refused(await widget.call("requestCapabilities", [capability(1)], { deadlineMs: 300 }), "timeout");
  const next = widget.call("requestCapabilities", [capability(2)]);
  await page.waitForFunction(
    (ask) => window.wire.filter(({ message }) => message.action === ask && message.response).length === 2,
    ASK,
  );
  await page.evaluate(() => window.resolve());
  assert.ok(good(await next).includes(capability(2)));
  assert.ok((await approved(widget)).includes(capability(1)), "what was approved late is not known");
  await assertFresh({ host, widget });
  good(await widget.call("sendEvent", event(1)));
});

test("a host whose client fails to decide says nothing: the call ends at its deadline, and the next is heard", async () => {
  const { host, page, widget } = await open({ expect: [/Invalid regular expression/] });
  await grant(page, "(");
  refused(await widget.call("requestCapabilities", [capability(1)], { deadlineMs: 300 }), "timeout");
  await grant(page, "all");
  assert.ok(good(await widget.call("requestCapabilities", [capability(2)])).includes(capability(2)));
  await assertFresh({ host, widget });
});

test("an aborted call ends with its reason, and those that wait behind it go on", async () => {
  const { host, page, widget } = await open();
  await page.evaluate(() => window.waitFor(new Promise((resolve) => Object.assign(window, { resolve }))));
  const outcomes = widget.frame.evaluate(
    ([first, second]) => {
      const aborting = new AbortController();
      const ask = (list, options) => window.outcome(() => window.client.requestCapabilities(list, options));
      const both = Promise.all([ask([first], { signal: aborting.signal }), ask([second])]);
      setTimeout(() => aborting.abort(new Error("changed my mind")), 200);
      return both;
    },
    [capability(1), capability(2)],
  );
  await sleep(400);
  await page.evaluate(() => window.resolve());
  const [aborted, second] = await outcomes;
  assert.equal(aborted.message, "changed my mind");
  assert.ok(good(second).includes(capability(2)));
  await assertFresh({ host, widget });
});

test("what is asked for before the host has asked joins the first negotiation", async () => {
  const { host, widget } = await openHost({
    lib: "mwa-1.19.0",
    options: connectOptions({ capabilities: [capability(0)], contentLoaded: "manual" }),
  });
  const early = widget.call("requestCapabilities", [capability(1)]);
  good(await widget.call("contentLoaded"));
  assert.ok(good(await early).includes(capability(1)));
  assert.deepEqual(await host.requests(ASK), []);
  assert.equal((await notified(host)).length, 1);
});

test("a host that takes a capability back is believed at once", async () => {
  const { host, widget } = await open();
  const less = (await approved(widget)).filter((one) => one !== capability(0));
  assert.deepEqual(await host.ask("notify_capabilities", { requested: [], approved: less }), {
    ...{ ok: true, value: {} },
  });
  assert.deepEqual(await approved(widget), less);
  assert.deepEqual(refused(await widget.call("sendEvent", event(0)), "capability").missing, [capability(0)]);
  const { message } = await host.ask("notify_capabilities", { requested: [], approved: "all" });
  assert.match(message, /approved/);
  assert.deepEqual(await approved(widget), less);
});

test("what is no list of capabilities is invalid, and is not posted", async () => {
  const { host, widget } = await open();
  for (const list of [undefined, null, 5, "all", [5], [""], [capability(1), null], {}]) {
    const error = refused(await widget.call("requestCapabilities", list), "invalid");
    assert.match(error.message, /^capabilities/);
  }
  await widget.settle();
  assert.deepEqual(await host.requests(ASK), []);
});
