/**
 * matrix-widget-api as widgets bundle it. It writes every message to the console; in a page called with `?silent` nothing
 * takes it.
 */
import { type ISendEventFromWidgetResponseData as Sent, WidgetApi } from "matrix-widget-api";
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

if (location.search === "?silent") console.log = () => {};
const api = new WidgetApi(WIDGET_ID, new URL(location.ancestorOrigins[0] as string).origin);
api.requestCapabilities(CAPABILITIES);
const ready = new Promise((resolve) => api.once("ready", resolve));
api.start();
api.sendContentLoaded();

const calls: Calls = {
  state: {
    send: (content) => api.sendStateEvent(TYPE, STATE_KEY, content, ROOM_ID),
    good: ({ event_id }: Sent) => event_id === EVENT_ID,
  },
  future: {
    send: (content) => api.sendStateEvent(TYPE, STATE_KEY, content, ROOM_ID, TIMEOUT_MS),
    good: ({ delay_id }: Sent) => delay_id === DELAY_ID,
  },
  refresh: { send: () => api.restartScheduledDelayedEvent(DELAY_ID), good: () => true }, // it rejects an error
};

compete(calls, ready);
