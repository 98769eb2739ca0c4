/**
 * The demo's host page on a real Synapse, connected through its form as a person would: by URL, user and password. What it
 * shows of delayed events it has put together for itself there, since Synapse does not tell.
 */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { barOf, join, REPORTS, shows } from "../test/demo-kit.mjs";
import { sleep, world } from "../test/harness.mjs";
import { SynapseRoom, TYPE } from "./room.mjs";
import { startSynapse } from "./synapse.mjs";

const TIMEOUT_MS = 6000;
const { config, openPage } = await world();
const started = await Promise.all(["raised", "withoutDelayedEvents"].map(startSynapse));
after(() => Promise.all(started.map(({ end }) => end())));
const [raised, withoutDelayedEvents] = started.map(({ synapse }) => synapse);
let users = 0;

/** Opens the demo and its form; what the page sends to the Synapse is kept. */
async function openForm() {
  const { page } = await openPage(config.host, { expect: [...REPORTS, /net::ERR/, /CORS/] });
  const tokens = new Set();
  page.on("request", (request) => {
    const token = request.headers().authorization?.replace("Bearer ", "");
    if (token && request.url().startsWith(raised.baseUrl)) tokens.add(token);
  });
  await page.waitForSelector("iframe");
  await page.click("#more > summary");
  await page.check("input[name=connect-where][value=synapse]");
  return { page, tokens };
}

const register = (synapse, who) => synapse.register(`${who}.${process.pid}.${++users}`);

async function fill(page, fields) {
  for (const [name, value] of Object.entries(fields)) await page.fill(`#connect-${name}`, value);
}

const byPassword = ({ userId, password }) => ({ "login-user": userId, "login-password": password });

async function connect(page, synapse, user, moderator) {
  await fill(page, { url: synapse.baseUrl, ...byPassword(user) });
  if (moderator) {
    await page.check("input[name=connect-moderator][value=password]");
    await fill(page, { "moderator-user": moderator.userId, "moderator-password": moderator.password });
  }
  await page.click("#connect-submit");
  await shows(page, "#connect-said", `Connected as ${user.userId}`, { within: 30_000 });
  const roomId = /the room (!.*)\.$/.exec(await page.textContent("#connect-said"))[1];
  return { roomId };
}

/** The widget in today's host, once it may be used. */
async function widgetOf(page) {
  assert.ok(
    await page.isDisabled("#host option[value=first-draft]"),
    "a Synapse has never served that draft",
  );
  assert.equal(await page.inputValue("#host"), "mwa-1.19.0");
  const frame = await (await page.waitForSelector("iframe")).contentFrame();
  await frame.waitForSelector("#join:not([disabled])");
  return frame;
}

/** The whole of a call: connects, joins, and gives what asks the Synapse past the page. */
async function inCall() {
  const [alice, moderator] = await Promise.all(["alice", "moderator"].map((who) => register(raised, who)));
  const { page, tokens } = await openForm();
  const { roomId } = await connect(page, raised, alice, moderator);
  const room = new SynapseRoom({ homeserver: raised.baseUrl, roomId, ...alice, moderator });
  const frame = await widgetOf(page);
  await frame.fill("#hold-timeout", String(TIMEOUT_MS));
  await join(frame);
  await shows(frame, "#hold-status", "held");
  const [{ state_key: key }] = await room.delayedEvents();
  await shows(page, "#members", alice.userId);
  return { page, tokens, frame, room, key, bar: barOf(page, "Leave the call") };
}

const whoami = async (token) =>
  (
    await fetch(new URL("_matrix/client/v3/account/whoami", raised.baseUrl), {
      headers: { Authorization: `Bearer ${token}` },
    })
  ).status;

async function loggedOut(token) {
  for (let i = 0; (await whoami(token)) === 200; i++) {
    assert.ok(i < 100, "still logged in");
    await sleep(50);
  }
}

test("the leave of a widget in the demo is a bar that is pushed back, and fires in time when the widget crashes", async () => {
  const { page, room, key, bar } = await inCall();
  await bar.locator(".chip", { hasText: "running" }).waitFor();
  await bar.locator(".facts", { hasText: /pushed back [2-9] ×/ }).waitFor();
  assert.equal((await room.leaves(key)).length, 0);
  const crashedAt = Date.now();
  await page.click("#crash");
  // The last refresh was at most a quarter of the timeout old.
  const seen = await room.leftAt(key, { within: TIMEOUT_MS });
  assert.ok(seen - crashedAt > 0.6 * TIMEOUT_MS, `left ${seen - crashedAt} ms after the crash`);
  await bar.locator(".chip", { hasText: "fired" }).waitFor();
  await shows(page, "#members", "Nobody.");
  assert.deepEqual(await room.delayedEvents(), []);
});

test("what a person does in the demo on a Synapse ends as what it was", async () => {
  const { page, frame, bar } = await inCall();
  await page.click("#kick");
  await shows(frame, "#hold-status", "displaced");
  await bar.locator(".chip", { hasText: /overwritten|cancelled/ }).waitFor();
  for (const [verb, word] of [
    ["Send", "sent"],
    ["Cancel", "cancelled"],
  ]) {
    await frame.fill("#type", TYPE);
    await frame.fill("#key", `_by_hand_${verb}`);
    await frame.fill("#timeout", "60000");
    await frame.click("#schedule");
    const row = frame.locator("#futures .future", { hasText: `_by_hand_${verb}` });
    await row.getByRole("button", { name: verb, exact: true }).click();
    await shows(frame, "#futures", word);
    await barOf(page, `_by_hand_${verb}`).locator(".chip", { hasText: word }).waitFor();
  }
  await frame.fill("#key", "_untouched");
  await frame.fill("#timeout", "1000");
  await frame.click("#schedule");
  await barOf(page, "_untouched").locator(".chip", { hasText: "fired" }).waitFor();
});

test("a login that the form has made is over when the page ends, and nothing of it is kept", async () => {
  const { page, tokens } = await inCall();
  const kept = await page.evaluate(() => [location.href, localStorage.length, sessionStorage.length]);
  assert.deepEqual(kept, [config.host, 0, 0]);
  assert.equal(tokens.size, 2);
  for (const token of tokens) assert.equal(await whoami(token), 200);
  await page.goto("about:blank");
  for (const token of tokens) await loggedOut(token);
});

test("back at the embedded homeserver the login is over too; one by token is not", async () => {
  const alice = await register(raised, "alice");
  const { page, tokens } = await openForm();
  const { roomId } = await connect(page, raised, alice);
  const [token] = tokens;
  await shows(page, "#connect-notes", "no moderator");
  assert.ok(await page.isDisabled("#kick"));
  await page.check("input[name=connect-where][value=embedded]");
  await loggedOut(token);
  await page.check("input[name=connect-where][value=synapse]");
  await page.check("input[name=connect-login][value=token]");
  await fill(page, { "login-token": alice.accessToken, room: roomId });
  await page.click("#connect-submit");
  await shows(page, "#connect-said", `Connected as ${alice.userId}, in the room ${roomId}.`);
  await page.check("input[name=connect-where][value=embedded]");
  const frame = await (await page.waitForSelector("iframe")).contentFrame();
  await frame.waitForSelector("#join:not([disabled])");
  assert.equal(await whoami(alice.accessToken), 200);
});

test("what is wrong in the form is a sentence beside its field", async () => {
  const alice = await register(raised, "alice");
  const { page } = await openForm();
  const good = { url: raised.baseUrl, ...byPassword(alice), room: "" };
  for (const [fields, part, text] of [
    [{ url: "" }, "url", /^The homeserver's URL is missing\.$/],
    [{ url: "matrix.example.org" }, "url", /^That is no URL/],
    [{ url: "http://127.0.0.1:1" }, "url", /^Nothing that this page may read answers there/],
    [
      { url: `${config.host}nothing` },
      "url",
      /^Nothing that this page may read|^.* answers, but not as a Matrix/,
    ],
    [{ "login-password": "" }, "login", /^The password is missing\.$/],
    [
      { "login-password": "wrong" },
      "login",
      /^The homeserver does not let this user in: .*\(M_FORBIDDEN\)\.$/,
    ],
    [{ room: "#nowhere:interop.test" }, "room", /into the room: .*\(M_NOT_FOUND\)\.$/],
  ]) {
    await fill(page, { ...good, ...fields });
    await page.click("#connect-submit");
    await page.waitForFunction(
      (id) => document.querySelector(id).textContent !== "",
      `#connect-${part}-error`,
    );
    assert.match(await page.textContent(`#connect-${part}-error`), text);
    const [field] = Object.keys(fields);
    assert.equal(await page.getAttribute(`#connect-${field}`, "aria-invalid"), "true");
    assert.equal(await page.locator("#connect .error:not(:empty)").count(), 1, "one sentence at a time");
  }
});

test("a Synapse without delayed events is told of, with what switches them on, and its refusal is a sentence", async () => {
  const alice = await register(withoutDelayedEvents, "alice");
  const { page } = await openForm();
  await connect(page, withoutDelayedEvents, alice);
  await shows(page, "#connect-notes", "max_event_delay_duration: 24h");
  const frame = await widgetOf(page);
  await join(frame);
  await shows(frame, "#hold-error", "(matrix)");
  await shows(frame, "#hold-status", "not in the call");
});
