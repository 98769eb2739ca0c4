/**
 * The host of the interop cases: the real `ClientWidgetApi` 1.19.0 with the demo's driver, against a Synapse. It syncs and
 * feeds the widget what happens in the room, and can be made lossy on either of its two wires. The case comes as JSON in
 * `?case=`; what a case reads or does later stands on the window.
 */
import * as library from "matrix-widget-api";
import { followSync } from "../../demo/src/host/follow-sync.js";
import { HomeserverClient } from "../../demo/src/host/homeserver-client.js";
import type { Direction, HostOptions } from "../../demo/src/host/host.js";
import { MatrixHttp } from "../../demo/src/host/matrix-http.js";
import { ClientWidgetApiHost } from "../../demo/src/host/mwa.js";
import { accountDriver } from "./account.js";
import { Loss } from "./loss.js";

interface Case {
  homeserver: string;
  accessToken: string;
  userId: string;
  roomId: string;
  widgetUrl: string;
  /** A regular expression that approved capabilities match. */
  grant: string;
  /** Asks `/versions` before it schedules, as matrix-js-sdk does, and refuses without a Matrix error. */
  asksVersions: boolean;
  seed: number;
}

const WIDGET_ID = "w1";

const spec: Case = JSON.parse(new URLSearchParams(location.search).get("case") ?? "{}");
const loss = new Loss(spec.seed);
const recorded = {
  wire: [] as unknown[],
  driverCalls: [] as unknown[],
  answers: [] as { t: number; status: number; path: string }[],
  hostEvents: [] as unknown[],
};

// The wire to the widget: what is lost is lost before every listener and after every sender.
const iframe = document.createElement("iframe");
iframe.title = "Widget";
addEventListener("message", (event) => {
  // A page that is navigated away speaks last without a source (W§8).
  if (event.source && event.source !== iframe.contentWindow) return;
  if (crosses("widget>host", event.data)) return;
  event.stopImmediatePropagation();
});
const lossyFrame = {
  contentWindow: {
    postMessage(message: unknown, targetOrigin: string) {
      if (crosses("host>widget", message)) iframe.contentWindow?.postMessage(message, targetOrigin);
    },
  },
  addEventListener: iframe.addEventListener.bind(iframe),
} as unknown as HTMLIFrameElement;

function crosses(direction: Direction, message: unknown): boolean {
  const lost = loss.drops(direction);
  recorded.wire.push({ t: Date.now(), direction, message: structuredClone(message), lost });
  return !lost;
}

// The wire to the homeserver: what is lost shows to the sender as a broken connection does, as a TypeError.
const bareFetch = window.fetch.bind(window);
window.fetch = async (input, init) => {
  if (loss.drops("host>homeserver")) throw new TypeError("the request was lost");
  const response = await bareFetch(input, init);
  recorded.answers.push({ t: Date.now(), status: response.status, path: new URL(response.url).pathname });
  if (loss.drops("homeserver>host")) throw new TypeError("the answer was lost");
  return response;
};

class Client extends HomeserverClient {
  override async sendDelayedEvent(...args: Parameters<HomeserverClient["sendDelayedEvent"]>) {
    if (spec.asksVersions) {
      const versions = await (await bareFetch(new URL("_matrix/client/versions", spec.homeserver))).json();
      if (!versions.unstable_features?.["org.matrix.msc4140"])
        throw new Error("The server does not support delayed events");
    }
    return super.sendDelayedEvent(...args);
  }
}

document.body.append(iframe);
const grant = new RegExp(spec.grant);
const homeserver = new Client(spec.homeserver, spec.accessToken);
const options: HostOptions = {
  iframe: lossyFrame,
  widgetId: WIDGET_ID,
  widgetUrl: spec.widgetUrl,
  waitForIframeLoad: false,
  homeserver,
  userId: spec.userId,
  roomId: spec.roomId,
  approve: (capability) => grant.test(capability),
  observer: {
    wire: () => {}, // seen above, with what was lost
    driver: (method, args) => recorded.driverCalls.push({ t: Date.now(), method, args }),
    event: (name, detail) => recorded.hostEvents.push({ t: Date.now(), name, detail }),
  },
};
const host = new ClientWidgetApiHost(library, options, () => accountDriver(homeserver, spec.userId));

// What was there before we came the library reads for itself.
followSync(new MatrixHttp(spec.homeserver, spec.accessToken, bareFetch), {
  roomId: spec.roomId,
  onEvent: (event) => host.feed(event),
  onToDevice: (message) => void host.api.feedToDevice(message as never, false),
  fromNow: true,
});

Object.assign(window, recorded, {
  loss,
  removeWidget: () => iframe.remove(),
  navigateWidget: (url: string) => {
    iframe.src = url;
  },
});
// When this page ended, for the page of its origin that comes after it.
addEventListener("pagehide", () => sessionStorage.setItem("ended", String(Date.now())));
iframe.src = spec.widgetUrl;
