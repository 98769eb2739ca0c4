/**
 * Wrong arguments, through the real page: each has its own code, the message or hint names the field, nothing is posted,
 * and the next call works. One page per dialect goes through the whole table.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { good, world } from "./harness.mjs";

const { room, openHost, connectOptions } = await world();
const TYPE = "org.matrix.msc3401.call.member";
const capabilities = [
  `org.matrix.msc2762.send.state_event:${TYPE}`,
  "org.matrix.msc2762.send.event:m.room.redaction",
];

/** A good state future, from which each case makes a bad one. */
const SPEC = { type: TYPE, stateKey: "bad-input", content: {}, timeoutMs: 60_000 };
const EVENT = { type: TYPE, stateKey: "bad-input", content: {} };

/** The page runs the function: what structured cloning cannot carry has to be made there. */
const withContent = (make) => `({ client, SPEC }) => client.sendFuture({ ...SPEC, content: (${make})() })`;
const withTimeout = (value) => `({ client, SPEC }) => client.sendFuture({ ...SPEC, timeoutMs: ${value} })`;

const cases = [
  ["an event without type", ({ client }) => client.sendEvent({ content: {} }), "invalid", /type/],
  [
    "an event with an empty type",
    ({ client }) => client.sendEvent({ type: "", content: {} }),
    "invalid",
    /type/,
  ],
  [
    "an event whose type is a number",
    ({ client }) => client.sendEvent({ type: 5, content: {} }),
    "invalid",
    /type/,
  ],
  ["an event that is not there", ({ client }) => client.sendEvent(), "invalid", /./],
  ["a future that is not there", ({ client }) => client.sendFuture(), "invalid", /./],
  [
    "a future without type",
    ({ client, SPEC }) => client.sendFuture({ ...SPEC, type: undefined }),
    "invalid",
    /type/,
  ],
  [
    "a future without content",
    ({ client, SPEC }) => client.sendFuture({ ...SPEC, content: undefined }),
    "invalid",
    /content/,
  ],
  ["content that is a string", withContent(() => "x"), "invalid", /content/],
  ["content that is an array", withContent(() => []), "invalid", /content/],
  ["content that is null", withContent(() => null), "invalid", /content/],
  [
    "content with a cycle",
    withContent(() => {
      const a = { b: {} };
      a.b.c = a;
      return a;
    }),
    "invalid",
    /b\.c/,
  ],
  ["content with a Map", withContent(() => ({ deep: { map: new Map() } })), "invalid", /deep\.map/],
  ["content with a Date", withContent(() => ({ inner: { at: new Date() } })), "invalid", /inner\.at/],
  ["content with a BigInt", withContent(() => ({ list: [0, { big: 1n }] })), "invalid", /list.*1.*big/],
  ["content with a function", withContent(() => ({ handler() {} })), "invalid", /handler/],
  ["content with a symbol", withContent(() => ({ mark: Symbol("x") })), "invalid", /mark/],
  ["content with NaN", withContent(() => ({ number: Number.NaN })), "invalid", /number/],
  ["content with Infinity", withContent(() => ({ numbers: [1 / 0] })), "invalid", /numbers.*0/],
  [
    "content with a number that no homeserver sends",
    withContent(() => ({ at: [1.5] })),
    "invalid",
    /at\[0\]/,
  ],
  ["content with half a character", withContent(() => ({ name: "\ud83d" })), "invalid", /name/],
  [
    "content that no event has room for",
    withContent(() => ({ a: "x".repeat(65_000) })),
    "invalid",
    /content/,
  ],
  [
    "a leave with a number that no homeserver sends",
    ({ client, SPEC }) => client.holdState({ ...SPEC, leaveContent: { at: 1.5 } }),
    "invalid",
    /leaveContent\.at/,
  ],
  [
    "a state key that is too long",
    ({ client, SPEC }) => client.sendFuture({ ...SPEC, stateKey: "é".repeat(128) }),
    "invalid",
    /stateKey.*255 bytes/,
  ],
  [
    "a type that is too long",
    ({ client, SPEC }) => client.holdState({ ...SPEC, type: "x".repeat(256) }),
    "invalid",
    /type.*255 bytes/,
  ],
  ...[-1, 0, 1.5, Number.NaN, Infinity, -Infinity, 2 ** 31, 1e300].map((value) => [
    `a timeout of ${value}`,
    withTimeout(value),
    "invalid",
    /timeoutMs/,
  ]),
  ["a timeout that is a string", withTimeout(`"1000"`), "invalid", /timeoutMs/],
  [
    "neither timeout nor group",
    ({ client, EVENT }) => client.sendFuture(EVENT),
    "invalid",
    /timeoutMs|groupId/,
  ],
  [
    "a state key that is a number",
    ({ client, SPEC }) => client.sendFuture({ ...SPEC, stateKey: 7 }),
    "invalid",
    /stateKey/,
  ],
  [
    "a room id that is no string",
    ({ client, SPEC }) => client.sendFuture({ ...SPEC, roomId: {} }),
    "invalid",
    /roomId/,
  ],
  [
    "a redaction by its type",
    ({ client }) =>
      client.sendFuture({ type: "m.room.redaction", content: {}, timeoutMs: 1000, allowUnencrypted: true }),
    "unsupported",
    /redact/,
  ],
  ["a redaction by its content", withContent(() => ({ redacts: "$event" })), "unsupported", /redact/],
  ["a request without action", ({ client }) => client.request("", {}), "invalid", /action/],
  [
    "a deadline of zero",
    ({ client, EVENT }) => client.sendEvent(EVENT, { deadlineMs: 0 }),
    "invalid",
    /deadlineMs/,
  ],
  [
    "a capability that is no string",
    ({ client }) => client.requestCapabilities([5]),
    "invalid",
    /capabilities/,
  ],
  ["capabilities that are no list", ({ client }) => client.requestCapabilities(5), "invalid", /capabilities/],
  [
    "a connection to a dialect nobody speaks",
    ({ wf }) => wf.connect({ dialect: "esperanto" }).ready,
    "invalid",
    /dialect/,
  ],
  [
    "a homeserver without https",
    ({ wf }) => wf.connect({ homeserverUrl: "http://example.org" }).ready,
    "invalid",
    /homeserverUrl/,
  ],
  ["a host origin that is none", ({ wf }) => wf.connect({ hostOrigin: "x" }).ready, "invalid", /hostOrigin/],
  ["a negative default deadline", ({ wf }) => wf.connect({ deadlineMs: -1 }).ready, "invalid", /deadlineMs/],
  ["a saved future that is not there", ({ client }) => client.resumeFuture(), "invalid", /./],
  ["a saved future with nothing to act on", ({ client }) => client.resumeFuture({}), "invalid", /./],
];

const delayedCases = [
  [
    "a timeout in a group, where the dialect has no groups",
    ({ client, SPEC }) => client.sendFuture({ ...SPEC, groupId: "g" }),
    "unsupported",
    /group/,
  ],
  [
    "only a group, where the dialect has no groups",
    ({ client, EVENT }) => client.sendFuture({ ...EVENT, groupId: "g" }),
    "unsupported",
    /group/,
  ],
  [
    "a saved future with an empty delay id",
    ({ client, saved }) => client.resumeFuture({ ...saved, delayId: "" }),
    "invalid",
    /delay/,
  ],
];

const tokenCases = [
  [
    "an empty group",
    ({ client, EVENT }) => client.sendFuture({ ...EVENT, groupId: "" }),
    "invalid",
    /groupId/,
  ],
  [
    "a saved future with empty tokens",
    ({ client, saved }) =>
      client.resumeFuture({ ...saved, sendToken: "", cancelToken: "", refreshToken: "" }),
    "invalid",
    /[Tt]oken/,
  ],
];

const open = (lib, dialect) =>
  openHost({ lib, keep: true, options: connectOptions({ dialect, capabilities }) });

function run(dialect, { page, host, widget }, table) {
  const key = room.key();
  const spec = { type: TYPE, stateKey: key, content: {}, timeoutMs: 60_000 };
  const posts = [];
  let before;

  test(`${dialect}: a good future is scheduled first`, async () => {
    good(await widget.ready());
    good(await widget.schedule("first", spec));
    await widget.settle();
    before = {
      posted: (await host.requests("send_event")).length,
      driver: (await host.driverCalls()).length,
    };
    page.on("request", (request) => request.method() === "POST" && posts.push(request.url()));
  });

  for (const [name, work, code, field] of table) {
    test(`${dialect}: ${name} is refused and named`, async () => {
      const input = `{ wf, client, SPEC: ${JSON.stringify(SPEC)}, EVENT: ${JSON.stringify(EVENT)}, saved: futures.first.save() }`;
      const outcome = await widget.frame.evaluate(`outcome(() => (${work})(${input}))`);
      assert.equal(outcome.ok, false, "it was let through");
      assert.equal(outcome.code, code, `${outcome.name}: ${outcome.message}`);
      assert.match(`${outcome.message} ${outcome.hint ?? ""}`, field);
    });
  }

  test(`${dialect}: after all that nothing was posted, and the next calls work`, async () => {
    await widget.settle();
    assert.equal((await host.requests("send_event")).length, before.posted);
    assert.equal((await host.driverCalls()).length, before.driver);
    assert.deepEqual(posts, []);
    good(await widget.schedule("next", { ...spec, stateKey: room.key() }));
    good(await widget.cancel("next"));
    good(await widget.cancel("first"));
    good(
      await widget.call("sendEvent", {
        type: TYPE,
        stateKey: key,
        content: { ok: [1, "two", null, { three: true }] },
      }),
    );
  });
}

// Both pages are open before the first test is declared: a file ends when its declared tests have.
const current = await open("mwa-1.19.0", "auto");
const draft = await open("first-draft", "futures");
run("auto", current, [...cases, ...delayedCases]);
run("futures", draft, [...cases, ...tokenCases]);

test("undefined members of content are dropped, as JSON does", async () => {
  const key = room.key();
  const { widget } = await openHost({ lib: "mwa-1.19.0", options: connectOptions({ capabilities }) });
  good(await widget.ready());
  const sent = await widget.frame.evaluate(
    ([type, stateKey]) =>
      window.outcome(() =>
        window.client.sendEvent({ type, stateKey, content: { a: undefined, b: { c: undefined, d: 1 } } }),
      ),
    [TYPE, key],
  );
  good(sent);
  assert.deepEqual((await room.waitForKey(key)).content, { b: { d: 1 } });
});

test("a content that the page changes after the call is sent as it was when the call was made", async () => {
  const key = room.key();
  const { widget } = await openHost({ lib: "mwa-1.19.0", options: connectOptions({ capabilities }) });
  const sent = await widget.frame.evaluate(
    ([type, stateKey]) =>
      window.outcome(() => {
        const content = { n: 1, nested: { list: [1] } };
        const call = window.client.sendEvent({ type, stateKey, content });
        content.n = 2;
        content.nested.list.push(2);
        return call;
      }),
    [TYPE, key],
  );
  good(sent);
  assert.deepEqual((await room.waitForKey(key)).content, { n: 1, nested: { list: [1] } });
});
