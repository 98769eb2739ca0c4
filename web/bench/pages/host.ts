/**
 * The host of all contestants: negotiates with whoever says that it is there, and answers each event at once, the same to
 * all. It logs nothing and keeps nothing. The run drives it by `window.bench`.
 */
import { type Envelope, EVENT_ID, type Order } from "./wire.js";

interface Contestant {
  window: Window;
  port: MessagePort;
}

const VERSIONS = ["0.0.1", "0.0.2", "org.matrix.msc2762", "org.matrix.msc2871", "org.matrix.msc2974"];
const contestants = new Map<string, Contestant>();
let requests = 0;

/** Makes a request of the host's own, whose answer comes to `onMessage` as everything does. */
function ask(to: Window, origin: string, widgetId: string, action: string, data: object): void {
  to.postMessage({ api: "toWidget", widgetId, requestId: `host-${++requests}`, action, data }, origin);
}

function answer({ action, data }: Envelope): object {
  if (action === "send_event") return { room_id: data.room_id, event_id: EVENT_ID };
  if (action === "supported_api_versions") return { supported_versions: VERSIONS };
  return {};
}

addEventListener("message", ({ data, origin, source }: MessageEvent<Envelope>) => {
  const from = source as Window;
  const { widgetId, action } = data;
  if (data.response === undefined) {
    from.postMessage({ ...data, response: answer(data) }, origin);
    if (action === "content_loaded") ask(from, origin, widgetId, "capabilities", {});
  } else if (action === "capabilities") {
    const { capabilities } = data.response;
    ask(from, origin, widgetId, "notify_capabilities", { requested: capabilities, approved: capabilities });
  }
});

/** The next thing that the contestant says on its port. */
function said(name: string, port: MessagePort): Promise<unknown> {
  return new Promise((resolve, reject) => {
    port.onmessage = ({ data }) =>
      "error" in data ? reject(new Error(`${name}: ${data.error}`)) : resolve(data.result);
  });
}

/** Loads a contestant's page into a frame that can be seen, as hidden ones may be slowed; resolves when it may be called. */
async function open(name: string, address: string): Promise<void> {
  const iframe = document.createElement("iframe");
  iframe.src = address;
  const loaded = new Promise((resolve) => iframe.addEventListener("load", resolve, { once: true }));
  document.body.append(iframe);
  await loaded;
  const { port1, port2 } = new MessageChannel();
  const frame = iframe.contentWindow as Window;
  const ready = said(name, port1);
  frame.postMessage({}, "*", [port2]);
  await ready;
  contestants.set(name, { window: frame, port: port1 });
}

function tell(name: string, what: { run: Order } | { tool: string }): Promise<unknown> {
  const { port } = contestants.get(name) as Contestant;
  const answer = said(name, port);
  port.postMessage(what);
  return answer;
}

/** Lets a contestant make one call, and returns what it sends. */
async function sample(name: string): Promise<Envelope | undefined> {
  let message: Envelope | undefined;
  const tap = ({ source, data }: MessageEvent<Envelope>) => {
    if (source === contestants.get(name)?.window && data.action === "send_event") message = data;
  };
  addEventListener("message", tap);
  await tell(name, { run: { inFlight: 1, perSample: 1, samples: 1 } });
  removeEventListener("message", tap);
  return message;
}

Object.assign(window, { bench: { open, tell, sample } });
