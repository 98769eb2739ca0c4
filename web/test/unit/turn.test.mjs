import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { source } from "./source.mjs";

const { TurnServers } = await source("turn");

const server = (name) => ({ uris: [`turn:${name}`], username: name, password: "p" });

/** A host whose answers are the test's to give. */
function host() {
  const log = [];
  const pending = [];
  const ask = (action) => (options) =>
    new Promise((resolve, reject) => {
      log.push(options?.deadlineMs ? `${action} ${options.deadlineMs}` : action);
      pending.push({ resolve, reject });
    });
  const turn = new TurnServers(ask("watch"), ask("unwatch"));
  const answer = async (error) => {
    const { resolve, reject } = pending.shift();
    if (error) reject(error);
    else resolve();
    await calm();
  };
  return { log, turn, answer };
}

const calm = () => new Promise((resolve) => setImmediate(resolve));
const silent = async (promise) => {
  const none = {};
  await calm();
  assert.equal(await Promise.race([promise, none]), none, "it waits");
};

test("nothing is asked of the host until somebody reads", async () => {
  const { log, turn } = host();
  const left = turn.read();
  await left.return();
  assert.deepEqual(await left.next(), { value: undefined, done: true });
  turn.read();
  assert.deepEqual(log, []);
});

test("credentials that come before the answer to the watch, and after it, are read", async () => {
  const { log, turn, answer } = host();
  const reader = turn.read({ deadlineMs: 7 });
  const first = reader.next();
  assert.equal(turn.update(server("a")), true);
  assert.deepEqual(await first, { value: server("a"), done: false });
  await answer();
  const second = reader.next();
  await silent(second);
  turn.update(server("b"));
  assert.deepEqual((await second).value, server("b"));
  assert.deepEqual(log, ["watch 7"]);
});

test("of several updates between two reads the newest is read, once", async () => {
  const { turn, answer } = host();
  const reader = turn.read();
  const first = reader.next();
  await answer();
  for (const name of ["a", "b", "c"]) turn.update(server(name));
  assert.equal((await first).value.username, "a");
  assert.equal((await reader.next()).value.username, "c");
  await silent(reader.next());
});

test("reads that wait are answered in order", async () => {
  const { turn } = host();
  const reader = turn.read();
  const reads = [reader.next(), reader.next(), reader.next()];
  turn.update(server("a"));
  turn.update(server("b"));
  await reader.return();
  assert.deepEqual(
    (await Promise.all(reads)).map(({ value, done }) => value?.username ?? done),
    ["a", "b", true],
  );
});

test("readers share one watch, a later one has the current credentials at once, and the last to leave un-watches", async () => {
  const { log, turn, answer } = host();
  const one = turn.read();
  one.next();
  await answer();
  turn.update(server("a"));
  const two = turn.read();
  assert.equal((await two.next()).value.username, "a");
  await one.return();
  assert.deepEqual(log, ["watch"]);
  const waits = two.next();
  await two.return();
  assert.equal((await waits).done, true, "a read that waits does not keep a reader from leaving");
  await two.return();
  assert.deepEqual(log, ["watch", "unwatch"]);
  await answer();
  const three = turn.read().next();
  assert.deepEqual(log, ["watch", "unwatch", "watch"]);
  await silent(three); // what was told before is no longer known to be valid
});

test("break, return, throw and dispose each un-watch exactly once", async () => {
  const thrown = new Error("the page's own");
  for (const leave of [
    async (reader) => {
      for await (const _ of reader) break;
    },
    async (reader) => {
      await assert.rejects(async () => {
        for await (const _ of reader) throw thrown;
      }, thrown);
    },
    async (reader) => {
      await reader.next();
      await assert.rejects(reader.throw(thrown), thrown);
    },
    async (reader) => {
      await reader.next();
      await reader[Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]();
    },
    async (reader) => {
      await reader.next();
      assert.deepEqual(await reader.return("x"), { value: "x", done: true });
    },
  ]) {
    const { log, turn, answer } = host();
    const reader = turn.read();
    const left = leave(reader);
    turn.update(server("a"));
    await answer();
    await left;
    assert.deepEqual(await reader.next(), { value: undefined, done: true });
    await reader.return();
    assert.deepEqual(log, ["watch", "unwatch"]);
  }
});

test("a reader that has left hears its signal no more", async () => {
  const { turn, answer } = host();
  const { signal } = new AbortController();
  const reader = turn.read({ signal });
  reader.next();
  await answer();
  assert.equal(getEventListeners(signal, "abort").length, 1);
  await reader.return();
  assert.equal(getEventListeners(signal, "abort").length, 0);
});

test("an aborted signal ends its own reader with its reason, and not the watch of the others", async () => {
  const { log, turn, answer } = host();
  const controller = new AbortController();
  const mine = turn.read({ signal: controller.signal });
  const other = turn.read();
  const [waits, others] = [mine.next(), other.next()];
  const reason = new Error("enough");
  controller.abort(reason);
  await assert.rejects(waits, reason);
  assert.equal((await mine.next()).done, true);
  await answer();
  turn.update(server("a"));
  assert.equal((await others).value.username, "a");
  assert.deepEqual(log, ["watch"]);
  await assert.rejects(turn.read({ signal: controller.signal }).next(), reason);
  await other.return();
  assert.deepEqual(log, ["watch", "unwatch"]);
});

test("an abort between two reads un-watches at once and rejects the next read", async () => {
  const { log, turn, answer } = host();
  const controller = new AbortController();
  const reader = turn.read({ signal: controller.signal });
  const first = reader.next();
  await answer();
  turn.update(server("a"));
  await first;
  turn.update(server("b"));
  controller.abort();
  assert.deepEqual(log, ["watch", "unwatch"]);
  await assert.rejects(reader.next(), { name: "AbortError" });
  assert.equal((await reader.next()).done, true);
});

test("a watch that fails rejects the first read of all who wait for it, and the next reader asks again", async () => {
  const { log, turn, answer } = host();
  const [one, two] = [turn.read(), turn.read()];
  const reads = [one.next(), two.next()];
  const refusal = new Error("Missing capability");
  const both = Promise.all(reads.map((read) => assert.rejects(read, refusal)));
  await answer(refusal);
  await both;
  assert.equal((await one.next()).done, true);
  const again = turn.read().next();
  assert.deepEqual(log, ["watch", "watch"]);
  turn.update(server("a"));
  await again;
});

test("one request is out at a time: who comes while the host un-watches is watched for afterwards", async () => {
  const { log, turn, answer } = host();
  const one = turn.read();
  one.next();
  await one.return();
  assert.deepEqual(log, ["watch"], "the watch is not answered yet");
  const two = turn.read();
  two.next();
  await answer();
  assert.deepEqual(log, ["watch"], "it is wanted again");
  await two.return();
  const three = turn.read().next();
  assert.deepEqual(log, ["watch", "unwatch"]);
  await answer(new Error("Request timed out"));
  assert.deepEqual(log, ["watch", "unwatch", "watch"]);
  turn.update(server("a"));
  assert.equal((await three).value.username, "a");
});

test("credentials that a host tells after its watch timed out here reach the next reader", async () => {
  const { turn, answer } = host();
  const read = turn.read().next();
  const refused = assert.rejects(read, /timed out/);
  await answer(new Error("timed out"));
  await refused;
  assert.equal(turn.update(server("late")), false);
  assert.equal((await turn.read().next()).value.username, "late");
});

test("the end rejects what is read, un-watches, and leaves nobody waiting", async () => {
  const { log, turn, answer } = host();
  const [one, two] = [turn.read(), turn.read()];
  const reads = [one.next(), two.next()];
  await answer();
  turn.update(server("a"));
  assert.deepEqual((await Promise.all(reads)).length, 2);
  reads.splice(0, 2, one.next(), two.next());
  const closed = new Error("closed");
  const refused = Promise.all(reads.map((read) => assert.rejects(read, closed)));
  turn.end(closed);
  assert.deepEqual(log, ["watch", "unwatch"], "at once, while the conversation can still say it");
  await refused;
  turn.end(closed);
  assert.deepEqual(log, ["watch", "unwatch"]);
  assert.equal((await one.next()).done, true);
  const late = turn.read().next();
  await answer(closed); // the conversation has ended: it refuses everything
  await Promise.all([assert.rejects(late, closed), answer(closed)]);
});

test("a host that does not say that it has stopped may still be telling: what it told last is not forgotten", async () => {
  const { log, turn, answer } = host();
  const one = turn.read();
  one.next();
  await answer();
  turn.update(server("a"));
  await one.return();
  await answer(new Error("timed out"));
  assert.equal((await turn.read().next()).value.username, "a");
  assert.deepEqual(log, ["watch", "unwatch", "watch"]);
});
