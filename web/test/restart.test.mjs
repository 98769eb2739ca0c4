/**
 * holdState when the process of the homeserver is killed and started again from its journal, on the same ports: a short
 * restart is nothing to a hold, a long one costs it what being away for so long always does.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { good, sleep, world } from "./harness.mjs";
import { families, JOINED, MEMBER, opener, steady } from "./keeping.mjs";

const dir = mkdtempSync(join(tmpdir(), "restart-"));
after(() => rmSync(dir, { recursive: true }));

const all = await world({ journal: join(dir, "journal") });
const { room, server } = all;
const open = opener(all);

/** One page per family, each of which holds a key of its own. */
async function openHeld(timeoutMs) {
  const one = async (family) => {
    const key = room.key();
    const handle = await open(family, { feed: false, expect: [/blocked by CORS policy/] });
    const spec = { type: MEMBER, stateKey: key, content: JOINED, timeoutMs };
    assert.equal(good(await handle.widget.hold("member", spec)).status, "held");
    return { ...handle, name: family.name, key };
  };
  return Promise.all(families.map(one));
}

test("a hold keeps its membership and its leave through a short restart", async () => {
  const timeoutMs = 12_000;
  const held = await openHeld(timeoutMs);
  const leaves = await Promise.all(held.map(({ key }) => room.scheduled(key)));
  const known = await room.timeline();
  await server.kill();
  const killed = Date.now();
  await sleep(1000);
  await server.startAgain();
  assert.ok(Date.now() - killed < timeoutMs / 2, "this machine was too slow for a short restart");
  assert.deepEqual(
    (await room.timeline()).map(({ event_id }) => event_id),
    known.map(({ event_id }) => event_id),
  );
  await sleep(killed + 1.5 * timeoutMs - Date.now());
  for (const [n, { name, key, widget }] of held.entries()) {
    assert.deepEqual(await room.contents(key), [JOINED], name);
    assert.deepEqual(await room.scheduled(key), leaves[n], `${name}: the leave is another one`);
    assert.equal((await widget.holdNow("member")).status, "held", name);
    steady(await widget.statuses("member"), name);
  }
});

test("after a restart that took longer than the timeout the leave was sent once, and the hold schedules another and joins again", async () => {
  const timeoutMs = 3000;
  const held = await openHeld(timeoutMs);
  await server.kill();
  await sleep(timeoutMs + 1000);
  await server.startAgain();
  for (const { name, key, widget } of held) {
    // Many pages come back to a server that was away: each waits up to a timeout before it writes.
    await room.waitForEvents(key, 3, { within: timeoutMs + 5000 });
    await widget.waitForStatus("member", "held");
    assert.deepEqual(await room.contents(key), [JOINED, {}, JOINED], name);
  }
  await sleep(timeoutMs + 1000);
  for (const { name, key, widget } of held) {
    assert.deepEqual(await room.contents(key), [JOINED, {}, JOINED], name);
    assert.equal((await room.scheduled(key)).length, 1, name);
    assert.equal((await widget.holdNow("member")).status, "held", name);
    good(await widget.release("member"));
    assert.deepEqual(await room.contents(key), [JOINED, {}, JOINED, {}], name);
  }
});
