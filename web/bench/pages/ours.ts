/** This module, as web/dist has it. */
import { __debug, connect, type Future, type SentEvent } from "/widget-futures/index.js";
import { inspect } from "../../test/inspect.js";
import { compete } from "./contestant.js";
import {
  CAPABILITIES,
  type Calls,
  DELAY_ID,
  EVENT_ID,
  ROOM_ID,
  STATE_KEY,
  TIMEOUT_MS,
  TYPE,
  WIDGET_ID,
} from "./wire.js";

const client = connect({ widgetId: WIDGET_ID, roomId: ROOM_ID, capabilities: CAPABILITIES });
const event = { type: TYPE, stateKey: STATE_KEY };
let kept: Future;

const calls: Calls = {
  state: {
    send: (content) => client.sendEvent({ ...event, content }),
    good: ({ eventId }: SentEvent) => eventId === EVENT_ID,
  },
  future: {
    send: (content) => client.sendFuture({ ...event, content, timeoutMs: TIMEOUT_MS }),
    good: ({ delayId }: Future) => delayId === DELAY_ID,
  },
  refresh: { send: () => kept.refresh(), good: () => true }, // it rejects what is not acknowledged
};

async function begin() {
  kept = await client.sendFuture({ ...event, content: {}, timeoutMs: TIMEOUT_MS });
}

compete(calls, begin(), {
  debug: () => {
    const { values, wasmBytes } = inspect(__debug, client);
    return { values, wasmBytes };
  },
});
