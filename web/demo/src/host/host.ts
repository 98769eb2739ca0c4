/**
 * What the two hosts of this demo have in common: the options they are made from, what they report to the page around
 * them, and a window through which every message to the widget is seen.
 */
import type { HomeserverClient, RoomEvent } from "./homeserver-client.js";

export interface HostOptions {
  iframe: HTMLIFrameElement;
  widgetId: string;
  /** The URL the iframe loads; its origin is the only one the host speaks to. */
  widgetUrl: string;
  /** true: `capabilities` goes out at the iframe's load event; false: after `content_loaded` (W§3.3). */
  waitForIframeLoad: boolean;
  homeserver: HomeserverClient;
  userId: string;
  /** The room the user looks at: where an event without `room_id` goes. */
  roomId: string;
  /** Stands for the permission prompt. */
  approve: (capability: string) => boolean;
  observer: HostObserver;
}

export interface HostObserver {
  wire(direction: Direction, message: unknown): void;
  /** The host is about to ask the homeserver for something on the widget's behalf. */
  driver(method: string, args: unknown[]): void;
  event(name: string, detail?: unknown): void;
}

export type Direction = "widget>host" | "host>widget";

export interface Host {
  /** Offers an event of the room to the widget, which sees it if its capabilities say so. */
  feed(event: RoomEvent): void;
  stop(): void;
}

/** The iframe's window, with every message to it reported first. Messages to a removed iframe go nowhere. */
export function observedWindow(iframe: HTMLIFrameElement, observer: HostObserver) {
  return {
    postMessage(message: unknown, targetOrigin: string) {
      observer.wire("host>widget", structuredClone(message));
      iframe.contentWindow?.postMessage(message, targetOrigin);
    },
  };
}

/** Reports every message of the iframe; returns what stops it. */
export function observeMessagesFrom(iframe: HTMLIFrameElement, observer: HostObserver): () => void {
  const listener = (event: MessageEvent) => {
    if (event.source && event.source === iframe.contentWindow) observer.wire("widget>host", event.data);
  };
  addEventListener("message", listener);
  return () => removeEventListener("message", listener);
}
