/**
 * What is the same for every contestant: it waits for the host's port, makes the calls it is told to make and says how
 * long they took. A page's clock has steps of 0.1 ms, more than a call takes, so a sample is the time of many.
 */
import { EVENT_ID, membership, type Order, type Result } from "./wire.js";

/** The port that the host hands over once this page has loaded. It leaves no listener behind. */
const port = new Promise<MessagePort>((resolve) => {
  const onMessage = ({ ports, source }: MessageEvent) => {
    if (source !== window.parent || !ports[0]) return;
    removeEventListener("message", onMessage);
    resolve(ports[0]);
  };
  addEventListener("message", onMessage);
});

/**
 * Enters the contest. `send` makes one call, `eventId` reads its result; `ready` resolves when the first call may be made.
 * `tools` is what else the host may ask for.
 */
export async function compete<T>(
  send: (content: object) => Promise<T>,
  eventId: (result: T) => string | undefined,
  ready: Promise<unknown>,
  tools: Record<string, () => unknown> = {},
): Promise<void> {
  let made = 0;

  async function sequential(calls: number): Promise<number> {
    let answered = 0;
    for (let n = 0; n < calls; n++) {
      if (eventId(await send(membership(made++))) === EVENT_ID) answered++;
    }
    return answered;
  }

  async function atOnce(calls: number): Promise<number> {
    const all: Promise<T>[] = [];
    for (let n = 0; n < calls; n++) all.push(send(membership(made++)));
    let answered = 0;
    for (const result of await Promise.all(all)) if (eventId(result) === EVENT_ID) answered++;
    return answered;
  }

  async function run({ inFlight, perSample, samples }: Order): Promise<Result> {
    const result: Result = { micros: [], answered: 0 };
    for (let sample = 0; sample < samples; sample++) {
      const start = performance.now();
      if (inFlight === 1) result.answered += await sequential(perSample);
      else for (let n = 0; n < perSample; n += inFlight) result.answered += await atOnce(inFlight);
      result.micros.push(((performance.now() - start) * 1000) / perSample);
    }
    return result;
  }

  const host = await port;
  host.onmessage = async ({ data: { run: order, tool } }) => {
    try {
      host.postMessage({ result: order ? await run(order) : tools[tool]?.() });
    } catch (error) {
      host.postMessage({ error: String(error) });
    }
  };
  try {
    await ready;
    host.postMessage({ result: "ready" });
  } catch (error) {
    host.postMessage({ error: String(error) });
  }
}
