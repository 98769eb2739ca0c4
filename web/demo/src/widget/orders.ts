/**
 * Orders of the demo's host page, by which this page plays what no host can do to a page from outside. They are no part
 * of the Widget API, and the client does not hear them.
 */
import type { Order } from "../host/slot.js";

let crashed = false;

/** To be called before the client connects: a dead page lets nobody hear that it is hidden. */
export function takeOrders(): void {
  addEventListener("pagehide", (event) => crashed && event.stopImmediatePropagation());
  addEventListener("message", ({ source, data, ports }: MessageEvent<Partial<Order>>) => {
    if (source !== parent || !data?.demo) return;
    if (data.demo === "crash") crashed = true;
    if (data.demo === "freeze") block((data as { ms: number }).ms);
    ports[0]?.postMessage("done");
  });
}

/** Nothing of this page runs for so long: no timer, no message, no answer. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
