/**
 * What is the same for every contestant: it waits for the host's port, makes the calls it is told to make and says how
 * long they took. A page's clock has steps of 0.1 ms, more than a call takes, so a sample is the time of many.
 */
import { type Call, type Calls, membership, type Order, type Result } from "./wire.js";

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
 * Enters the contest with a way to make each kind of call; `ready` resolves when the first may be made. `tools` is what else
 * the host may ask for.
 */
export async function compete(
  calls: Partial<Calls>,
  ready: Promise<unknown>,
  // biome-ignore lint/suspicious/noExplicitAny: whatever the tool takes
  tools: Record<string, (...args: any[]) => unknown> = {},
): Promise<void> {
  let made = 0;

  async function sequential({ send, good }: Call, calls: number): Promise<number> {
    let answered = 0;
    for (let n = 0; n < calls; n++) {
      if (good(await send(membership(made++)))) answered++;
    }
    return answered;
  }

  async function atOnce({ send, good }: Call, calls: number): Promise<number> {
    const all: Promise<unknown>[] = [];
    for (let n = 0; n < calls; n++) all.push(send(membership(made++)));
    let answered = 0;
    for (const result of await Promise.all(all)) if (good(result)) answered++;
    return answered;
  }

  async function run({ kind, inFlight, perSample, samples }: Order): Promise<Result> {
    const call = calls[kind] as Call;
    const result: Result = { micros: [], answered: 0 };
    for (let sample = 0; sample < samples; sample++) {
      const start = performance.now();
      if (inFlight === 1) result.answered += await sequential(call, perSample);
      else for (let n = 0; n < perSample; n += inFlight) result.answered += await atOnce(call, inFlight);
      result.micros.push(((performance.now() - start) * 1000) / perSample);
    }
    return result;
  }

  const host = await port;
  host.onmessage = async ({ data: { run: order, tool, args = [] } }) => {
    try {
      host.postMessage({ result: order ? await run(order) : await tools[tool]?.(...args) });
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
