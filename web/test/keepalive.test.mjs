/**
 * keepAlive in a real browser, end to end: tokens of the first draft over HTTP, delay ids through the real
 * `ClientWidgetApi` 1.19.0.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { good, refused, sleep, world } from "./harness.mjs";
import { families, MEMBER, onBoth, opener, steady } from "./keeping.mjs";

const all = await world();
const { config, room } = all;
const open = opener(all);

const TIMEOUT_MS = 1500;
const leave = (key, extra) => ({
  type: MEMBER,
  stateKey: key,
  content: {},
  timeoutMs: TIMEOUT_MS,
  ...extra,
});

async function openKept(family, key, { keep, spec, ...extra } = {}) {
  const handle = await open(family, extra);
  const future = good(await handle.widget.schedule("leave", leave(key, spec)));
  good(await handle.widget.keep("leave", keep));
  return { ...handle, future };
}

/** Somebody else who knows the secret cancels the future. */
async function cancelElsewhere({ cancelToken, delayId }) {
  const path = cancelToken
    ? `_matrix/client/v3/future/${cancelToken}`
    : `_matrix/client/unstable/org.matrix.msc4140/delayed_events/${delayId}/cancel`;
  const { ok } = await fetch(new URL(path, config.homeserver), { method: "POST", body: "{}" });
  assert.ok(ok);
}

onBoth("a future of 1.5 s is not sent for 6 s, and its handle knows how long it lives", async (family) => {
  const key = room.key();
  const { widget, future } = await openKept(family, key);
  await sleep(4 * TIMEOUT_MS);
  assert.deepEqual(await room.contents(key), []);
  steady(await widget.statuses("leave"));
  const { status, expiresAt, known } = await widget.frame.evaluate(() => ({
    ...window.describeKeep(window.keeps.leave),
    known: window.futures.leave.expiresAt,
  }));
  assert.equal(status, "alive");
  assert.ok(expiresAt > Date.now() && expiresAt > future.expiresAt);
  assert.equal(known, expiresAt, "the future and its keepAlive know different things");
});

onBoth("once it is stopped the future goes out by itself, not before expiresAt", async (family) => {
  const key = room.key();
  const { widget } = await openKept(family, key);
  await sleep(TIMEOUT_MS);
  const { status, expiresAt } = good(await widget.stop("leave"));
  assert.equal(status, "stopped");
  await room.firesOnTime(key, expiresAt);
  const statuses = await widget.statuses("leave");
  steady(statuses.slice(0, -1));
  assert.equal(statuses.at(-1), "stopped");
});

onBoth("a signal stops it too", async (family) => {
  const key = room.key();
  const { widget } = await open(family);
  good(await widget.schedule("leave", leave(key)));
  const statuses = await widget.frame.evaluate(async () => {
    const stop = new AbortController();
    const keepAlive = window.futures.leave.keepAlive({ signal: stop.signal });
    const before = keepAlive.status;
    stop.abort();
    return [before, keepAlive.status];
  });
  assert.deepEqual(statuses, ["alive", "stopped"]);
  await room.firesOnTime(key, (await widget.future("leave")).expiresAt);
});

for (const verb of ["send", "cancel"]) {
  onBoth(`${verb} of the future ends its keepAlive without an error`, async (family) => {
    const key = room.key();
    const { widget } = await openKept(family, key);
    good(await widget.verb("leave", verb));
    await widget.waitForStatus("leave", "stopped");
    await sleep(TIMEOUT_MS + 500);
    assert.deepEqual(await room.contents(key), verb === "send" ? [{}] : []);
    const { status, error } = await widget.keepNow("leave");
    assert.deepEqual([status, error], ["stopped", undefined]);
  });
}

onBoth(
  "a future that somebody else cancelled is lost, and the page is told with the next refresh",
  async (family) => {
    const key = room.key();
    const { widget, future } = await openKept(family, key);
    const cancelled = Date.now();
    await cancelElsewhere(future);
    await widget.waitForStatus("leave", "lost");
    const [told] = await widget.kept("leave");
    assert.equal(told.detail, "lost");
    assert.ok(told.at - cancelled < TIMEOUT_MS, `told ${told.at - cancelled} ms after it was cancelled`);
    refused(await widget.refresh("leave"), "spent");
    await sleep(TIMEOUT_MS + 500);
    assert.deepEqual(await room.contents(key), []);
  },
);

onBoth("after a reload a saved future is taken over and lives on", async (family) => {
  const key = room.key();
  const { host, widget } = await openKept(family, key, { spec: { timeoutMs: 4000 } });
  const saved = await widget.save("leave");
  const again = await host.reloadWidget();
  good(await again.ready());
  good(await again.resume("leave", saved));
  good(await again.keep("leave"));
  await sleep(2 * 4000);
  assert.deepEqual(await room.contents(key), []);
  steady(await again.statuses("leave"));
  good(await again.send("leave"));
  assert.deepEqual(await room.contents(key), [{}]);
});

onBoth("close stops it, and the future goes out by itself", async (family) => {
  const key = room.key();
  const { widget } = await openKept(family, key);
  await sleep(TIMEOUT_MS);
  good(await widget.call("close"));
  const { status, expiresAt } = await widget.keepNow("leave");
  assert.equal(status, "stopped");
  await room.firesOnTime(key, expiresAt);
});

onBoth("options that cannot be are invalid and name the field", async (family) => {
  const key = room.key();
  const { widget } = await open(family);
  good(await widget.schedule("leave", leave(key)));
  for (const [field, value] of Object.entries({ everyMs: 0, attemptDeadlineMs: "soon", overlap: 4 })) {
    const error = refused(await widget.keep("leave", { [field]: value }), "invalid");
    assert.ok(`${error.message} ${error.hint}`.includes(field), `${error.message} does not name ${field}`);
  }
});

test("an action future has no timer to keep from running out: keepAlive refuses it", async () => {
  const key = room.key();
  const { widget } = await open(families[0]);
  const { groupId } = good(await widget.schedule("leave", leave(key, { timeoutMs: 60_000 })));
  good(await widget.schedule("action", leave(room.key(), { timeoutMs: undefined, groupId })));
  const outcome = await widget.keep("action");
  assert.equal(outcome.ok, false);
  good(await widget.cancel("leave"));
});
