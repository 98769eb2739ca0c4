/**
 * A host for tests: one of the real ones around a widget from another origin, with everything that happens recorded on
 * the window. Parameters of the URL:
 *
 *	lib     first-draft | mwa-<release of matrix-widget-api> | replay-<what was recorded> | rust-style[-early], a fake
 *	wait    load | content     when the host starts to talk (waitForIframeLoad true or false)
 *	grant   all | none | a regular expression that approved capabilities match
 *	site    same | cross       widget at 127.0.0.1 beside the host, or at localhost
 *	widget  path and query of the widget's page; widgetId and parentUrl are added
 *	feed    1                  the widget is offered what happens in the room
 */
import { FirstDraftHost } from "../../../demo/src/host/first-draft.js";
import { HomeserverClient, type RoomEvent } from "../../../demo/src/host/homeserver-client.js";
import type { Host, HostOptions } from "../../../demo/src/host/host.js";
import { ClientWidgetApiHost } from "../../../demo/src/host/mwa.js";
import { loadRelease, RELEASES } from "../../../demo/src/host/releases.js";

const WIDGET_ID = "w1";

async function chooseHost(lib: string): Promise<(options: HostOptions) => Host> {
  if (lib === "first-draft") return (options) => new FirstDraftHost(options);
  if (lib.startsWith("replay-")) return (await import("./replay.js")).replay(lib);
  if (lib.startsWith("rust-style")) return (await import("./rust-style.js")).rustStyle(lib);
  const release = RELEASES.find((release) => lib === `mwa-${release}`);
  if (!release) throw new Error(`lib: "${lib}" is no host: first-draft, mwa-${RELEASES.join(", mwa-")}`);
  const library = await loadRelease(release);
  return (options) => new ClientWidgetApiHost(library, options);
}

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
  const grant = new URLSearchParams(location.search).get("grant") ?? "all"; // a test may change it meanwhile
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

const create = await chooseHost(params.get("lib") ?? "");
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
  feed: (event: RoomEvent) => host.feed(event),
  removeWidget: () => iframe.remove(),
  reloadWidget: () => {
    iframe.src = widgetUrl.href;
  },
});
iframe.src = widgetUrl.href;
