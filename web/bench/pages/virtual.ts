/**
 * Virtual time for a page: a clock that stands still while anything is under way and then jumps to the next timer, so that
 * ten hours pass in seconds. It takes the place of the browser's clocks before the module is loaded. Between frames of one
 * origin only: it counts what is asked of the host window and not yet answered.
 */
import type { Envelope } from "./wire.js";

interface Timer {
  at: number;
  ring(): void;
}

const timers = new Map<number, Timer>();
let serial = 0;
let unanswered = 0;
let now = performance.now();

/** Lets everything run that is due: a task behind those that are queued. */
function hop(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port2.onmessage = () => {
      port2.close();
      resolve();
    };
    port1.postMessage(0);
  });
}

/** `asked` hears of each request to the host, as it is posted. */
export function installVirtualTime(asked: (request: Envelope) => void): void {
  const past = Date.now() - now;
  performance.now = () => now;
  Date.now = () => Math.floor(past + now);
  const setVirtual = (ring: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    timers.set(++serial, { at: now + Math.max(0, ms), ring: () => ring(...args) });
    return serial;
  };
  Object.assign(window, {
    setTimeout: setVirtual,
    clearTimeout: (id: number) => void timers.delete(id),
    Worker: undefined, // its clock would be the real one
  });
  const post = window.parent.postMessage.bind(window.parent);
  window.parent.postMessage = (message: Envelope, ...rest: unknown[]) => {
    if (message.api === "fromWidget" && !message.response) {
      unanswered++;
      asked(message);
    }
    (post as (...args: unknown[]) => void)(message, ...rest);
  };
  addEventListener("message", ({ data }: MessageEvent<Envelope>) => {
    if (data.api === "fromWidget" && data.response) unanswered--;
  });
}

/** Lives until that time of the clock. */
export async function liveUntil(end: number): Promise<void> {
  for (;;) {
    do await hop();
    while (unanswered > 0);
    let next: [number, Timer] | undefined;
    for (const timer of timers) if (!next || timer[1].at < next[1].at) next = timer;
    if (!next || next[1].at > end) break;
    timers.delete(next[0]);
    now = Math.max(now, next[1].at);
    next[1].ring();
  }
  now = Math.max(now, end);
}
