/**
 * The demo's host page: a Matrix client with one room and one widget. It offers two hosts, the reference client of the
 * first draft and the real `ClientWidgetApi` of matrix-widget-api 1.19.0, on the homeserver that `make run` embeds.
 */
import * as widgetApi from "matrix-widget-api";
import { FirstDraftHost } from "./first-draft.js";
import { HomeserverClient } from "./homeserver-client.js";
import type { Host, HostOptions } from "./host.js";
import { ClientWidgetApiHost } from "./mwa.js";
import { element, showFutures, showTimelineEvent, showWireMessage } from "./views.js";

interface Config {
  widget: string;
  homeserver: string;
  accessToken: string;
  userId: string;
  deviceId: string;
  roomId: string;
}

type HostKind = "first-draft" | "client-widget-api";

const WIDGET_ID = "futures-demo";
const POLL_MS = 1000;

/** A first draft cannot be recognised by any capability, so the page has to be told about it. */
const DIALECT: Record<HostKind, string> = { "first-draft": "futures", "client-widget-api": "auto" };

class WidgetSlot {
  private iframe: HTMLIFrameElement | undefined;
  private host: Host | undefined;

  constructor(
    private readonly config: Config,
    private readonly homeserver: HomeserverClient,
  ) {}

  load(kind: HostKind): void {
    this.remove();
    const { config, homeserver } = this;
    const url = new URL(config.widget);
    url.search = new URLSearchParams({
      widgetId: WIDGET_ID,
      parentUrl: location.href,
      roomId: config.roomId,
      userId: config.userId,
      deviceId: config.deviceId,
      baseUrl: config.homeserver,
      dialect: DIALECT[kind],
    }).toString();
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
        event: (name) => setStatus(name === "capabilitiesNotified" ? "Widget ready." : undefined),
      },
    };
    this.host =
      kind === "first-draft" ? new FirstDraftHost(options) : new ClientWidgetApiHost(widgetApi, options);
    this.iframe = iframe;
    iframe.src = url.href;
    setStatus("Loading the widget …");
    setButtons(true);
  }

  remove(): void {
    if (!this.iframe) return;
    this.host?.stop();
    this.iframe.remove();
    this.iframe = undefined;
    const note = document.createElement("p");
    note.className = "gone quiet";
    note.textContent = "The widget's iframe is gone. What it scheduled goes out when its time is up.";
    element("frame").replaceChildren(note);
    setStatus("Widget removed.");
    setButtons(false);
  }

  feed(event: Parameters<Host["feed"]>[0]): void {
    if (this.iframe) this.host?.feed(event);
  }
}

function setStatus(text: string | undefined): void {
  if (text !== undefined) element("status").textContent = text;
}

function setButtons(widgetThere: boolean): void {
  element<HTMLButtonElement>("remove").disabled = !widgetThere;
}

function chosenHost(): HostKind {
  return document.querySelector<HTMLInputElement>("input[name=host]:checked")?.value as HostKind;
}

async function pollFutures(homeserver: HomeserverClient): Promise<void> {
  try {
    const [futures, delayedEvents] = await Promise.all([homeserver.futures(), homeserver.delayedEvents()]);
    showFutures(futures, delayedEvents);
  } catch {
    setStatus("The homeserver does not answer: is `make run` still running?");
  }
  setTimeout(() => pollFutures(homeserver), POLL_MS);
}

async function main(): Promise<void> {
  const config: Config = await (await fetch("config.json")).json();
  const homeserver = new HomeserverClient(config.homeserver, config.accessToken);
  const slot = new WidgetSlot(config, homeserver);
  element("remove").onclick = () => slot.remove();
  element("load").onclick = () => slot.load(chosenHost());
  for (const radio of document.querySelectorAll<HTMLInputElement>("input[name=host]")) {
    radio.onchange = () => slot.load(chosenHost());
  }
  homeserver.stream(config.roomId, (event) => {
    showTimelineEvent(event);
    slot.feed(event);
  });
  slot.load(chosenHost());
  await pollFutures(homeserver);
}

main();
