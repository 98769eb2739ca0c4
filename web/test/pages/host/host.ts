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
 *	as      moderator          whose client it is, if not the usual user's
 *	device  the client's device id, if not the user's own
 *
 * `window.services` is what the client has beside the room (services/services.ts); on hosts of matrix-widget-api `actions` is
 * what it was asked for, and `modals` are its modal widgets. `tell` calls a method of ClientWidgetApi, `ask` makes any request.
 */
import { FirstDraftHost } from "../../../demo/src/host/first-draft.js";
import { HomeserverClient, type RoomEvent } from "../../../demo/src/host/homeserver-client.js";
import type { Host, HostOptions } from "../../../demo/src/host/host.js";
import { ClientWidgetApiHost } from "../../../demo/src/host/mwa.js";
import { loadRelease, RELEASES } from "../../../demo/src/host/releases.js";
import { serveClientActions } from "./services/client-actions.js";
import { Modals } from "./services/modal.js";
import { Services } from "./services/services.js";

const WIDGET_ID = "w1";

async function chooseHost(lib: string): Promise<(options: HostOptions, services: Services) => Host> {
  if (lib === "first-draft") return (options) => new FirstDraftHost(options);
  if (lib.startsWith("replay-")) return (await import("./replay.js")).replay(lib);
  if (lib.startsWith("rust-style")) return (await import("./rust-style.js")).rustStyle(lib);
  const release = RELEASES.find((release) => lib === `mwa-${release}`);
  if (!release) throw new Error(`lib: "${lib}" is no host: first-draft, mwa-${RELEASES.join(", mwa-")}`);
  const library = await loadRelease(release);
  return (options, services) => {
    const host = new ClientWidgetApiHost(library, options, (driver) => services.driver(driver));
    const { api } = host;
    services.toDevice.deliver = (message, encrypted) => {
      api.feedToDevice(message, encrypted).catch(() => options.observer.event("unheard", message));
    };
    Object.assign(window, {
      actions: serveClientActions(api, options),
      modals: new Modals(library, api, options),
      ask: (action: string, data: object) => api.transport.send(action as never, data as never),
      tell: (method: keyof typeof api, ...args: unknown[]) =>
        (api[method] as unknown as (...args: unknown[]) => unknown)(...args),
    });
    return host;
  };
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
const moderated = params.get("as") === "moderator";
const { userId, accessToken } = moderated ? config.moderator : config;
const homeserver = new HomeserverClient(config.homeserver, accessToken);

/** A person who takes their time: a test's promise. */
let person: Promise<unknown> | undefined;

function approve(capability: string): boolean | Promise<boolean> {
  const grant = new URLSearchParams(location.search).get("grant") ?? "all"; // a test may change it meanwhile
  const approved = grant === "all" || (grant !== "none" && new RegExp(grant).test(capability));
  return person ? person.then(() => approved) : approved;
}

const widgetUrl = new URL(params.get("widget") ?? "/widget.html", config.widget);
if (params.get("site") === "cross") widgetUrl.hostname = "localhost";
widgetUrl.searchParams.set("widgetId", WIDGET_ID);
widgetUrl.searchParams.set("parentUrl", location.origin);

const iframe = document.createElement("iframe");
iframe.title = "Widget";
document.body.append(iframe);

const create = await chooseHost(params.get("lib") ?? "");
const options: HostOptions = {
  iframe,
  widgetId: WIDGET_ID,
  widgetUrl: widgetUrl.href,
  waitForIframeLoad: params.get("wait") !== "content",
  homeserver,
  userId,
  roomId: config.roomId,
  approve,
  observer: {
    wire: (direction, message) => recorded.wire.push({ t: Date.now(), direction, message }),
    driver: (method, args) => recorded.driverCalls.push({ method, args }),
    event: (name, detail) => recorded.hostEvents.push({ name, detail }),
  },
};
const deviceId = params.get("device") ?? (moderated ? "MODERATOR" : config.deviceId);
const services = new Services({ ...options, deviceId });
const host = create(options, services);
if (params.get("feed") === "1") homeserver.stream(config.roomId, (event) => host.feed(event));

/** Without a goodbye from our side, as when a client closes a room: the host stays, its widget is gone. */
Object.assign(window, {
  services,
  waitFor: (decision?: Promise<unknown>) => {
    person = decision;
  },
  feed: (event: RoomEvent) => host.feed(event),
  removeWidget: () => iframe.remove(),
  reloadWidget: () => {
    iframe.src = widgetUrl.href;
  },
});
iframe.src = widgetUrl.href;
