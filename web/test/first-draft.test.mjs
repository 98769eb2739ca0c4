/**
 * The first draft, end to end: the reference client answers with tokens, the page spends them at the homeserver, and the
 * room shows what became of each future. Every test runs in both ways a host may start.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { good, refused, sleep, world } from "./harness.mjs";

const { config, room, openHost, connectOptions } = await world();
const MEMBER = "org.matrix.msc3401.call.member";

/** Chromium itself reports an answer with an error status; a token of a future that is gone gets 410. */
const GONE = [/Failed to load resource: .* 410/];

const options = (key, extra) =>
  connectOptions({
    dialect: "futures",
    capabilities: [`org.matrix.msc2762.send.state_event:${MEMBER}#${key}`],
    ...extra,
  });

for (const wait of ["load", "content"]) {
  const when =
    wait === "load" ? "a host that starts at iframe load" : "a host that starts after content_loaded";

  async function openAt(key, extra = {}) {
    const handle = await openHost({
      lib: "first-draft",
      wait,
      ...extra,
      options: options(key, extra.options),
    });
    good(await handle.widget.ready());
    return { ...handle, key };
  }
  const leave = (key, extra) => ({ type: MEMBER, stateKey: key, content: {}, timeoutMs: 60_000, ...extra });

  test(`a scheduled leave comes back with its tokens and stays out of the room (${when})`, async () => {
    const key = room.key();
    const { host, widget } = await openAt(key);
    const future = good(await widget.schedule("leave", leave(key)));
    assert.equal(future.roomId, config.roomId);
    assert.equal(future.timeoutMs, 60_000);
    assert.equal(future.dialect, "futures");
    for (const name of ["groupId", "sendToken", "cancelToken", "refreshToken"])
      assert.ok(future[name], `${name} is missing`);
    const [request] = await host.requests("send_event");
    assert.deepEqual(request.data, {
      type: MEMBER,
      state_key: key,
      content: {},
      room_id: config.roomId,
      timeout: 60_000,
    });
    assert.deepEqual(await room.eventsWithKey(key), []);
    const listed = (await room.futures()).map((entry) => entry.response.send_token);
    assert.ok(listed.includes(future.sendToken), "the homeserver does not know the send token");
  });

  test(`a future that nobody touches goes out by itself, never before expiresAt (${when})`, async () => {
    const key = room.key();
    const { widget } = await openAt(key, { expect: GONE });
    const future = good(
      await widget.schedule("leave", leave(key, { timeoutMs: 1000, content: { why: "expired" } })),
    );
    const event = await room.firesOnTime(key, future.expiresAt);
    assert.deepEqual(event.content, { why: "expired" });
    refused(await widget.refresh("leave"), "spent");
  });

  test(`a refresh keeps a future alive past its first timeout (${when})`, async () => {
    const key = room.key();
    const { widget } = await openAt(key);
    const first = good(await widget.schedule("leave", leave(key, { timeoutMs: 3000 })));
    await sleep(1500);
    good(await widget.refresh("leave"));
    const { expiresAt } = await widget.future("leave");
    assert.ok(expiresAt >= first.expiresAt + 1400, "expiresAt did not move with the refresh");
    await sleep(first.expiresAt + 300 - Date.now());
    assert.deepEqual(await room.eventsWithKey(key), [], "it went out although it had been refreshed");
    await room.firesOnTime(key, expiresAt);
  });

  test(`send lets a future go at once, and a second verb is spent (${when})`, async () => {
    const key = room.key();
    const { widget } = await openAt(key);
    const future = good(await widget.schedule("leave", leave(key)));
    good(await widget.send("leave"));
    const event = await room.waitForKey(key, { within: 1000 });
    assert.ok(event.origin_server_ts < future.expiresAt);
    refused(await widget.cancel("leave"), "spent");
    assert.equal((await room.eventsWithKey(key)).length, 1);
  });

  test(`a cancelled future never goes out, and a second verb is spent (${when})`, async () => {
    const key = room.key();
    const { widget } = await openAt(key);
    const future = good(await widget.schedule("leave", leave(key, { timeoutMs: 1500 })));
    good(await widget.cancel("leave"));
    refused(await widget.refresh("leave"), "spent");
    await sleep(future.expiresAt + 500 - Date.now());
    assert.deepEqual(await room.eventsWithKey(key), []);
  });

  test(`an action future goes out only by its send token and takes its group with it (${when})`, async () => {
    const [key, actionKey] = [room.key(), room.key()];
    const { widget } = await openAt(key, {
      expect: GONE,
      options: { capabilities: [`org.matrix.msc2762.send.state_event:${MEMBER}`] },
    });
    const timeout = good(await widget.schedule("timeout", leave(key)));
    const spec = { type: MEMBER, stateKey: actionKey, content: { by: "action" }, groupId: timeout.groupId };
    const action = good(await widget.schedule("action", spec));
    assert.equal(action.groupId, timeout.groupId);
    assert.equal(action.refreshToken, undefined);
    assert.equal(action.expiresAt, undefined);
    assert.deepEqual(await room.eventsWithKey(actionKey), []);
    good(await widget.send("action"));
    assert.deepEqual((await room.waitForKey(actionKey)).content, { by: "action" });
    refused(await widget.refresh("timeout"), "spent");
    assert.deepEqual(await room.eventsWithKey(key), []);
  });

  test(`when the widget's iframe is removed, its leave arrives by itself (${when})`, async () => {
    const key = room.key();
    const { host, widget } = await openAt(key);
    const { expiresAt } = good(await widget.schedule("leave", leave(key, { timeoutMs: 2500 })));
    good(await widget.call("sendEvent", { type: MEMBER, stateKey: key, content: { joined: true } }));
    const [join] = await room.eventsWithKey(key);
    assert.deepEqual(join.content, { joined: true });
    // In this generation a new state event takes the futures of its key with it (MSC4140 at 99b3a20c3),
    // so the leave is scheduled once more, as holdState will do by itself.
    const again = good(await widget.schedule("leave again", leave(key, { timeoutMs: 1500 })));
    await host.removeWidget();
    const deadline = Math.max(expiresAt, again.expiresAt) + 1500;
    let events = [];
    while (events.length < 2 && Date.now() < deadline) {
      await sleep(50);
      events = await room.eventsWithKey(key);
    }
    assert.deepEqual(
      events.map((event) => event.content),
      [{ joined: true }, {}],
    );
    assert.ok(events[1].origin_server_ts >= again.expiresAt);
  });

  test(`without permission for the event nothing is posted and the error says what is missing (${when})`, async () => {
    const key = room.key();
    const { host, widget } = await openAt(key, { grant: "none" });
    const error = refused(await widget.schedule("leave", leave(key)), "capability");
    assert.ok(
      error.missing.some((capability) =>
        capability.startsWith(`org.matrix.msc2762.send.state_event:${MEMBER}`),
      ),
      `missing: ${error.missing}`,
    );
    await widget.settle();
    assert.deepEqual(await host.requests("send_event"), []);
    assert.deepEqual(await host.driverCalls(), []);
  });

  test(`an immediate event is sent as an immediate event (${when})`, async () => {
    const key = room.key();
    const { host, widget } = await openAt(key);
    const sent = good(
      await widget.call("sendEvent", { type: MEMBER, stateKey: key, content: { a: [1, { b: null }] } }),
    );
    const [event] = await room.eventsWithKey(key);
    assert.deepEqual(sent, { roomId: config.roomId, eventId: event.event_id });
    assert.deepEqual(event.content, { a: [1, { b: null }] });
    const [request] = await host.requests("send_event");
    assert.deepEqual(Object.keys(request.data).sort(), ["content", "room_id", "state_key", "type"]);
  });
}

test("a token verb without homeserverUrl is invalid, names homeserverUrl and posts nothing", async () => {
  const key = room.key();
  const { page, host, widget } = await openHost({
    lib: "first-draft",
    options: options(key, { homeserverUrl: undefined }),
  });
  good(await widget.ready());
  good(await widget.schedule("leave", { type: MEMBER, stateKey: key, content: {}, timeoutMs: 60_000 }));
  const posted = [];
  page.on("request", (request) => posted.push(request.url()));
  const before = (await host.wire()).length;
  for (const verb of ["refresh", "send", "cancel"]) {
    const error = refused(await widget.verb("leave", verb), "invalid");
    assert.match(`${error.message} ${error.hint}`, /homeserverUrl/);
  }
  assert.deepEqual(posted, []);
  assert.equal((await host.wire()).length, before);
});

test("a token goes to the homeserver without login, cookies or referrer", async () => {
  const key = room.key();
  const { page, widget } = await openHost({ lib: "first-draft", options: options(key) });
  good(await widget.ready());
  const { refreshToken } = good(
    await widget.schedule("leave", { type: MEMBER, stateKey: key, content: {}, timeoutMs: 60_000 }),
  );
  const posts = [];
  page.on("request", (request) => {
    if (request.method() === "POST") posts.push(request);
  });
  good(await widget.refresh("leave"));
  const urls = posts.map((request) => request.url());
  assert.deepEqual(urls, [`${config.homeserver}_matrix/client/v3/future/${refreshToken}`]);
  const headers = await posts[0].allHeaders();
  for (const name of ["authorization", "cookie", "referer"]) assert.equal(headers[name], undefined, name);
});

test("no token ever reaches the console, nor what a page would log of a future", async () => {
  const key = room.key();
  const handle = await openHost({ lib: "first-draft", options: options(key) });
  const { widget } = handle;
  good(await widget.ready());
  const { sendToken, cancelToken, refreshToken } = good(
    await widget.schedule("leave", { type: MEMBER, stateKey: key, content: {}, timeoutMs: 60_000 }),
  );
  good(await widget.refresh("leave"));
  good(await widget.cancel("leave"));
  const error = refused(await widget.refresh("leave"), "spent");
  const shown = await widget.frame.evaluate(() => {
    const future = window.futures.leave;
    console.log("future", future);
    const own = Object.values(Object.getOwnPropertyDescriptors(future)).map((descriptor) =>
      String(descriptor.value),
    );
    return [JSON.stringify(future), String(future), ...own].join("\n");
  });
  const logged = await Promise.all(
    handle.console.flatMap((message) => [
      message.text(),
      ...message.args().map((argument) => argument.jsonValue()),
    ]),
  );
  assert.ok(logged.length > 0, "the console was not heard");
  const everything = [shown, inspect(logged, { depth: 9 }), inspect(error)].join("\n");
  for (const token of [sendToken, cancelToken, refreshToken]) {
    assert.ok(token.length > 8);
    assert.ok(!everything.includes(token), "a token can be read");
  }
});
