/**
 * A page that comes back before the leave of the page before it has fired: it holds the same state with the same content, so
 * the homeserver writes nothing new, and then the old leave goes off on top of what is held. The room must not stay wrong.
 * On a real Synapse: web/interop/truth-back.test.mjs.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { good, sleep, world } from "./harness.mjs";
import { eventually, families, JOINED, MEMBER, opener, withEach } from "./keeping.mjs";

const all = await world();
const { config, room } = all;
const open = opener(all);
const [firstDraft, current] = families;

const TIMEOUT_MS = 2400;
const PATIENT_MS = 60_000;
const REFRESH_MS = TIMEOUT_MS / 4;
const SLACK_MS = 1500;

const isJoined = (content) => content.joined === true;
const isLeave = (content) => Object.keys(content).length === 0;

/** Ends after which no leave arrives. Tokens need homeserverUrl, so with them only a crash is one. */
const crashed = { how: "killed", end: ({ widget }) => widget.crash() };
const removed = {
  how: "removed",
  end: ({ host }) => host.removeWidget(),
  options: { homeserverUrl: undefined },
};
/** Two rounds with each family, at once. More hosts that are told of the room would take all connections of the browser. */
const rounds = [
  { family: firstDraft, ...crashed },
  { family: firstDraft, ...crashed },
  { family: current, ...crashed },
  { family: current, ...removed },
];

/** When the page that came back asks for its hold. */
const moments = {
  "right at connect": async () => {},
  "after its host has told it of the state": async ({ host, widget }, key, family) => {
    good(await widget.ready());
    // The first draft's host tells of what happens only.
    if (family === current) await eventually("the host tells of it", () => toldAt(host, key, isJoined));
  },
};

/** When the host first told its widget that the state of that key is so (ms epoch). */
async function toldAt(host, key, is) {
  const told = (await host.wire()).find(({ direction, message: { data, response } }) => {
    if (direction !== "host>widget" || response) return false;
    return (data.state ?? [data]).some((event) => event.state_key === key && is(event.content));
  });
  return told?.t;
}

const member = (key, timeoutMs) => ({ type: MEMBER, stateKey: key, content: JOINED, timeoutMs });

/** A page that holds, and which leave it has scheduled: one that waits for the next page, however slow the machine is. */
async function openHeld({ family, options, ...round }) {
  const key = room.key();
  const { host, widget } = await open(family, { site: "cross", options, feed: false });
  good(await widget.hold("it", member(key, PATIENT_MS)));
  return { ...round, family, options, key, host, widget, future: (await widget.holdNow("it")).future };
}

/** The server sends the leave, as if its time were over. */
function fire({ delayId, sendToken }) {
  if (delayId) return room.act(delayId, "send");
  return room.request("POST", `_matrix/client/v3/future/${sendToken}`, {}, config.accessToken);
}

/** The page after that. */
async function openAgain({ family, options, key }, moment) {
  const { host, widget } = await open(family, { site: "cross", options, ready: false });
  await moment({ host, widget }, key, family);
  good(await widget.hold("it", member(key, TIMEOUT_MS)));
  return { host, widget };
}

async function staysInTheRoom({ host, widget }, key) {
  const told = await eventually("the host tells of the leave", () => toldAt(host, key, isLeave));
  const again = await eventually("the state is in the room again", async () => {
    const last = (await room.eventsWithKey(key)).at(-1);
    return isJoined(last.content) && last.origin_server_ts;
  });
  assert.ok(again - told <= REFRESH_MS + SLACK_MS, `back only ${again - told} ms after the host was told`);
  await widget.waitForStatus("it", "held");
  await sleep(TIMEOUT_MS + 500);
  assert.equal((await widget.holdNow("it")).status, "held");
  assert.deepEqual((await room.contents(key)).at(-1), JOINED, "the state did not stay");
  assert.equal((await room.scheduled(key)).length, 1);
}

for (const [when, moment] of Object.entries(moments)) {
  test(`a page that is back before the old leave fires stays in the room, if it holds ${when}`, async () => {
    const before = await Promise.all(rounds.map(openHeld));
    await Promise.all(before.map((page) => page.end(page))); // frames of one site may share the process that dies
    const back = await Promise.all(before.map((page) => openAgain(page, moment)));
    for (const { key } of before) assert.deepEqual(await room.contents(key), [JOINED]);
    await Promise.all(before.map(({ future }) => fire(future)));
    const nameOf = ({ family, how }) => `${family.name}, ${how}`;
    await withEach(before, nameOf, ({ key }, n) => staysInTheRoom(back[n], key));
  });
}
