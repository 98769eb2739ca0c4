/**
 * How long this module takes from the first line of a page's script: `running` until calls and messages can go into it,
 * `settled` until a state event that was sent at once has its event id.
 */
import { CAPABILITIES, membership, ROOM_ID, STATE_KEY, TYPE, WIDGET_ID } from "./wire.js";

const start = performance.now();
const { connect } = await import("/widget-futures/index.js");
const client = connect({ widgetId: WIDGET_ID, roomId: ROOM_ID, capabilities: CAPABILITIES });
let running = 0;
client.addEventListener("statuschange", () => {
  running ||= performance.now() - start; // the first status
});
await client.sendEvent({ type: TYPE, stateKey: STATE_KEY, content: membership(0) });
window.parent.postMessage({ started: { running, settled: performance.now() - start } }, "*");
