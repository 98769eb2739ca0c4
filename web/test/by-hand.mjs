/**
 * What the tests of the FAKE Rust-style host share: a page around it on which no client runs, and which says what a test
 * writes by hand.
 */
import { widgetIn } from "./harness.mjs";

export const TYPE = "org.example.test";
export const SEND = "org.matrix.msc2762.send.state_event:";
export const RECEIVE = "org.matrix.msc2762.receive.";
export const SEND_DELAYED = "org.matrix.msc4157.send.delayed_event";
export const UPDATE = "org.matrix.msc4157.update_delayed_event";
export const DEFAULT = [SEND + TYPE, SEND_DELAYED, UPDATE];
/** Chromium itself reports the homeserver's refusals. */
export const REFUSED = [/Failed to load resource/];

export const sendEvent = (data) => ({
  action: "send_event",
  data: { type: TYPE, state_key: "k", content: {}, ...data },
});
export const update = (data) => ({ action: UPDATE, data });

/** Runs in the widget's page: speaks to the host by hand. */
export function speakByHand() {
  const heard = [];
  addEventListener("message", ({ data }) => heard.push(data));
  const post = (message) => parent.postMessage(message, "*");
  const answerTo = (id) => heard.find((message) => message.requestId === id && message.response);
  const until = async (found) => {
    for (const end = performance.now() + 15_000; performance.now() < end; ) {
      const value = found();
      if (value !== undefined) return value;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error("the host said nothing");
  };
  let ids = 0;
  /** Posts requests, and after them one that any host answers: whose turn has passed by then gets no answer. */
  const say = async (messages, { wait = true } = {}) => {
    const requests = [...messages, { action: "supported_api_versions", data: {} }].map((message) => {
      const usual = { api: "fromWidget", widgetId: "w1", requestId: `by-hand-${++ids}` };
      return { ...usual, ...message };
    });
    for (const request of requests) post(request);
    await until(() => answerTo(requests.at(-1).requestId));
    const ends = requests.slice(0, -1).map(({ requestId }) => requestId);
    if (wait) await until(() => (ends.every(answerTo) ? true : undefined));
    return ends.map((id) => answerTo(id)?.response ?? "silence");
  };
  const asked = (action) =>
    heard.filter((message) => message.api === "toWidget" && message.action === action);
  Object.assign(window, { heard, post, until, say, asked });
}

/** Makes the function that opens the fake around a page that speaks by hand. */
export function byHandOpener({ config, openPage }) {
  return async function openByHand({
    lib = "rust-style",
    wait = "content",
    grant = "all",
    site = "same",
    feed = "0",
    expect = REFUSED,
  } = {}) {
    const url = new URL("host.html", config.host);
    url.search = new URLSearchParams({ lib, wait, grant, site, feed, widget: "/widget.html" });
    const { page } = await openPage(url.href, { expect });
    const { frame } = await widgetIn(page);
    await frame.evaluate(speakByHand);
    const say = (messages, how) =>
      frame.evaluate(([messages, how]) => window.say(messages, how), [messages, how]);
    const hostEvents = () => page.evaluate(() => window.hostEvents);
    const negotiate = (capabilities = DEFAULT) =>
      frame.evaluate(async (capabilities) => {
        await window.say([{ action: "content_loaded", data: {} }]);
        const request = await window.until(() => window.asked("capabilities")[0]);
        window.post({ ...request, response: { capabilities } });
        const notify = await window.until(() => window.asked("notify_capabilities")[0]);
        window.post({ ...notify, response: {} });
        return notify.data;
      }, capabilities);
    return { page, frame, say, hostEvents, negotiate };
  };
}
