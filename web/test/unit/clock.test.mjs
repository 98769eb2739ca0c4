import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { source } from "./source.mjs";

const { Clock } = await source("clock");
const { createObjectURL } = URL;
const workers = [];

/** A worker that rings when the test says so. */
class FakeWorker {
  sent = [];
  constructor(address) {
    this.address = address;
    workers.push(this);
  }
  postMessage(message) {
    this.sent.push(message);
  }
  terminate() {
    this.ended = true;
  }
  ring(turn = this.sent.at(-1)[0]) {
    this.onmessage({ data: turn });
  }
}

afterEach(() => {
  delete globalThis.Worker;
  URL.createObjectURL = createObjectURL;
  workers.length = 0;
});

function withWorkers() {
  globalThis.Worker = FakeWorker;
}

function clock() {
  const rung = [];
  return { clock: new Clock(() => rung.push(performance.now())), rung };
}

test("without a worker the page's timer rings, once, at the last time that was asked for", async () => {
  const { clock: alarm, rung } = clock();
  alarm.steady(true); // there is no Worker here
  const start = performance.now();
  alarm.wake(start + 5);
  alarm.wake(start + 40);
  await sleep(80);
  assert.equal(rung.length, 1);
  assert.ok(rung[0] >= start + 38, `rang after ${rung[0] - start} ms`);
});

test("while steady a worker rings too, and whichever comes second rings for nothing", async () => {
  withWorkers();
  const { clock: alarm, rung } = clock();
  alarm.wake(performance.now() + 60_000);
  assert.equal(workers.length, 0, "no worker before it is wanted");
  alarm.steady(true);
  const [worker] = workers;
  assert.ok(worker.sent[0][1] > 59_000, "it is told of the alarm that was set before");
  worker.ring();
  assert.equal(rung.length, 1);
  worker.ring();
  assert.equal(rung.length, 1);
  alarm.wake(performance.now() + 5);
  const turn = worker.sent.at(-1)[0];
  await sleep(30);
  assert.equal(rung.length, 2);
  worker.ring(turn);
  assert.equal(rung.length, 2, "the worker was the slower one");
  alarm.wake(performance.now() + 60_000);
  worker.ring(turn);
  assert.equal(rung.length, 2, "an old ring is no ring of the new alarm");
  alarm.steady(false);
  assert.ok(worker.ended);
  alarm.stop();
});

test("a worker that CSP forbids is done without, whether the browser throws or tells by an event", async () => {
  withWorkers();
  const { clock: alarm, rung } = clock();
  alarm.steady(true);
  let prevented = false;
  workers[0].onerror({ preventDefault: () => (prevented = true) });
  assert.ok(prevented, "it is no error of the page");
  alarm.wake(performance.now() + 5);
  assert.equal(workers[0].sent.length, 0);
  globalThis.Worker = class {
    constructor() {
      throw new Error("SecurityError");
    }
  };
  alarm.steady(true);
  await sleep(30);
  assert.equal(rung.length, 1);
  alarm.wake(performance.now() + 5);
  alarm.stop();
  await sleep(30);
  assert.equal(rung.length, 1, "stopped");
});

test("an alarm beyond what a timer can hold does not ring at once", async () => {
  const { clock: alarm, rung } = clock();
  alarm.wake(performance.now() + 2 ** 33);
  await sleep(30);
  assert.equal(rung.length, 0);
  alarm.stop();
});
