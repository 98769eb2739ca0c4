/**
 * A page that comes back before the leave of the page before it has fired: it holds the same state with the same content, so
 * Synapse writes nothing new, and then the old leave goes off on top of what is held. The room must not stay wrong.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eventually, JOINED } from "../test/keeping.mjs";
import { ROUNDS, rounds } from "./rounds.mjs";
import { good, sleep, world } from "./world.mjs";

const { openCase } = await world("raised");

const TIMEOUT_MS = 6000;
/** A refresh is due that often; after one the room must be right again, but for what a busy machine adds. */
const REFRESH_MS = TIMEOUT_MS / 4;
const SLACK_MS = 2000;
/** A busy machine may open the new page too slowly for the old leave; then the round begins anew. */
const TRIES = 4;

/** Ends after which no leave arrives, for a frame of another site without homeserverUrl, and the page that comes then. */
const ends = {
  "the host removes the iframe": async (opened) => {
    await opened.page.evaluate(() => window.removeWidget());
    await opened.comeBack();
  },
  "its process is killed": async (opened) => {
    await opened.crash();
    await opened.comeBack({ inNewTab: true });
  },
  "the host page is loaded anew": (opened) => opened.comeBack(),
};

/** When the page that came back asks for its hold. */
const moments = {
  "right at connect": async () => {},
  "after its host has told it of the state": async (opened, key) => {
    good(await opened.widget.ready());
    await eventually("the host tells of the state", () => toldAt(opened, key, isJoined));
  },
};

const isJoined = (content) => content.joined === true;
const isLeave = (content) => Object.keys(content).length === 0;

/** When the host first told its widget that the state of that key is so (ms epoch). */
async function toldAt({ page }, key, is) {
  const wire = await page.evaluate(() => window.wire);
  return wire.find(({ direction, message: { data, response } }) => {
    if (direction !== "host>widget" || response) return false;
    return (data.state ?? [data]).some((event) => event.state_key === key && is(event.content));
  })?.t;
}

/** A page that came back in time, with its hold; the leave of the page before it is still to come. */
async function cameBack(t, endAndComeBack, moment) {
  for (let tries = 1; ; tries++) {
    const opened = await openCase(t, { site: "cross", homeserverUrl: false });
    const { key, future } = await opened.held("h", { timeoutMs: TIMEOUT_MS, content: JOINED });
    await endAndComeBack(opened);
    await moment(opened, key);
    await opened.held("h", { timeoutMs: TIMEOUT_MS, content: JOINED, stateKey: key });
    const scheduled = await opened.room.scheduled(key);
    if (scheduled.some(({ delay_id }) => delay_id === future.delayId)) return { opened, key };
    assert.ok(tries < TRIES, "the page never came back in time");
  }
}

async function backBeforeTheLeave(t, endAndComeBack, moment) {
  const { opened, key } = await cameBack(t, endAndComeBack, moment);
  const { room } = opened;
  const within = TIMEOUT_MS + 5000;
  await eventually("the old leave fires", async () => (await room.leaves(key)).length > 0, { within });
  assert.deepEqual((await room.contents(key)).slice(0, 2), [JOINED, {}], "the state was written twice");
  const told = await eventually("the host tells of the leave", () => toldAt(opened, key, isLeave));
  const back = await eventually(
    "the state is in the room again",
    async () => {
      const last = (await room.eventsWithKey(key)).at(-1);
      return isJoined(last.content) && last.origin_server_ts;
    },
    { within: REFRESH_MS + 2 * SLACK_MS },
  );
  assert.ok(back - told <= REFRESH_MS + SLACK_MS, `back only ${back - told} ms after the host was told`);
  await eventually("it is held", async () => (await opened.described("h")).status === "held");
  await sleep(TIMEOUT_MS + SLACK_MS);
  const { status, future } = await opened.described("h");
  assert.equal(status, "held");
  assert.deepEqual(await room.current(key), JOINED, "the state did not stay");
  assert.deepEqual(
    (await room.scheduled(key)).map((event) => event.delay_id),
    [future.delayId],
  );
  good(await opened.release("h"));
  assert.deepEqual(await room.current(key), {});
  return back - told;
}

describe("back before the old leave", () => {
  for (const [how, endAndComeBack] of Object.entries(ends)) {
    for (const [when, moment] of Object.entries(moments)) {
      test(`a page that is back before the old leave fires stays in the room: ${how}, held ${when}`, async (t) => {
        const took = [];
        await rounds(async () => took.push(await backBeforeTheLeave(t, endAndComeBack, moment)));
        t.diagnostic(
          `${ROUNDS} rounds at timeout ${TIMEOUT_MS} ms: the state was back ${Math.min(...took)} … ` +
            `${Math.max(...took)} ms after the host had told of the old leave`,
        );
      });
    }
  }
});
