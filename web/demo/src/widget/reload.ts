/**
 * How futures get over a reload of this page: in the state of its history entry. Storage throws in an iframe of another
 * site, and an address is no place for what can send or cancel an event.
 */
import type { SavedFuture } from "/widget-futures/index.js";

export interface Saved {
  future: SavedFuture;
  title: string;
  content: unknown;
  isKept: boolean;
}

export function reloadWith(futures: Saved[]): void {
  history.replaceState({ futures }, "");
  location.reload();
}

/** What the page before left, once. */
export function takeOver(): Saved[] {
  const { futures = [] } = (history.state as { futures?: Saved[] } | null) ?? {};
  history.replaceState(null, "");
  return futures;
}
