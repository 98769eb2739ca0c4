/** The place of the widget on the host page: loads it into an iframe, with a host around it, and ends it in several ways. */
import * as widgetApi from "matrix-widget-api";
import { FirstDraftHost } from "./first-draft.js";
import type { HomeserverClient, RoomEvent } from "./homeserver-client.js";
import type { Host, HostOptions, Link } from "./host.js";
import { ClientWidgetApiHost } from "./mwa.js";
import { element, setStatus, showWireMessage } from "./views.js";

/** What the demo server serves as /config.json. */
export interface Config {
  widget: string;
  homeserver: string;
  accessToken: string;
  userId: string;
  deviceId: string;
  roomId: string;
  moderator: { accessToken: string; userId: string };
}

export type HostKind = "first-draft" | "client-widget-api";

const WIDGET_ID = "futures-demo";

/** A first draft cannot be recognised by any capability, so the page has to be told about it. */
const DIALECT: Record<HostKind, string> = { "first-draft": "futures", "client-widget-api": "auto" };

/** The orders that the demo's widget takes beside the Widget API: what no host can do to a page from outside. */
export type Order = { demo: "crash" } | { demo: "freeze"; ms: number };

export class WidgetSlot {
  /** How good the way to the widget is; it may be changed at any time. */
  readonly link: Link = { loss: 0, lateMs: 0 };
  private iframe: HTMLIFrameElement | undefined;
  private host: Host | undefined;

  constructor(
    private readonly config: Config,
    private readonly homeserver: HomeserverClient,
  ) {}

  load(kind: HostKind): void {
    this.remove("");
    const { config, homeserver, link } = this;
    const url = this.url(kind);
    const iframe = document.createElement("iframe");
    iframe.title = "The widget";
    element("frame").replaceChildren(iframe);
    const options: HostOptions = {
      iframe,
      widgetId: WIDGET_ID,
      widgetUrl: url.href,
      waitForIframeLoad: true,
      homeserver,
      userId: config.userId,
      roomId: config.roomId,
      approve: () => true,
      observer: {
        wire: showWireMessage,
        driver: () => {},
        event: (name) => name === "capabilitiesNotified" && setStatus("Widget ready."),
      },
      link,
    };
    this.host =
      kind === "first-draft" ? new FirstDraftHost(options) : new ClientWidgetApiHost(widgetApi, options);
    this.iframe = iframe;
    iframe.src = url.href;
    setStatus("Loading the widget …");
    setButtons(true);
  }

  /** The widget is on another site where it can be, so that it has a process of its own and may freeze alone. */
  private url(kind: HostKind): URL {
    const { config } = this;
    const url = new URL(config.widget);
    if (url.hostname === "127.0.0.1" && location.hostname !== "localhost") url.hostname = "localhost";
    url.search = new URLSearchParams({
      widgetId: WIDGET_ID,
      parentUrl: location.href,
      roomId: config.roomId,
      userId: config.userId,
      deviceId: config.deviceId,
      baseUrl: config.homeserver,
      dialect: DIALECT[kind],
    }).toString();
    return url;
  }

  /** As when a client closes a room: the page in the iframe is told that it ends, and can say goodbye. */
  remove(status = "The widget's page has ended."): void {
    if (!this.iframe) return;
    this.host?.stop();
    this.iframe.remove();
    this.iframe = undefined;
    const note = document.createElement("p");
    note.className = "gone quiet";
    note.textContent = "There is no widget now. What it scheduled goes out when its time is up.";
    element("frame").replaceChildren(note);
    setStatus(status);
    setButtons(false);
  }

  /** As when the browser dies: nothing runs in the page any more. */
  async crash(): Promise<void> {
    const { iframe } = this;
    await this.order({ demo: "crash" });
    if (this.iframe === iframe) this.remove("The widget's page is dead and had no time to say goodbye.");
  }

  /** As when a phone sleeps: for that long the page runs no code, and does not know. */
  freeze(ms: number): Promise<void> {
    setStatus(`The widget is frozen for ${ms / 1000} s.`);
    return this.order({ demo: "freeze", ms });
  }

  /** Resolves when the widget has taken the order. */
  private order(order: Order): Promise<void> {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve();
      this.iframe?.contentWindow?.postMessage(order, new URL(this.iframe.src).origin, [port2]);
    });
  }

  feed(event: RoomEvent): void {
    if (this.iframe) this.host?.feed(event);
  }
}

function setButtons(widgetThere: boolean): void {
  for (const id of ["remove", "crash", "freeze"]) element<HTMLButtonElement>(id).disabled = !widgetThere;
}
