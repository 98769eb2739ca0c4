/** The same for matrix-widget-api, which has a call wait for nothing: whoever uses it waits for its "ready". */
import { CAPABILITIES, membership, ROOM_ID, STATE_KEY, TYPE, WIDGET_ID } from "./wire.js";

const start = performance.now();
const { WidgetApi } = await import("./mwa.js");
const api = new WidgetApi(WIDGET_ID, new URL(location.ancestorOrigins[0] as string).origin);
api.requestCapabilities(CAPABILITIES);
const ready = new Promise((resolve) => api.once("ready", resolve));
api.start();
api.sendContentLoaded();
await ready;
await api.sendStateEvent(TYPE, STATE_KEY, membership(0), ROOM_ID);
window.parent.postMessage({ started: { settled: performance.now() - start } }, "*");
