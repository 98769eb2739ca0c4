/** This module holding as many states as the query says, and how long the wasm takes for each input meanwhile. */
import { __debug, connect, type Future, type Hold } from "/widget-futures/index.js";
import { inspect } from "../../test/inspect.js";
import { compete } from "./contestant.js";
import { DELAY_ID, membership, ROOM_ID, TIMEOUT_MS, TYPE, WIDGET_ID } from "./wire.js";

const client = connect({
  widgetId: WIDGET_ID,
  roomId: ROOM_ID,
  capabilities: [
    `org.matrix.msc2762.timeline:${ROOM_ID}`,
    `org.matrix.msc2762.send.state_event:${TYPE}`,
    "org.matrix.msc4157.send.delayed_event",
    "org.matrix.msc4157.update_delayed_event",
  ],
});
const state = (name: string, n: number) => ({
  type: TYPE,
  stateKey: name,
  content: membership(n),
  timeoutMs: TIMEOUT_MS,
});

let holds: Hold[] = [];
let times: number[] = [];

/** Puts a clock around all that the shim enters the wasm by. */
function timed<Exports extends object>(exports: Exports): Exports {
  const clocked = Object.entries(exports).map(([name, entry]) => {
    if (typeof entry !== "function") return [name, entry];
    const enter = (...args: number[]) => {
      const start = performance.now();
      const words = entry(...args);
      times.push(performance.now() - start);
      return words;
    };
    return [name, enter];
  });
  return Object.fromEntries(clocked) as Exports;
}

async function begin() {
  const all = Array.from({ length: Number(location.search.slice(1)) }, (_, n) =>
    client.holdState(state(`_device_${n}`, n)),
  );
  holds = await Promise.all(all);
  const { core } = __debug(client);
  if (!core.exports) throw new Error("the wasm has ended");
  core.exports = timed(core.exports);
}

const calls = {
  future: {
    send: () => client.sendFuture(state("_future", 0)),
    good: ({ delayId }: Future) => delayId === DELAY_ID,
  },
};

compete(calls, begin(), {
  /** How long the inputs took, in ms, that went in since this was asked for last. */
  times: () => {
    const taken = times;
    times = [];
    return taken;
  },
  held: () => ({
    holds: holds.filter(({ status }) => status === "held").length,
    wasmBytes: inspect(__debug, client).wasmBytes,
  }),
});
