/** The host of all contestants, each in a frame. The run drives it by `window.bench`. */
import { answerWidgets } from "./answering.js";
import type { Envelope, Kind, Told } from "./wire.js";

interface Contestant {
  window: Window;
  port: MessagePort;
}

const contestants = new Map<string, Contestant>();
answerWidgets();

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

function tell(name: string, what: Told): Promise<unknown> {
  const { port } = contestants.get(name) as Contestant;
  const answer = said(name, port);
  port.postMessage(what);
  return answer;
}

/** Lets a contestant make one call, and returns what it sends. */
async function sample(name: string, kind: Kind): Promise<Envelope | undefined> {
  let message: Envelope | undefined;
  const tap = ({ source, data }: MessageEvent<Envelope>) => {
    if (source === contestants.get(name)?.window && data.response === undefined) message = data;
  };
  addEventListener("message", tap);
  await tell(name, { run: { kind, inFlight: 1, perSample: 1, samples: 1 } });
  removeEventListener("message", tap);
  return message;
}

Object.assign(window, { bench: { open, tell, sample } });
