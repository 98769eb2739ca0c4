/** A fresh page that starts one frame when it is told to, answers it as a host, and hears how long it took. */
import { answerWidgets } from "./answering.js";

answerWidgets();

function start(name: string): Promise<Record<string, number>> {
  return new Promise((resolve) => {
    addEventListener("message", ({ data }) => data.started && resolve(data.started));
    const iframe = document.createElement("iframe");
    iframe.src = `${name}.html`;
    document.body.append(iframe);
  });
}

Object.assign(window, { bench: { start } });
