/** Follows one room by the stream that the embedded homeserver has for pages (Server-Sent Events). */
import type { FollowOptions } from "./follow-sync.js";

const REOPEN_MS = 1000;

/** Calls back for each event, those already there first, and goes on where it was after the homeserver was away. */
export function followStream(url: URL, { onEvent, onTrouble }: Omit<FollowOptions, "roomId">): () => void {
  url.searchParams.set("from", "t0");
  return keepOpen(() => {
    const source = new EventSource(url);
    source.onopen = () => onTrouble?.(undefined);
    source.onmessage = (message) => {
      url.searchParams.set("from", message.lastEventId);
      onEvent(JSON.parse(message.data));
    };
    source.addEventListener("error", () => onTrouble?.("The homeserver does not answer."));
    return source;
  });
}

/** Opens a stream, and again after each time it broke: by itself it gives up for good when it is refused once. */
export function keepOpen(start: () => EventSource): () => void {
  let source: EventSource;
  let again: ReturnType<typeof setTimeout> | undefined;
  const open = () => {
    source = start();
    source.onerror = () => {
      source.close();
      again = setTimeout(open, REOPEN_MS);
    };
  };
  open();
  return () => {
    clearTimeout(again);
    source.close();
  };
}
