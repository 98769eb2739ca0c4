/**
 * A host that does what a test tells it. It starts as a well-behaved one (negotiates after `content_loaded`, approves
 * everything, answers `send_event` with an event id); a test replaces entries of `window.handlers`, or posts by hand.
 * A handler gets the request and returns the response, or undefined for silence; `*` answers what has no handler.
 */

interface Envelope {
  api: string;
  widgetId: string;
  requestId: string;
  action: string;
  data: Record<string, unknown>;
  response?: unknown;
}
type Handler = (request: Envelope) => unknown;

const WIDGET_ID = "w1";
const VERSIONS = ["0.0.1", "0.0.2", "org.matrix.msc2762", "org.matrix.msc2871", "org.matrix.msc2974"];

const config = await (await fetch("/config.json")).json();
const heard: Envelope[] = [];
const waiting = new Map<string, (answer: Envelope) => void>();
let frame: HTMLIFrameElement | undefined;
let requests = 0;
let events = 0;

const widgetOrigin = new URL(config.widget).origin;

function post(message: unknown): void {
  frame?.contentWindow?.postMessage(message, widgetOrigin);
}

/** Sends a request to the widget and waits for its answer. */
function ask(action: string, data: unknown, extra: object = {}): Promise<Envelope> {
  const requestId = `raw-${++requests}`;
  return new Promise((resolve) => {
    waiting.set(requestId, resolve);
    post({ api: "toWidget", widgetId: WIDGET_ID, requestId, action, data, ...extra });
  });
}

async function negotiate(): Promise<void> {
  const { response } = await ask("capabilities", {});
  const { capabilities } = response as { capabilities: string[] };
  await ask("notify_capabilities", { requested: capabilities, approved: capabilities });
}

const handlers: Record<string, Handler> = {
  supported_api_versions: () => ({ supported_versions: VERSIONS }),
  content_loaded: () => {
    setTimeout(negotiate);
    return {};
  },
  send_event: ({ data }) => ({ room_id: data.room_id, event_id: `$raw${++events}` }),
  "*": ({ action }) => ({ error: { message: `unknown action ${action}` } }),
};

function onMessage(event: MessageEvent): void {
  if (event.source !== frame?.contentWindow) return;
  const message = event.data as Envelope;
  heard.push(message);
  if (message.response !== undefined) {
    waiting.get(message.requestId)?.(message);
    return;
  }
  const response = (handlers[message.action] ?? handlers["*"])?.(message);
  if (response !== undefined) post({ ...message, response });
}
addEventListener("message", onMessage);

/** Answers every `send_event` at once and remembers nothing: the peer of the endurance test. */
function echo(): void {
  removeEventListener("message", onMessage);
  addEventListener("message", (event) => {
    const request = event.data as Envelope;
    if (request.response !== undefined) return;
    const response = { room_id: request.data.room_id, event_id: "$echo" };
    (event.source as Window).postMessage({ ...request, response }, widgetOrigin);
  });
}

function load(pathAndQuery: string, title = "Widget"): void {
  const url = new URL(pathAndQuery, config.widget);
  const iframe = document.createElement("iframe");
  iframe.title = title;
  if (title === "Widget") frame = iframe;
  iframe.src = url.href;
  document.body.append(iframe);
}

Object.assign(window, { config, heard, handlers, post, ask, negotiate, echo, load, widgetId: WIDGET_ID });
