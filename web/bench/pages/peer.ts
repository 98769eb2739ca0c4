/**
 * matrix-widget-api as widgets bundle it. It writes every message to the console; in a page called with `?silent` nothing
 * takes it.
 */
import { WidgetApi } from "matrix-widget-api";
import { compete } from "./contestant.js";
import { CAPABILITIES, ROOM_ID, STATE_KEY, TYPE, WIDGET_ID } from "./wire.js";

if (location.search === "?silent") console.log = () => {};
const api = new WidgetApi(WIDGET_ID, new URL(location.ancestorOrigins[0] as string).origin);
api.requestCapabilities(CAPABILITIES);
const ready = new Promise((resolve) => api.once("ready", resolve));
api.start();
api.sendContentLoaded();

compete(
  (content) => api.sendStateEvent(TYPE, STATE_KEY, content, ROOM_ID),
  (response) => response.event_id,
  ready,
);
