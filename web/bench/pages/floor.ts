/**
 * The floor: the least that any widget does to send a request and hear its answer. The same message, a map of promises, and
 * one look at who speaks. There are two frames of it, and what differs between them is noise.
 */
import { compete } from "./contestant.js";
import { type Envelope, ROOM_ID, STATE_KEY, TYPE, WIDGET_ID } from "./wire.js";

type Response = NonNullable<Envelope["response"]>;

const host = window.parent;
const hostOrigin = new URL(location.ancestorOrigins[0] as string).origin;
const waiting = new Map<string, (response: Response) => void>();
let requests = 0;

addEventListener("message", ({ source, origin, data }) => {
  if (source !== host || origin !== hostOrigin || !data.response) return;
  const settle = waiting.get(data.requestId);
  waiting.delete(data.requestId);
  settle?.(data.response);
});

function send(content: object): Promise<Response> {
  return new Promise((resolve) => {
    const requestId = `floor-${++requests}`;
    waiting.set(requestId, resolve);
    const data = { type: TYPE, state_key: STATE_KEY, room_id: ROOM_ID, content };
    host.postMessage(
      { api: "fromWidget", widgetId: WIDGET_ID, requestId, action: "send_event", data },
      hostOrigin,
    );
  });
}

compete(send, (response) => response.event_id as string, Promise.resolve());
