/** The place of the widget on the host page: loads it into an iframe, with a host around it, and ends it in several ways. */
import type { Connection } from "./connection.js";
import { element, make, setStatus, setText } from "./dom.js";
import { FirstDraftHost } from "./first-draft.js";
import type { RoomEvent } from "./homeserver-client.js";
import { logDriver } from "./homeserver-log.js";
import type { Host, HostOptions, Link } from "./host.js";
import { ClientWidgetApiHost } from "./mwa.js";
import { loadRelease, type Release } from "./releases.js";
import { refusalOf, type WireLog } from "./wire-log.js";

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

export type HostKind = "first-draft" | `mwa-${Release}`;

/** How a widget is to be put into the page. */
export interface Setup {
  kind: HostKind;
  waitForIframeLoad: boolean;
  approve: HostOptions["approve"];
}

/** `away`: its iframe shows another page. */
export type SlotState = "none" | "loading" | "ready" | "away";

const WIDGET_ID = "futures-demo";
/** Any page of the widget's origin that is not the widget. */
const ELSEWHERE = "elsewhere.html";

/** The orders that the demo's widget takes beside the Widget API: what no host can do to a page from outside. */
export type Order = { demo: "crash" } | { demo: "freeze"; ms: number };

export class WidgetSlot {
  /** How good the way to the widget is; it may be changed at any time. */
  readonly link: Link = { loss: 0, lateMs: 0 };
  private connection: Connection | undefined;
  private url = "";
  private iframe: HTMLIFrameElement | undefined;
  private host: Host | undefined;
  private gone = new AbortController();
  private loads = 0;

  constructor(
    private readonly config: Config,
    private readonly wire: WireLog,
    private readonly onState: (state: SlotState) => void,
  ) {}

  async load(connection: Connection, setup: Setup): Promise<void> {
    this.remove("");
    this.connection = connection;
    const turn = ++this.loads;
    this.become("loading", "Loading the widget …");
    const url = this.widgetUrl(connection, setup.kind);
    const iframe = document.createElement("iframe");
    iframe.title = "The widget";
    const options: HostOptions = {
      iframe,
      widgetId: WIDGET_ID,
      widgetUrl: url.href,
      waitForIframeLoad: setup.waitForIframeLoad,
      homeserver: connection.homeserver,
      userId: connection.userId,
      roomId: connection.roomId,
      approve: setup.approve,
      observer: {
        wire: (direction, message, lost) => {
          this.wire.message(direction, message, lost);
          if (direction === "host>widget") this.heed(message);
        },
        driver: logDriver(this.wire),
        event: (name) => this.heard(name),
      },
      link: this.link,
    };
    const makeHost = await hostMaker(setup.kind);
    if (turn !== this.loads) return; // another was chosen meanwhile
    element("frame").replaceChildren(iframe); // a host wants the iframe's window
    this.host = makeHost(options);
    this.gone = new AbortController();
    this.iframe = iframe;
    this.url = iframe.src = url.href;
  }

  /** As when a client closes a room: the page in the iframe is told that it ends, and can say goodbye. */
  remove(status = "The widget's page has ended."): void {
    this.loads++;
    setText(element("refusal"), "");
    if (!this.iframe) return;
    this.host?.stop();
    this.host = undefined;
    this.iframe.remove();
    this.iframe = undefined;
    this.gone.abort();
    element("frame").replaceChildren(
      make("p", "gone quiet", "There is no widget now. What it scheduled goes out when its time is up."),
    );
    this.become("none", status);
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

  /** As when somebody follows a link in it: another page takes the widget's place, and the host stays. */
  navigateAway(): void {
    if (!this.iframe) return;
    this.iframe.src = new URL(ELSEWHERE, this.url).href;
    this.become("away", "The widget's iframe shows another page. Navigate back to have the widget again.");
  }

  /** The widget's page once more in the same iframe, with the same host. */
  reload(): void {
    if (!this.iframe) return;
    this.iframe.src = this.url;
    this.become("loading", "Loading the widget's page again …");
  }

  feed(event: RoomEvent): void {
    if (event.room_id === this.connection?.roomId) this.host?.feed(event);
  }

  /** Resolves when the widget has taken the order, or is no more. */
  private order(order: Order): Promise<void> {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => resolve();
      this.gone.signal.addEventListener("abort", () => resolve());
      this.iframe?.contentWindow?.postMessage(order, new URL(this.url).origin, [port2]);
    });
  }

  private heard(event: string): void {
    if (event === "capabilitiesNotified") this.become("ready");
    if (event === "error:preparing" && !this.iframe?.src.includes(ELSEWHERE))
      setStatus("The page in the iframe does not speak the Widget API, or takes too long.");
  }

  /** What the client tells the widget that a person should know of. */
  private heed(raw: unknown): void {
    const { action, data, response } = raw as {
      action: string;
      data: Record<string, unknown>;
      response?: unknown;
    };
    if (response !== undefined && matters(action, data)) {
      const refused = refusalOf(response);
      const said = refused?.startsWith(action) ? refused : `${action}: ${refused}`;
      setText(element("refusal"), refused === undefined ? "" : `The client refused ${said}`);
    }
    if (action !== "notify_capabilities" || response !== undefined) return;
    const [requested, approved] = [data.requested, data.approved].map((list) =>
      Array.isArray(list) ? list : [],
    );
    const allowed = requested?.filter((capability) => approved?.includes(capability)).length;
    setStatus(
      allowed === requested?.length
        ? "Widget ready; all it asked for is allowed."
        : `Widget ready; ${allowed} of the ${requested?.length} permissions it asked for are allowed.`,
    );
  }

  private become(state: SlotState, status?: string): void {
    if (status !== undefined) setStatus(status);
    this.onState(state);
  }

  /** The widget is on another site where it can be, so that it has a process of its own and may freeze alone. */
  private widgetUrl(connection: Connection, kind: HostKind): URL {
    const url = new URL(this.config.widget);
    if (url.hostname === "127.0.0.1" && location.hostname !== "localhost") url.hostname = "localhost";
    const firstDraft = kind === "first-draft";
    url.search = new URLSearchParams({
      widgetId: WIDGET_ID,
      parentUrl: location.href,
      roomId: connection.roomId,
      userId: connection.userId,
      deviceId: connection.deviceId,
      baseUrl: connection.homeserver.baseUrl,
      // A first draft cannot be recognised by any capability, so the page has to be told about it.
      dialect: firstDraft ? "futures" : "auto",
      host: firstDraft ? "the first draft's own host" : kind.replace("mwa-", "matrix-widget-api "),
    }).toString();
    return url;
  }
}

/** Whether a person wants to know of its refusal: a widget may ask for more, to learn what its client is. */
function matters(action: string, data: Record<string, unknown>): boolean {
  return action === "send_event" || (typeof data?.delay_id === "string" && data.delay_id !== "");
}

async function hostMaker(kind: HostKind): Promise<(options: HostOptions) => Host> {
  if (kind === "first-draft") return (options) => new FirstDraftHost(options);
  const library = await loadRelease(kind.slice("mwa-".length) as Release);
  return (options) => new ClientWidgetApiHost(library, options);
}
