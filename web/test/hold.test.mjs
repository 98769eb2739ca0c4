/**
 * holdState in a real browser, end to end: on a host of the first draft, whose homeserver drops a leave whenever our own
 * state is written, and on the real `ClientWidgetApi` 1.19.0, whose homeserver keeps it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { good, refused, sleep, world } from "./harness.mjs";
import { eventually, families, JOINED, MEMBER, onBoth, opener, withoutWorkers } from "./keeping.mjs";

const all = await world();
const { config, room } = all;
const open = opener(all);

const TIMEOUT_MS = 2000;
const [firstDraft, current] = families;
const member = (key, extra) => ({
  type: MEMBER,
  stateKey: key,
  content: JOINED,
  timeoutMs: TIMEOUT_MS,
  ...extra,
});

async function openHeld(family, key, { spec, ...extra } = {}) {
  const handle = await open(family, extra);
  assert.equal(good(await handle.widget.hold("member", member(key, spec))).status, "held");
  return handle;
}

/** The one leave that the homeserver is to send for that key. */
const theLeave = (key) =>
  eventually(`one leave is scheduled for ${key}`, async () => {
    const list = await room.scheduled(key);
    return list.length === 1 && list[0];
  });

onBoth(
  "the leave is scheduled before the state is sent, and both stay as long as the page lives",
  async (family) => {
    const key = room.key();
    const { host, widget } = await openHeld(family, key);
    const { status, future, expiresAt, timeoutMs } = await widget.holdNow("member");
    assert.equal(status, "held");
    assert.equal(timeoutMs, TIMEOUT_MS);
    assert.ok(expiresAt > Date.now());
    const requests = await host.requests("send_event");
    assert.deepEqual(
      requests.slice(0, 2).map(({ data }) => [data.delay ?? data.timeout, data.content]),
      [
        [TIMEOUT_MS, {}],
        [undefined, JOINED],
      ],
    );
    await sleep(2 * TIMEOUT_MS);
    assert.deepEqual(await room.contents(key), [JOINED]);
    const leave = await theLeave(key);
    assert.deepEqual(leave.content, {});
    const now = await widget.holdNow("member");
    assert.equal(leave.secret, now.future.delayId ?? now.future.sendToken);
    assert.equal(now.status, "held");
    assert.ok(now.expiresAt > expiresAt);
    if (family === current)
      assert.deepEqual(now.future.delayId, future.delayId, "it was re-armed for nothing");
  },
);

onBoth("of many updates at once the latest wins, and all of them settle", async (family) => {
  const key = room.key();
  const { widget } = await openHeld(family, key);
  const contents = Array.from({ length: 10 }, (_, n) => ({ n }));
  const outcomes = await Promise.all(contents.map((content) => widget.update("member", content)));
  outcomes.forEach(good);
  assert.deepEqual((await room.contents(key)).at(-1), { n: 9 });
  await sleep(TIMEOUT_MS + 500);
  assert.deepEqual((await room.contents(key)).at(-1), { n: 9 }, "it is held no more");
  await theLeave(key);
});

onBoth("release sends the leave at once, for good, and may be called twice", async (family) => {
  const key = room.key();
  const { widget } = await openHeld(family, key, { spec: { leaveContent: { left: true } } });
  good(await widget.release("member"));
  assert.deepEqual(await room.contents(key), [JOINED, { left: true }]);
  assert.equal((await widget.holdNow("member")).status, "released");
  good(await widget.release("member"));
  refused(await widget.update("member", { again: true }), "spent");
  await sleep(TIMEOUT_MS + 500);
  assert.deepEqual(await room.contents(key), [JOINED, { left: true }]);
  assert.deepEqual(await room.scheduled(key), []);
});

onBoth("close releases every hold before it resolves", async (family) => {
  const keys = [room.key(), room.key()];
  const { widget } = await open(family);
  for (const key of keys) good(await widget.hold(key, member(key)));
  good(await widget.call("close"));
  for (const key of keys) {
    assert.deepEqual(await room.contents(key), [JOINED, {}]);
    assert.deepEqual(await room.scheduled(key), []);
    assert.equal((await widget.holdNow(key)).status, "released");
  }
  refused(await widget.hold("late", member(keys[0])), "closed");
});

onBoth("a hold that is given up while it starts leaves nothing behind", async (family) => {
  const key = room.key();
  const { widget } = await open(family);
  const reason = await widget.frame.evaluate(async (spec) => {
    const giveUp = new AbortController();
    const holding = window.client.holdState(spec, { signal: giveUp.signal });
    setTimeout(() => giveUp.abort("enough"));
    return holding.then(
      () => "held",
      (reason) => reason,
    );
  }, member(key));
  assert.equal(reason, "enough");
  await sleep(TIMEOUT_MS + 1000);
  assert.deepEqual((await room.contents(key)).at(-1) ?? {}, {}, "the state stays in the room");
  assert.deepEqual(await room.scheduled(key), []);
});

onBoth("a moderator who overwrites the state ends the hold, and nothing is sent again", async (family) => {
  const key = room.key();
  const { host, widget } = await openHeld(family, key);
  await room.sendAsModerator(MEMBER, { kicked: true }, key);
  await widget.waitForStatus("member", "displaced");
  const before = (await host.requests("send_event")).length;
  await sleep(TIMEOUT_MS + 1000);
  assert.deepEqual(await room.contents(key), [JOINED, { kicked: true }]);
  assert.deepEqual(await room.scheduled(key), []);
  assert.equal((await host.requests("send_event")).length, before);
  refused(await widget.update("member", { again: true }), "spent");
});

onBoth(
  "a leave that somebody cancelled is scheduled anew, and the state is not sent again",
  async (family) => {
    const key = room.key();
    const { widget } = await openHeld(family, key);
    const before = await theLeave(key);
    good(await widget.cancel("member"));
    const after = await eventually("there is a new leave", async () => {
      const [leave] = await room.scheduled(key);
      return leave?.secret !== before.secret && leave;
    });
    await widget.waitForStatus("member", "held");
    const { future } = await widget.holdNow("member");
    assert.equal(future.delayId ?? future.sendToken, after.secret);
    const rearmed = (await widget.kept("member")).filter(({ event }) => event === "rearmed");
    assert.equal(rearmed.at(-1).detail.delayId ?? rearmed.at(-1).detail.sendToken, after.secret);
    await sleep(TIMEOUT_MS + 500);
    assert.deepEqual(await room.contents(key), [JOINED]);
    assert.equal((await widget.holdNow("member")).status, "held");
  },
);

onBoth("two holds do not know of each other", async (family) => {
  const [one, two] = [room.key(), room.key()];
  const { widget } = await open(family);
  good(await widget.hold("one", member(one)));
  good(await widget.hold("two", member(two, { content: { second: true } })));
  good(await widget.release("one"));
  await sleep(TIMEOUT_MS + 500);
  assert.deepEqual(await room.contents(one), [JOINED, {}]);
  assert.deepEqual(await room.contents(two), [{ second: true }]);
  assert.equal((await widget.holdNow("two")).status, "held");
  await theLeave(two);
});

onBoth("a second hold of the same state takes the first one's place", async (family) => {
  const key = room.key();
  const { widget } = await openHeld(family, key);
  good(await widget.hold("next", member(key, { content: { second: true } })));
  assert.equal((await widget.holdNow("member")).status, "displaced");
  await sleep(TIMEOUT_MS + 500);
  assert.deepEqual(await room.contents(key), [JOINED, { second: true }]);
  await theLeave(key);
  good(await widget.release("next"));
  assert.deepEqual((await room.contents(key)).at(-1), {});
  assert.deepEqual(await room.scheduled(key), []);
});

onBoth("no secret of a hold or keepAlive can be read where a page would log it", async (family) => {
  const key = room.key();
  const handle = await openHeld(family, key);
  const { widget } = handle;
  const secrets = async () => {
    const { delayId, sendToken, cancelToken, refreshToken } = (await widget.holdNow("member")).future;
    return [delayId, sendToken, cancelToken, refreshToken].filter((secret) => secret);
  };
  const before = await secrets();
  good(await widget.cancel("member"));
  await eventually("a new leave", async () =>
    (await widget.kept("member")).some(({ event }) => event === "rearmed"),
  );
  await widget.waitForStatus("member", "held");
  const errors = [
    await widget.verb("member", "cancel"),
    await widget.release("member"),
    await widget.update("member", {}),
  ];
  const shown = await widget.frame.evaluate(() => {
    const things = [window.holds.member, window.client, window.futures.member];
    for (const thing of things) console.log("shown", thing);
    const own = things.flatMap((thing) => Object.values(Object.getOwnPropertyDescriptors(thing)));
    return [
      ...things.map((thing) => JSON.stringify(thing)),
      ...things.map(String),
      ...own.map(({ value }) => String(value)),
    ].join("\n");
  });
  // What the host's page logs is not ours: its library tells which address refused what.
  const ours = handle.console.filter((message) => !message.location().url.startsWith(config.host));
  const logged = await Promise.all(
    ours.flatMap((message) => [message.text(), ...message.args().map((argument) => argument.jsonValue())]),
  );
  assert.ok(logged.length > 0, "the console was not heard");
  const everything = [shown, inspect(logged, { depth: 9 }), inspect(errors, { depth: 9 })].join("\n");
  for (const secret of [...before, ...(await secrets())]) {
    assert.ok(secret.length > 8);
    assert.ok(!everything.includes(secret), "a secret can be read");
  }
});

onBoth(
  "where the policy forbids workers a hold works all the same while the page is seen",
  async (family) => {
    const key = room.key();
    const { widget } = await openHeld(family, key, withoutWorkers);
    await sleep(2 * TIMEOUT_MS);
    assert.deepEqual(await room.contents(key), [JOINED]);
    assert.equal((await widget.holdNow("member")).status, "held");
    good(await widget.release("member"));
    assert.deepEqual(await room.contents(key), [JOINED, {}]);
  },
);

test("where no delayed event is approved a hold is refused, unless it may do without a future", async () => {
  const key = room.key();
  const { host, widget } = await open(current, { grant: "^(?!org\\.matrix\\.msc4157)" });
  refused(await widget.hold("refused", member(key)), "capability");
  assert.deepEqual(await room.contents(key), []);
  good(await widget.hold("bare", member(key, { withoutFuture: true })));
  const { status, future } = await widget.holdNow("bare");
  assert.equal(status, "held");
  assert.equal(future, undefined);
  good(await widget.update("bare", { n: 2 }));
  good(await widget.release("bare"));
  assert.deepEqual(await room.contents(key), [JOINED, { n: 2 }, {}]);
  for (const { data } of await host.requests("send_event")) assert.equal(data.delay, undefined);
});

test("a spec that makes no hold is invalid, names the field, and posts nothing", async () => {
  const key = room.key();
  const { host, widget } = await open(firstDraft);
  const wrong = {
    type: { type: "" },
    stateKey: { stateKey: undefined },
    content: { content: ["a list"] },
    leaveContent: { leaveContent: "left" },
    timeoutMs: { timeoutMs: 0.5 },
    refreshMs: { refreshMs: -1 },
  };
  for (const [field, extra] of Object.entries(wrong)) {
    const error = refused(await widget.hold("wrong", member(key, extra)), "invalid");
    assert.ok(`${error.message} ${error.hint}`.includes(field), `${error.message} does not name ${field}`);
  }
  await widget.settle();
  assert.deepEqual(await host.requests("send_event"), []);
});
