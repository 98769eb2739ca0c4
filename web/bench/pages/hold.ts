/** This module holding a state for ten hours, of virtual time. */
import { inspect } from "../../test/inspect.js";
import { compete } from "./contestant.js";
import { installVirtualTime, liveUntil } from "./virtual.js";
import { CAPABILITIES, membership, ROOM_ID, STATE_KEY, TYPE, WIDGET_ID } from "./wire.js";

const TIMEOUT_MS = 8000;

let refreshes = 0;
let kept = performance.now();
/** The longest time between two refreshes: the leave is sent if it is longer than the timeout. */
let longestMs = 0;

installVirtualTime(({ data }) => {
  if (data.action !== "restart") return;
  refreshes++;
  longestMs = Math.max(longestMs, performance.now() - kept);
  kept = performance.now();
});
const begun = performance.now();
const { __debug, connect } = await import("/widget-futures/index.js");
const client = connect({ widgetId: WIDGET_ID, roomId: ROOM_ID, capabilities: CAPABILITIES });
const hold = client.holdState({
  type: TYPE,
  stateKey: STATE_KEY,
  content: membership(0),
  timeoutMs: TIMEOUT_MS,
});

compete({}, hold, {
  live: async (ms: number) => {
    await liveUntil(begun + ms);
    const { status } = await hold;
    const { values, wasmBytes } = inspect(__debug, client);
    return { values, wasmBytes, refreshes, longestMs, timeoutMs: TIMEOUT_MS, status };
  },
});
