/**
 * What the tests with the scripted host share: the one event type they send, and ways to open the host with a widget that
 * is ready.
 */
import { good } from "./harness.mjs";

export const UPDATE = "org.matrix.msc4157.update_delayed_event";
export const TYPE = "org.example.test";
export const capabilities = [`org.matrix.msc2762.send.state_event:${TYPE}`];
export const event = (extra) => ({ type: TYPE, stateKey: "k", content: {}, ...extra });
export const future = (extra) => event({ timeoutMs: 60_000, ...extra });
export const nextCallWorks = async (widget) => good(await widget.call("sendEvent", event()));

/** Makes the function that opens the scripted host; `handlers` runs in its page before the widget loads. */
export function readyOpener({ openRaw, connectOptions }) {
  return async function openReady(options, handlers, keep) {
    const handle = await openRaw({
      options: connectOptions({ capabilities, deadlineMs: 2000, ...options }),
      load: false,
      keep,
    });
    if (handlers) await handle.page.evaluate(handlers);
    await handle.loadWidget();
    good(await handle.widget.ready());
    return handle;
  };
}

/** Lets the scripted host schedule as a current host does. */
export function scheduling() {
  let ids = 0;
  window.handlers.send_event = ({ data }) =>
    data.delay === undefined
      ? { room_id: data.room_id, event_id: "$e" }
      : { room_id: data.room_id, delay_id: `d${++ids}` };
  window.handlers["org.matrix.msc4157.update_delayed_event"] = ({ data }) =>
    data.delay_id ? {} : { error: { message: "Invalid request - missing delay_id" } };
}
