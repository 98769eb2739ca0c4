/**
 * The widget's host of every page here: negotiates with whoever says that it is there and answers each request at once, the
 * same to all and as a real host does where somebody looks. It logs nothing and keeps nothing.
 */
import { DELAY_ID, type Envelope, EVENT_ID, UPDATE_DELAYED } from "./wire.js";

const VERSIONS = ["0.0.1", "0.0.2", "org.matrix.msc2762", "org.matrix.msc2871", "org.matrix.msc2974"];
const error = (message: string) => ({ error: { message } });
let requests = 0;

function answer({ action, data }: Envelope): object {
  switch (action) {
    case "send_event":
      if (data.delay !== undefined) return { room_id: data.room_id, delay_id: DELAY_ID };
      return { room_id: data.room_id, event_id: EVENT_ID };
    case UPDATE_DELAYED:
      // What proves to a careful widget that this action is known: see the probe in design.md §5.2.
      return data.delay_id ? {} : error("Invalid request - missing delay_id");
    case "supported_api_versions":
      return { supported_versions: VERSIONS };
    case "content_loaded":
      return {};
  }
  return error(`Unknown or unsupported action: ${action}`);
}

/** Makes a request of the host's own, whose answer comes to the listener as everything does. */
function ask(to: Window, origin: string, widgetId: string, action: string, data: object): void {
  to.postMessage({ api: "toWidget", widgetId, requestId: `host-${++requests}`, action, data }, origin);
}

export function answerWidgets(): void {
  addEventListener("message", ({ data, origin, source }: MessageEvent<Envelope>) => {
    const from = source as Window;
    const { api, widgetId, action } = data;
    if (!api) return; // the bench's own
    if (data.response === undefined) {
      from.postMessage({ ...data, response: answer(data) }, origin);
      if (action === "content_loaded") ask(from, origin, widgetId, "capabilities", {});
    } else if (action === "capabilities") {
      const { capabilities } = data.response;
      ask(from, origin, widgetId, "notify_capabilities", { requested: capabilities, approved: capabilities });
    }
  });
}
