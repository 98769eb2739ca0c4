/** A fresh page that starts one frame when it is told to, answers it as a host, and hears how long it took. */
import { answerWidgets } from "./answering.js";

answerWidgets();

/** Waits for the message of the frame at `address` that `ends` finds something in. */
function frame(address: string, ends: (data: MessageEvent["data"]) => object | undefined): Promise<object> {
  return new Promise((resolve) => {
    addEventListener("message", ({ data }) => {
      const end = ends(data);
      if (end) resolve(end);
    });
    const iframe = document.createElement("iframe");
    iframe.src = address;
    document.body.append(iframe);
  });
}

/** What a page of ours says of its own start. */
const start = (address: string) => frame(address, ({ started }) => started);

/** How long any widget takes, from the navigation until it has posted that it is there. */
function contentLoaded(address: string): Promise<object> {
  const begun = performance.now();
  return frame(address, ({ action }) =>
    action === "content_loaded" ? { loaded: performance.now() - begun } : undefined,
  );
}

Object.assign(window, { bench: { start, contentLoaded } });
