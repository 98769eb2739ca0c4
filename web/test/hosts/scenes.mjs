/**
 * What is done with every host of the table, and how it is told: a scene returns cells, each a few words about what was
 * observed, all the same wherever it was played. Nothing here knows what a host ought to do: that stands in table.mjs.
 * What no host may do, whichever it is, is asserted here.
 */
import assert from "node:assert/strict";
import { good } from "../harness.mjs";
import { eventually } from "../keeping.mjs";
import { insist } from "./dialects.mjs";
import { late } from "./late.mjs";
import { recorded } from "./recorded.mjs";
import { fired, leave, MEMBER, outcome, plain, posted, same } from "./telling.mjs";

/** Long enough for what has to happen before it is over, on a busy machine too. */
const TIMEOUT_MS = 8000;
const SHORT_MS = TIMEOUT_MS / 2;
const DELAYED = ["org.matrix.msc4157.send.delayed_event", "org.matrix.msc4157.update_delayed_event"];
const TOO_LONG_MS = 2 ** 31 - 1;
const MANAGE = "_matrix/client/unstable/org.matrix.msc4140/delayed_events";

/** Where a scene is played. */
const everywhere = ["load", "content"].flatMap((wait) => ["same", "cross"].map((site) => ({ wait, site })));
const bothWaits = everywhere.filter(({ site }) => site === "same");
const onContent = bothWaits.filter(({ wait }) => wait === "content");

/** Four futures: one is left alone, one refreshed, one cancelled, one sent. */
async function life({ open, room, config, count }) {
  const { host, widget } = await open();
  const keys = ["alone", "refreshed", "cancelled", "sent"].map(() => room.key());
  const [alone, refreshed, cancelled, sent] = keys;
  const first = await widget.schedule(alone, leave(alone, SHORT_MS));
  if (!first.ok) {
    assert.equal(await posted(host, widget), 0);
    assert.deepEqual(await room.eventsWithKey(alone), []);
    good(await widget.call("sendEvent", plain(alone)));
    assert.deepEqual(await room.contents(alone), [plain(alone).content]);
    return { auto: `${outcome(first)}, nothing posted` };
  }
  const rest = await Promise.all([
    widget.schedule(refreshed, leave(refreshed, TIMEOUT_MS)),
    widget.schedule(cancelled, leave(cancelled, TIMEOUT_MS)),
    widget.schedule(sent, leave(sent)),
  ]);
  const futures = [first, ...rest].map(good);
  const [request] = await host.requests("send_event");
  const { timeoutMs, stateKey, ...event } = leave(alone, SHORT_MS);
  const data = { ...event, state_key: stateKey, room_id: config.roomId, delay: timeoutMs };
  assert.deepEqual(request.data, data);
  const [receipt] = await host.answers("send_event");
  assert.equal(receipt.delay_id, futures[0].delayId);

  const cancel = await widget.cancel(cancelled);
  const send = await widget.send(sent);
  await room.waitForEvents(sent, 1);
  const again = [await widget.send(sent), await widget.cancel(sent), await widget.refresh(cancelled)];
  const aloneEnd = await fired(room, alone, futures[0].expiresAt, count);
  const gone = await widget.refresh(alone);
  const refresh = await widget.refresh(refreshed);
  const { expiresAt } = await widget.future(refreshed);
  if (refresh.ok) assert.ok(expiresAt >= futures[0].expiresAt + TIMEOUT_MS, "the refresh has moved nothing");
  const refreshedEnd = await fired(room, refreshed, expiresAt, count);
  assert.deepEqual(await room.contents(sent), [leave(sent).content]);
  assert.deepEqual(await verbsOnTheWire(host), ["cancel", "restart", "restart", "send"]);
  return {
    auto: `scheduled (\`${futures[0].dialect}\`)`,
    receipt: Object.keys(receipt)
      .map((name) => `\`${name}\``)
      .join(", "),
    alone: aloneEnd,
    refresh: `${outcome(refresh)}, ${refreshedEnd}`,
    cancel: `${outcome(cancel)}, ${(await room.eventsWithKey(cancelled)).length === 0 ? "never sent" : "SENT"}`,
    send: `${outcome(send)}, in the room at once`,
    again: same(again),
    gone: outcome(gone),
  };
}

/** What was asked of futures that the page had, beside the probe; a verb on one that is known to be spent never is. */
async function verbsOnTheWire(host) {
  const requests = await host.requests("org.matrix.msc4157.update_delayed_event");
  return requests
    .filter(({ data }) => data.delay_id !== "")
    .map(({ data }) => data.action)
    .sort();
}

/** Everything is denied. */
async function denied({ open, room }) {
  const key = room.key();
  const { host, widget } = await open({ grant: "none" });
  const future = await widget.schedule("leave", leave(key));
  for (const capability of DELAYED)
    assert.ok(future.missing?.includes(capability), `missing: ${future.missing}`);
  const event = await widget.call("sendEvent", plain(key));
  assert.equal(await posted(host, widget), 0);
  assert.deepEqual(await host.driverCalls(), []);
  assert.deepEqual(await room.eventsWithKey(key), []);
  return { denied: `${same([future, event])}, nothing posted` };
}

/** What the homeserver refuses, what cannot be reached, and a future that is gone before its time. */
async function errors({ open, room, config }) {
  const { page, widget } = await open();
  const key = room.key();
  const tooLong = await widget.schedule("long", leave(key, TOO_LONG_MS));

  const homeserver = new URL("**", config.homeserver).href;
  await page.route(homeserver, (route) => route.abort());
  const unreachable = await widget.call("sendEvent", plain(key));
  await page.unroute(homeserver);
  good(await widget.call("sendEvent", plain(key)));

  const unknown = await widget.call("request", "org.example.unknown", {});
  const told = { unreachable: outcome(unreachable), unknown: outcome(unknown) };
  if (tooLong.code === "unsupported") return told;

  const { delayId } = good(await widget.schedule("kept", leave(key, TIMEOUT_MS)));
  good(await widget.keep("kept", { everyMs: TIMEOUT_MS / 8 }));
  await room.request("POST", `${MANAGE}/${delayId}/cancel`, {}, config.accessToken);
  const notices = async () => {
    const { status } = await widget.keepNow("kept");
    return status !== "alive" && status !== "atRisk" && status;
  };
  const ended = await eventually("the keepAlive notices", notices, { within: 3 * TIMEOUT_MS });
  await widget.stop("kept");

  // It retries what might pass until its deadline.
  const held = await widget.hold(
    "held",
    { ...plain(key), timeoutMs: TOO_LONG_MS },
    { deadlineMs: TIMEOUT_MS },
  );
  const shortened = held.ok && held.value.timeoutMs < TOO_LONG_MS;
  if (held.ok) good(await widget.release("held"));
  return {
    ...{ ...told, tooLong: outcome(tooLong), kept: `\`${ended}\`` },
    holdTooLong: `${outcome(held)}${shortened ? ", with a shorter one" : ""}`,
  };
}

/** What else a page asks of a host, or hears from it. */
async function further({ open, room, said }) {
  const sticky = { type: "org.example.sticky", content: {}, timeoutMs: 60_000, stickyDurationMs: 60_000 };
  const capabilities = [
    ...["send", "receive"].map((way) => `org.matrix.msc2762.${way}.state_event:${MEMBER}`),
    `org.matrix.msc2762.send.event:${sticky.type}`,
    "org.matrix.msc4407.send.sticky_event",
  ];
  const { page, host, widget } = await open({ options: { capabilities } });
  const key = room.key();
  good(await widget.call("sendEvent", plain(key)));

  const future = await widget.schedule("sticky", { ...sticky, allowUnencrypted: true });
  const asked = (await host.driverCalls()).at(-1).method;
  if (future.ok) good(await widget.cancel("sticky"));

  const later = { ...plain(key), type: "org.example.later" };
  good(await widget.call("requestCapabilities", [`org.matrix.msc2762.send.state_event:${later.type}`]));
  const grantedLater = await widget.call("sendEvent", later);

  const toWidget = async () =>
    (await host.wire())
      .filter(({ direction, message }) => direction === "host>widget" && message.response === undefined)
      .map(({ message }) => message.action);
  const before = await toWidget();
  const [event] = await room.eventsWithKey(key);
  await page.evaluate((event) => window.feed(event), event);
  await widget.settle();
  const hears = (await toWidget()).slice(before.length).map((action) => `\`${action}\``);

  await widget.frame.evaluate((event) => parent.postMessage(event, "*"), {
    ...{ api: "fromWidget", widgetId: "w1", requestId: "again", action: "content_loaded", data: {} },
  });
  await widget.settle();
  const answers = (await host.answers("content_loaded")).length - 1;
  const throws = said.some((text) => /uncaught: Improper sequence/.test(text));
  return {
    sticky: future.ok
      ? `scheduled, ${asked === "sendDelayedStickyEvent" ? "as a sticky one" : "but **not as a sticky one**"}`
      : outcome(future),
    later: outcome(grantedLater),
    start: before.includes("update_state") ? "`update_state`" : "nothing",
    hears: hears.join(", "),
    loadedAgain: `${answers === 0 ? "no answer" : "an answer"}${throws ? "; an error on the host's console" : ""}`,
  };
}

/** Chromium reports every answer with an error status, and the library every refusal of the homeserver. */
const FAILED = /Failed to load resource/;
const NOT_SENT = /error sending event/;
const NOT_UPDATED = /error updating delayed event/;

export const scenes = [
  {
    name: "a wasm that comes eleven seconds late",
    places: bothWaits,
    play: late(11_000),
    noise: [/timed out waiting for contentLoaded/],
  },
  { name: "a wasm that comes three seconds late", places: bothWaits, play: late(3000) },
  { name: "the life of four futures", places: everywhere, play: life, noise: [FAILED, NOT_UPDATED] },
  { name: "everything denied", places: everywhere, play: denied },
  { name: "errors", places: onContent, play: errors, noise: [FAILED, NOT_SENT, NOT_UPDATED] },
  { name: "further requests", places: onContent, play: further, noise: [/uncaught: Improper sequence/] },
  ...["delayed", "delayed-dotted", "futures", "futures-prefixed", "none"].map((dialect) => ({
    ...{ name: `dialect "${dialect}"`, places: onContent, play: insist(dialect) },
  })),
  {
    ...{ name: "what was recorded", only: "replay", places: onContent, play: recorded },
    noise: [/the recording of .* has nothing like this: send_event/],
  },
];
