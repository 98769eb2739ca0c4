import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { source } from "./source.mjs";

const { Calls } = await source("calls");
const generated = readFileSync(new URL("../../src/wire.gen.ts", import.meta.url), "utf8");
const [Settle, Fail, KeptOp, Armed, Over] = ["Settle", "Fail", "Kept", "Armed", "Over"].map((name) =>
  Number(generated.match(new RegExp(`^export const enum Op {[^}]* ${name} = (\\d+)`, "m"))[1]),
);

function keeper() {
  const heard = [];
  const tell = (name) => (fields, error) => heard.push([name, fields, error].filter(Boolean));
  return { id: 0, heard, kept: tell("kept"), armed: tell("armed"), over: tell("over") };
}

function call(calls, extra) {
  const pending = { ends: [], ...extra };
  pending.resolve = (value) => pending.ends.push(["resolved", value]);
  pending.reject = (error) => pending.ends.push(["rejected", error.code]);
  return { pending, id: calls.add(pending) };
}

/** How many numbers are in use. */
const used = (calls) => calls.table.filter(Boolean).length;

function carryOut(calls, op, id, fields = {}) {
  const later = [];
  calls.carryOut(op, id, fields, later);
  for (const tell of later) tell();
}

test("a number is free again when its call is settled, but readiness keeps number 0", () => {
  const calls = new Calls();
  const ready = call(calls);
  const first = call(calls);
  assert.deepEqual([ready.id, first.id, used(calls)], [0, 1, 2]);
  carryOut(calls, Settle, 1, { eventId: "$e" });
  carryOut(calls, Settle, 0);
  assert.deepEqual(first.pending.ends, [["resolved", { eventId: "$e" }]]);
  assert.deepEqual([call(calls).id, call(calls).id, used(calls)], [1, 2, 2]);
});

test("a hold's number and contents last until it is over, whatever its call ended with", () => {
  for (const end of [Settle, Fail]) {
    const calls = new Calls();
    call(calls);
    const holder = keeper();
    let forgotten = 0;
    const forget = () => forgotten++;
    const extra = { keeper: holder, lasting: true, content: "c", leaveContent: "l", forget };
    const { pending, id } = call(calls, extra);
    assert.equal(holder.id, id);
    carryOut(calls, end, id, { code: "timeout", message: "m" });
    assert.deepEqual(pending.ends, [
      end === Settle ? ["resolved", { code: "timeout", message: "m" }] : ["rejected", "timeout"],
    ]);
    assert.ok(forgotten > 0, "its signal is let go of");
    carryOut(calls, Armed, id, { delayId: "d" });
    carryOut(calls, KeptOp, id, { status: "lost", code: "spent", message: "gone" });
    assert.deepEqual([calls.content(id, false), calls.content(id, true)], ["c", "l"]);
    carryOut(calls, Over, id);
    assert.deepEqual([holder.id, calls.content(id, false), call(calls).id], [0, undefined, id]);
    assert.deepEqual(
      holder.heard.map(([name]) => name),
      ["armed", "kept", "over"],
    );
    assert.equal(holder.heard[1][2].code, "spent");
  }
});

test("a keepAlive that is refused is over, with the reason", () => {
  const calls = new Calls();
  call(calls);
  const holder = keeper();
  const { id } = call(calls, { keeper: holder });
  carryOut(calls, Fail, id, { code: "invalid", message: "overlap: must be 1, 2 or 3" });
  assert.equal(holder.heard[0][1].code, "invalid");
  assert.equal(call(calls).id, id);
});

test("effects on a number that is another's by now change nothing", () => {
  const calls = new Calls();
  call(calls);
  const { pending, id } = call(calls);
  for (const op of [Over, KeptOp, Armed]) carryOut(calls, op, id, { status: 1 });
  carryOut(calls, Settle, 99);
  assert.equal(calls.get(id), pending);
});

test("what is held is known by type and key as long as the hold is not over", () => {
  const calls = new Calls();
  call(calls);
  assert.equal(calls.holds(undefined, undefined), false);
  call(calls, { keeper: keeper() }); // a keepAlive holds no state
  const { id } = call(calls, { keeper: { ...keeper(), type: "t", stateKey: "" }, lasting: true });
  assert.deepEqual(
    [calls.holds("t", ""), calls.holds("t", "k"), calls.holds(undefined, undefined)],
    [true, false, false],
  );
  carryOut(calls, Over, id);
  assert.equal(calls.holds("t", ""), false);
});

test("an event is told from what is held without a look at the holds, of which several may hold the same", () => {
  const calls = new Calls();
  call(calls);
  let looks = 0;
  const holder = (stateKey) => ({
    ...keeper(),
    get type() {
      looks++;
      return "t";
    },
    stateKey,
  });
  const ids = Array.from(
    { length: 100 },
    (_, n) => call(calls, { keeper: holder(`${n % 50}`), lasting: true }).id,
  );
  looks = 0;
  for (let n = 0; n < 1000; n++) assert.equal(calls.holds("t", `${n}`), n < 50);
  assert.equal(looks, 0);
  calls.take(ids[0]);
  assert.equal(calls.holds("t", "0"), true, "another holds it still");
  calls.take(ids[50]);
  assert.equal(calls.holds("t", "0"), false);
});

test("who asked for it is given the host's answer, if that answer is what settles the call", () => {
  const calls = new Calls();
  const heard = [];
  const settle = (op, fields, message) => {
    const { id } = call(calls, { heard: (answer) => heard.push(answer) });
    calls.carryOut(op, id, fields, [], message);
    return heard.splice(0);
  };
  const answer = { requestId: "p-2", response: {} };
  assert.deepEqual(settle(Settle, {}, answer), [answer]);
  assert.deepEqual(settle(Fail, { code: "host", message: "no", requestId: "p-2" }, answer), [answer]);
  assert.deepEqual(settle(Fail, { code: "host", message: "no", requestId: "p-1" }, answer), [], "another's");
  assert.deepEqual(settle(Fail, { code: "unsupported", message: "not proved" }, answer), [], "a probe's");
  assert.deepEqual(settle(Settle, {}, { requestId: "h-1", action: "notify_capabilities" }), [], "a request");
  assert.deepEqual(settle(Fail, { code: "timeout", message: "late", requestId: "p-2" }), []);
});
