/**
 * A host for tests: one of three real ones around a widget from another origin, with everything that happens recorded on
 * the window. Parameters of the URL:
 *
 *	lib     first-draft | mwa-1.19.0 | mwa-1.6.0
 *	wait    load | content     when the host starts to talk (waitForIframeLoad true or false)
 *	grant   all | none | a regular expression that approved capabilities match
 *	site    same | cross       widget at 127.0.0.1 beside the host, or at localhost
 *	widget  path and query of the widget's page; widgetId and parentUrl are added
 *	feed    1                  the widget is offered what happens in the room
 */
import * as current from "matrix-widget-api";
import * as old from "matrix-widget-api-1.6.0";
import { FirstDraftHost } from "../../../demo/src/host/first-draft.js";
import { HomeserverClient } from "../../../demo/src/host/homeserver-client.js";
import type { Host, HostOptions } from "../../../demo/src/host/host.js";
import { ClientWidgetApiHost, type WidgetApiLibrary } from "../../../demo/src/host/mwa.js";

const WIDGET_ID = "w1";

const makeHost: Record<string, (options: HostOptions) => Host> = {
  "first-draft": (options) => new FirstDraftHost(options),
  "mwa-1.19.0": (options) => new ClientWidgetApiHost(current, options),
  "mwa-1.6.0": (options) => new ClientWidgetApiHost(old as unknown as WidgetApiLibrary, options),
};

const recorded = {
  wire: [] as unknown[],
  driverCalls: [] as unknown[],
  hostEvents: [] as unknown[],
  removeWidget: () => {},
  reloadWidget: () => {},
};
Object.assign(window, recorded);

const params = new URLSearchParams(location.search);
const config = await (await fetch("/config.json")).json();
const homeserver = new HomeserverClient(config.homeserver, config.accessToken);

function approve(capability: string): boolean {
  const grant = params.get("grant") ?? "all";
  if (grant === "all" || grant === "none") return grant === "all";
  return new RegExp(grant).test(capability);
}

const widgetUrl = new URL(params.get("widget") ?? "/widget.html", config.widget);
if (params.get("site") === "cross") widgetUrl.hostname = "localhost";
widgetUrl.searchParams.set("widgetId", WIDGET_ID);
widgetUrl.searchParams.set("parentUrl", location.origin);

const iframe = document.createElement("iframe");
iframe.title = "Widget";
document.body.append(iframe);

const create = makeHost[params.get("lib") ?? ""];
if (!create) throw new Error(`lib: ${params.get("lib")} is none of ${Object.keys(makeHost).join(", ")}`);
const host = create({
  iframe,
  widgetId: WIDGET_ID,
  widgetUrl: widgetUrl.href,
  waitForIframeLoad: params.get("wait") !== "content",
  homeserver,
  userId: config.userId,
  roomId: config.roomId,
  approve,
  observer: {
    wire: (direction, message) => recorded.wire.push({ t: Date.now(), direction, message }),
    driver: (method, args) => recorded.driverCalls.push({ method, args }),
    event: (name, detail) => recorded.hostEvents.push({ name, detail }),
  },
});
if (params.get("feed") === "1") homeserver.stream(config.roomId, (event) => host.feed(event));

/** Without a goodbye from our side, as when a client closes a room: the host stays, its widget is gone. */
Object.assign(window, {
  removeWidget: () => iframe.remove(),
  reloadWidget: () => {
    iframe.src = widgetUrl.href;
  },
});
iframe.src = widgetUrl.href;
