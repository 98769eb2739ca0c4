import assert from "node:assert/strict";
import { EventEmitter as NodeEmitter } from "node:events";
import { test } from "node:test";
import { chance } from "../chance.mjs";
import { source } from "./source.mjs";

const { EventEmitter, SturdyEmitter } = await source("compat/emitter");

/** Does the same random things to an emitter of a class and tells all that can be seen of it. */
function play(Class, seed) {
  const { random, pick } = chance(seed);
  const emitter = new Class();
  const log = [];
  let depth = 0;
  const step = () => {
    const type = pick(["a", "b", "newListener", "removeListener", secret]);
    const listener = pick(listeners);
    const method = pick(methods);
    switch (method) {
      case "emit":
        if (depth < 3 && type !== "newListener" && type !== "removeListener")
          log.push(["emit", emitter.emit(type, 1, "two")]);
        break;
      case "removeAllListeners":
        // Node's own fails where several who hear of removals are removed like that.
        if (random() < 0.8 || emitter.listenerCount("removeListener") > 1) break;
        emitter.removeAllListeners(...(random() < 0.3 ? [] : [type]));
        break;
      case "look":
        log.push(emitter.listeners(type).map((one) => listeners.indexOf(one)));
        log.push([emitter.rawListeners(type).length, emitter.listenerCount(type), emitter.eventNames()]);
        break;
      default:
        assert.equal(emitter[method](type, listener), emitter);
    }
  };
  const listeners = [0, 1, 2, 3].map(
    (n) =>
      function (...args) {
        // Of several listeners of a type, Node's tells what stands for one that is called once instead of it.
        const told = args.map((arg) =>
          typeof arg === "function" ? listeners.indexOf(arg.listener ?? arg) : arg,
        );
        log.push([n, this === emitter, ...told]);
        // Node's own loses its way when a list changes while it tells of a removal.
        if (args[0] === 1 && n < 2 && depth < 3) {
          depth++;
          step();
          depth--;
        }
      },
  );
  for (let i = 0; i < 120; i++) step();
  return log;
}
const secret = Symbol("secret");
const methods = [
  ...["on", "addListener", "once", "prependListener", "prependOnceListener", "off", "removeListener"],
  ...["removeAllListeners", "emit", "emit", "emit", "look"],
];

test("it does what Node's does, whatever is added, removed and emitted, also by listeners", () => {
  for (let seed = 1; seed <= 300; seed++) {
    class Quiet extends NodeEmitter {
      constructor() {
        super();
        this.setMaxListeners(0);
      }
    }
    assert.deepEqual(play(EventEmitter, seed), play(Quiet, seed), `seed ${seed}`);
  }
});

test("listeners that come while all are removed stay", () => {
  for (const Class of [NodeEmitter, EventEmitter]) {
    const emitter = new Class();
    const listener = () => {};
    emitter.on("a", listener).once("a", listener).on("a", listener);
    let left = 10;
    emitter.on("removeListener", (type, one) => type === "a" && left-- > 0 && emitter.on("a", one));
    emitter.removeAllListeners("a");
    assert.deepEqual([emitter.listenerCount("a"), left], [3, 7]);
  }
});

test("what is no listener is refused, an error that nobody hears is thrown, and so is a listener's own", () => {
  for (const Class of [NodeEmitter, EventEmitter]) {
    const emitter = new Class();
    for (const method of ["on", "once", "off", "prependListener"])
      assert.throws(() => emitter[method]("a", "no function"), TypeError);
    assert.throws(() => emitter.emit("error", new RangeError("r")), RangeError);
    assert.throws(() => emitter.emit("error", "text"), /Unhandled error\. \('?text'?\)/);
    const called = [];
    emitter.on("a", () => {
      throw new RangeError("listener's own");
    });
    emitter.on("a", () => called.push(1));
    assert.throws(() => emitter.emit("a"), RangeError);
    assert.deepEqual(called, []);
    assert.equal(emitter.setMaxListeners(3).getMaxListeners(), 3);
  }
});

test("the sturdy one reports what listeners throw and calls the others", () => {
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  try {
    const emitter = new SturdyEmitter();
    const called = [];
    emitter.once("a", () => {
      throw new Error("mine");
    });
    emitter.on("a", (value) => called.push(value));
    assert.equal(emitter.emit("a", 7), true);
    assert.deepEqual([called, reported], [[7], ["mine"]]);
  } finally {
    delete globalThis.reportError;
  }
});
