/**
 * The floor: the least that any widget does to send a request and hear its answer. The same message, a map of promises, and
 * one look at who speaks. There are two frames of it, and what differs between them is noise.
 */
import { compete } from "./contestant.js";
import {
  type Calls,
  DELAY_ID,
  type Envelope,
  EVENT_ID,
  ROOM_ID,
  STATE_KEY,
  TIMEOUT_MS,
  TYPE,
  UPDATE_DELAYED,
  WIDGET_ID,
} from "./wire.js";

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

function request(action: string, data: object): Promise<Response> {
  return new Promise((resolve) => {
    const requestId = `floor-${++requests}`;
    waiting.set(requestId, resolve);
    host.postMessage({ api: "fromWidget", widgetId: WIDGET_ID, requestId, action, data }, hostOrigin);
  });
}

const event = { type: TYPE, state_key: STATE_KEY, room_id: ROOM_ID };
const calls: Calls = {
  state: {
    send: (content) => request("send_event", { ...event, content }),
    good: ({ event_id }: Response) => event_id === EVENT_ID,
  },
  future: {
    send: (content) => request("send_event", { ...event, content, delay: TIMEOUT_MS }),
    good: ({ delay_id }: Response) => delay_id === DELAY_ID,
  },
  refresh: {
    send: () => request(UPDATE_DELAYED, { delay_id: DELAY_ID, action: "restart" }),
    good: (response: Response) => !("error" in response),
  },
};

compete(calls, Promise.resolve());
