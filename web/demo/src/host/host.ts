/**
 * What the two hosts of this demo have in common: the options they are made from, what they report to the page around
 * them, and the way to the widget, on which every message is seen and some may get lost.
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
  /** Stands for the permission prompt, which may take a person's time. */
  approve: (capability: string) => boolean | Promise<boolean>;
  observer: HostObserver;
  /** Default: a good one. */
  link?: Link;
}

/** How good the way between host and widget is. */
export interface Link {
  /** The share of messages, each way, that never arrives. */
  loss: number;
  /** How much later the widget hears the host. */
  lateMs: number;
}

export interface HostObserver {
  wire(direction: Direction, message: unknown, lost?: boolean): void;
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

/** Those of the capabilities that are approved. */
export async function approvedOf(
  requested: Iterable<string>,
  approve: HostOptions["approve"],
): Promise<string[]> {
  const decided = await Promise.all(
    [...requested].map(async (capability) => [capability, await approve(capability)] as const),
  );
  return decided.filter(([, approved]) => approved).map(([capability]) => capability);
}

/** The iframe's window, with every message to it reported first. Messages to a removed iframe go nowhere. */
export function observedWindow({ iframe, observer, link }: HostOptions) {
  return {
    postMessage(message: unknown, targetOrigin: string) {
      const lost = loses(link);
      observer.wire("host>widget", structuredClone(message), lost);
      const post = () => iframe.contentWindow?.postMessage(message, targetOrigin);
      if (lost) return;
      if (link?.lateMs) setTimeout(post, link.lateMs);
      else post();
    },
  };
}

/**
 * Reports every message of the iframe, and has those that get lost reach no listener that is added later; returns what
 * stops it.
 */
export function observeMessagesFrom({ iframe, observer, link }: HostOptions): () => void {
  const listener = (event: MessageEvent) => {
    if (!event.source || event.source !== iframe.contentWindow) return;
    const lost = loses(link);
    observer.wire("widget>host", event.data, lost);
    if (lost) event.stopImmediatePropagation();
  };
  addEventListener("message", listener);
  return () => removeEventListener("message", listener);
}

const loses = (link: Link | undefined) => link !== undefined && Math.random() < link.loss;
