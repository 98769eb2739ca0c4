import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { source } from "./source.mjs";

const { Future } = await source("future");
const { startHold } = await source("hold");
const { makeError } = await source("errors");

const secret = "syd_secret";
const saved = { v: 1, dialect: "delayed", roomId: "!r", delayId: secret, timeoutMs: 8000, expiresAt: 1000 };
const [held, alive, lost, failed, released] = ["held", "alive", "lost", "failed", "released"];

/** A conversation whose core is the test. */
function conversation({ refuse } = {}) {
  const made = {
    aborted: [],
    calls: [],
    keep(args, keeper, { signal } = {}) {
      Object.assign(made, { args, keeper });
      if (refuse) keeper.over(refuse);
      else keeper.id = 7;
      signal?.addEventListener("abort", () => made.abort(keeper.id));
    },
    abort: (id) => made.aborted.push(id),
    call(kind, args, options, keeper) {
      made.calls.push({ kind, args, options });
      if (!keeper) return Promise.resolve({});
      keeper.id = 7;
      made.keeper = keeper;
      return new Promise((resolve) => {
        made.settle = resolve;
      });
    },
    update: (...args) => Promise.resolve(made.calls.push(args)),
  };
  return made;
}

function log(target, ...events) {
  const heard = [];
  for (const name of events) target.addEventListener(name, ({ type, detail }) => heard.push([type, detail]));
  return heard;
}

test("a keepAlive tells what the core does, and the future's expiresAt follows it", () => {
  const core = conversation();
  const future = new Future(core, { ...saved });
  const kept = future.keepAlive({ everyMs: 2000, overlap: 1 });
  assert.deepEqual([kept.status, kept.expiresAt], ["alive", 1000]);
  assert.deepEqual([core.args.delayId, core.args.everyMs, core.args.overlap], [secret, 2000, 1]);
  const heard = log(kept, "statuschange");
  core.keeper.kept({ status: alive, expiresAt: 3000 });
  assert.deepEqual([kept.expiresAt, future.expiresAt, heard.length], [3000, 3000, 0]);
  core.keeper.kept({ status: lost }, makeError("spent", { message: "gone" }));
  core.keeper.id = 0;
  core.keeper.over();
  assert.deepEqual(heard, [["statuschange", "lost"]]);
  assert.deepEqual([kept.status, kept.error.code, kept.expiresAt], ["lost", "spent", 3000]);
  future.keepAlive();
  assert.equal(core.args.ended, true, "a future that was lost is known to be gone");
});

test("a keepAlive is stopped by stop, by using, and by its signal", () => {
  for (const stop of [
    (kept) => kept.stop(),
    (kept) => kept[Symbol.dispose ?? Symbol.for("Symbol.dispose")](),
    (_, controller) => controller.abort(),
  ]) {
    const core = conversation();
    const controller = new AbortController();
    const kept = new Future(core, { ...saved }).keepAlive({ signal: controller.signal });
    stop(kept, controller);
    assert.deepEqual(core.aborted, [7]);
    core.keeper.over();
    assert.equal(kept.status, "stopped");
  }
});

test("what the core refuses at once is thrown; what it refuses later is a failed keepAlive", () => {
  const error = makeError("invalid", { message: "everyMs: must be a number" });
  const future = new Future(conversation({ refuse: error }), { ...saved });
  assert.throws(() => future.keepAlive({ everyMs: -1 }), error);
  const core = conversation();
  const kept = new Future(core, { ...saved }).keepAlive({ everyMs: -1 });
  const heard = log(kept, "statuschange");
  core.keeper.over(error);
  assert.deepEqual([kept.status, kept.error, heard.length], ["failed", error, 1]);
});

test("a hold has the leave of the moment, and tells of the second and later ones", async () => {
  const core = conversation();
  const started = startHold(core, { type: "t", stateKey: "k", content: {}, timeoutMs: 8000 });
  assert.deepEqual(core.calls[0].args.leaveContent, {});
  core.keeper.armed({ ...saved, timeoutMs: 5000, expiresAt: 2000 });
  core.settle({});
  const hold = await started;
  const heard = log(hold, "statuschange", "rearmed");
  core.keeper.kept({ status: held, expiresAt: 2500, timeoutMs: 5000 });
  const first = hold.future;
  assert.deepEqual(
    [hold.status, hold.timeoutMs, hold.expiresAt, first.expiresAt],
    ["held", 5000, 2500, 2500],
  );
  core.keeper.kept({ status: lost }, makeError("spent", { message: "gone" }));
  assert.equal(hold.error.code, "spent");
  core.keeper.armed({ ...saved, delayId: "syd_second", expiresAt: 9000 });
  core.keeper.kept({ status: held, expiresAt: 9000 });
  assert.deepEqual(
    heard.map(([type, detail]) => [type, detail?.delayId ?? detail]),
    [
      ["statuschange", "held"],
      ["statuschange", "lost"],
      ["rearmed", "syd_second"],
      ["statuschange", "held"],
    ],
  );
  assert.deepEqual([hold.error, hold.future.delayId, first.expiresAt], [undefined, "syd_second", 2500]);
});

test("a hold whose leave cannot be scheduled any more has no future, and says why until that changes", async () => {
  const core = conversation();
  const holding = startHold(core, {
    type: "t",
    stateKey: "",
    content: {},
    timeoutMs: 8000,
    withoutFuture: true,
  });
  const { keeper } = core;
  keeper.armed({ dialect: "delayed", delayId: "d1", timeoutMs: 8000, expiresAt: 8000 });
  keeper.kept({ status: held, expiresAt: 8000 });
  core.settle({});
  const hold = await holding;
  const heard = log(hold, "statuschange", "rearmed");
  const { future } = hold;
  keeper.kept({ status: held }, makeError("unsupported", { message: "off" }));
  assert.deepEqual(
    [hold.status, hold.future, hold.expiresAt, hold.error.message],
    [held, undefined, undefined, "off"],
  );
  future.keepAlive();
  assert.equal(core.args.ended, true, "it is known to be gone");
  keeper.kept({ status: held });
  assert.equal(hold.error.message, "off");
  keeper.kept({ status: held }, makeError("matrix", { message: "still off" }));
  assert.equal(hold.error.message, "still off");
  keeper.armed({ dialect: "delayed", delayId: "d2", timeoutMs: 8000, expiresAt: 16000 });
  keeper.kept({ status: held, expiresAt: 16000 });
  assert.deepEqual([hold.future.delayId, hold.expiresAt, hold.error], ["d2", 16000, undefined]);
  assert.deepEqual(heard, [["rearmed", hold.future]]);
});

test("a hold that has ended is released already, and takes no update", async () => {
  const core = conversation();
  const started = startHold(core, { type: "t", stateKey: "k", content: {}, timeoutMs: 8000 });
  core.settle({});
  const hold = await started;
  await hold.update({ n: 1 });
  assert.deepEqual(core.calls.at(-1), [7, { n: 1 }, undefined]);
  await assert.rejects(hold.update([]), { code: "invalid" });
  await assert.rejects(hold.update({ at: new Date() }), { code: "invalid" });
  await hold.release({ deadlineMs: 5 });
  assert.deepEqual([core.calls.at(-1).args.hold, core.calls.at(-1).options.deadlineMs], [7, 5]);
  core.keeper.id = 0;
  core.keeper.kept({ status: released });
  core.keeper.over();
  const posted = core.calls.length;
  await hold.release();
  await hold[Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]();
  await assert.rejects(hold.update({ n: 2 }), { code: "spent" });
  assert.equal(core.calls.length, posted, "the number may be another call's by now");
});

test("a failed hold can be released as long as the core knows it; after that release says why not", async () => {
  const core = conversation();
  const started = startHold(core, { type: "t", stateKey: "k", content: {}, timeoutMs: 8000 });
  core.settle({});
  const hold = await started;
  core.keeper.kept({ status: failed }, makeError("matrix", { message: "no power", httpStatus: 403 }));
  await hold.release();
  assert.equal(core.calls.length, 2);
  core.keeper.id = 0;
  core.keeper.over(makeError("closed", { message: "the client was closed" }));
  await assert.rejects(hold.release(), { code: "closed" });
});

test("nothing printed of a keepAlive or a hold holds a secret", async () => {
  const core = conversation();
  const future = new Future(core, { ...saved });
  const kept = future.keepAlive();
  const started = startHold(core, { type: "t", stateKey: "k", content: { key: secret }, timeoutMs: 8000 });
  core.keeper.armed({ ...saved });
  core.settle({});
  for (const thing of [future, kept, await started]) {
    const printed = [JSON.stringify(thing), inspect(thing, { depth: 9, showHidden: true }), String(thing)];
    assert.doesNotMatch(printed.join(), new RegExp(secret));
    assert.match(printed[0], /8000|alive/);
  }
});
