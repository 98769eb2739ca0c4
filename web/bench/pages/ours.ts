/** This module, as web/dist has it. */
import { __debug, connect } from "/widget-futures/index.js";
import { compete } from "./contestant.js";
import { CAPABILITIES, ROOM_ID, STATE_KEY, TYPE, WIDGET_ID } from "./wire.js";

const client = connect({ widgetId: WIDGET_ID, roomId: ROOM_ID, capabilities: CAPABILITIES });

compete(
  (content) => client.sendEvent({ type: TYPE, stateKey: STATE_KEY, content }),
  (sent) => sent.eventId,
  client.ready,
  {
    debug: () => {
      const { values, wasmBytes } = __debug(client);
      return { values, wasmBytes };
    },
  },
);
