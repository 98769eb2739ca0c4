/**
 * Pages that end while their leave may be spent: it has fired and they do not know, and their state went out again on top of
 * it. Whatever is lost then, the room must end in left. On a real Synapse: web/interop/truth-spent.test.mjs.
 */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { good, sleep, world } from "./harness.mjs";
import { eventually, families, JOINED, MEMBER, opener, withEach } from "./keeping.mjs";

const all = await world();
const { room } = all;
const open = opener(all);
const [, current] = families;

const TIMEOUT_MS = 2000;
const SLACK_MS = 1500;
const ROUNDS = 2;
/** How long after the update the page ends. */
const END_MS = 30;

/** The host does not tell the page of its leave, and its requests fail while the homeserver is away. */
const troubled = { feed: false, expect: [/blocked by CORS policy/] };

afterEach(() => room.heal());

async function openHeld(family, extra, timeoutMs = TIMEOUT_MS) {
  const key = room.key();
  const handle = await open(family, { ...troubled, ...extra });
  good(await handle.widget.hold("it", { type: MEMBER, stateKey: key, content: JOINED, timeoutMs }));
  return { ...handle, family, key };
}

/** Starts an update of each hold when its leave has fired in an outage, and ends its page soon after. */
async function endAfterOutage(site, end) {
  // All pages here have one address, which would be locked out together for the spent tokens of some.
  await room.administer({ options: { maxWrongTokens: 1000 } });
  const rounds = families.flatMap((family) => Array.from({ length: ROUNDS }, () => family));
  const held = await Promise.all(rounds.map((family) => openHeld(family, { site })));
  await room.administer({ faults: { down: "abort" } });
  await sleep(TIMEOUT_MS + 300);
  await room.administer({ faults: {} });
  await Promise.all(held.map(startUpdate));
  await sleep(END_MS);
  await Promise.all(held.map(end));
  await sleep(TIMEOUT_MS + SLACK_MS);
  await withEach(
    held,
    ({ family }) => family.name,
    async ({ key }) => {
      const contents = await room.contents(key);
      assert.deepEqual(
        contents.slice(0, 2),
        [JOINED, {}],
        `no leave in the outage: ${JSON.stringify(contents)}`,
      );
      await endsLeft(key);
    },
  );
}

/** Does not wait for its end. */
function startUpdate({ widget }) {
  return widget.frame.evaluate(() => void window.holdVerb("it", "update", { updated: true }));
}

/** Whatever was under way: then the state is left. */
async function endsLeft(key) {
  const left = async () => Object.keys((await room.contents(key)).at(-1)).length === 0;
  await eventually("left", left, { within: 3000 }).catch(async () =>
    assert.fail(`the room does not end in left: ${JSON.stringify(await room.contents(key))}`),
  );
}

test("a state that was updated when its leave had fired is left by a page that is killed at once", () =>
  endAfterOutage("cross", ({ widget }) => widget.crash()));

test("a page that is removed when its leave may be spent leaves", () =>
  endAfterOutage("same", ({ host }) => host.removeWidget()));

for (const [generation, says] of [
  ["synapse-1.163", "is gone"],
  ["merged", "went well"],
]) {
  for (const [how, end] of [
    ["release", async ({ widget }) => good(await widget.release("it"))],
    ["a page that is removed", ({ host }) => host.removeWidget()],
  ]) {
    test(`${how} leaves after a leave that fired unnoticed and an update, where sending it again ${says}`, async () => {
      await room.administer({ options: { generation } });
      // So long that no refresh falls into it; and the one after the update finds nothing out.
      const handle = await openHeld(current, {}, 60_000);
      const [{ secret }] = await room.scheduled(handle.key);
      await room.act(secret, "send");
      await room.administer({ faults: { status: 500, only: "/restart" } });
      await startUpdate(handle);
      await eventually("the update is in the room", async () =>
        (await room.contents(handle.key)).some(({ updated }) => updated),
      );
      await end(handle);
      await endsLeft(handle.key);
      await sleep(500);
      await endsLeft(handle.key);
    });
  }
}

test("a page that is removed while its state is on the way to a slow homeserver leaves, though the state comes last", async () => {
  const handle = await openHeld(current);
  const slow = { slowMs: 1000, only: handle.key, times: 1 };
  await room.administer({ faults: slow });
  await startUpdate(handle);
  await eventually("it is on the way", async () => (await room.administer({})).faults.slowMs === 0);
  await handle.host.removeWidget();
  const isUpdate = ({ updated }) => updated;
  await eventually("the state comes", async () => (await room.contents(handle.key)).some(isUpdate));
  await sleep(TIMEOUT_MS);
  await endsLeft(handle.key);
});
