/**
 * A FAKE of the widget machine of matrix-rust-sdk, which native clients host widgets with: its manners after W§3.3 – 3.6 and
 * W§4.3, not its code. What sets it apart from matrix-widget-api: every message is JSON text both ways, answers hold explicit
 * nulls, and much gets no answer at all (before the negotiation, beyond 15 waiting requests, after 10 s, what cannot be read).
 * Its delayed events are real ones of the homeserver; what it has beside the room is that of the page (services).
 */
import type { RoomEvent } from "../../../demo/src/host/homeserver-client.js";
import {
  type Host,
  type HostOptions,
  observedWindow,
  observeMessagesFrom,
} from "../../../demo/src/host/host.js";
import {
  DOWNLOAD,
  known,
  mayPass,
  mayReceive,
  maySend,
  SEND_DELAYED,
  stateTypes,
  TRANSPORTS,
  UPDATE_DELAYED,
} from "./rust-capabilities.js";
import { RustDriver } from "./rust-driver.js";
import { Pending } from "./rust-pending.js";
import {
  type ReadEvents,
  readMessage,
  readRequest,
  type SendEvent,
  type SendToDevice,
  SerdeError,
  type UpdateDelayed,
} from "./rust-wire.js";
import type { Services } from "./services/services.js";
import type { Fields } from "./situation.js";

const VERSIONS = [
  ...["0.0.1", "0.0.2", "org.matrix.msc2762", "org.matrix.msc2762_update_state", "org.matrix.msc2871"],
  ...["org.matrix.msc3819", "org.matrix.msc4039", "org.matrix.msc4515"],
];

type Outcome = { value: object } | { failure: unknown };

/** `rust-style-early` makes its machine before the page in the iframe is there: see RustStyleHost. */
export function rustStyle(lib: string): (options: HostOptions, services: Services) => Host {
  if (lib !== "rust-style" && lib !== "rust-style-early")
    throw new Error(`lib: "${lib}" is neither rust-style nor rust-style-early`);
  return (options, services) => new RustStyleHost(options, services, lib === "rust-style-early");
}

/**
 * With `waitForIframeLoad` false it negotiates after content_loaded (`init_on_content_load`). Otherwise it sends
 * `capabilities` when the client makes it, once: that is at the iframe's load event, or early, when no page listens yet.
 */
class RustStyleHost implements Host {
  private readonly driver: RustDriver;
  private readonly origin: string;
  private readonly widget: ReturnType<typeof observedWindow>;
  private readonly stopObserving: () => void;
  private readonly toWidget = new Pending<{ action: string; response: unknown }>();
  private readonly toDriver = new Pending<Outcome>();
  /** Settled when the widget has been told the state there was; what changes it is told after that. */
  private stateAsItWas = Promise.resolve();
  private negotiation: "unset" | "negotiating" | { approved: string[] } = "unset";

  constructor(
    private readonly options: HostOptions,
    services: Services,
    early: boolean,
  ) {
    this.driver = new RustDriver(options, services);
    services.toDevice.deliver = (message, encrypted) => this.feedToDevice({ ...message, encrypted });
    this.origin = new URL(options.widgetUrl).origin;
    this.widget = observedWindow(options);
    this.stopObserving = observeMessagesFrom(options);
    addEventListener("message", this.onMessage);
    if (early) this.negotiate();
    else if (options.waitForIframeLoad) options.iframe.addEventListener("load", this.onLoad, { once: true });
  }

  private readonly onLoad = () => this.negotiate();

  stop(): void {
    removeEventListener("message", this.onMessage);
    this.options.iframe.removeEventListener("load", this.onLoad);
    this.stopObserving();
  }

  feed(event: RoomEvent): void {
    if (typeof this.negotiation === "string" || !mayReceive(this.negotiation.approved, event)) return;
    if (event.state_key === undefined) this.ask("send_event", { ...event });
    else this.stateAsItWas.then(() => this.ask("update_state", { state: [event] }));
  }

  private feedToDevice(message: Fields & { type: string }): void {
    if (typeof this.negotiation === "string" || !mayPass(this.negotiation.approved, "receive", message.type))
      return;
    this.ask("send_to_device", message);
  }

  // ------------------------------------------------------------------ text

  private readonly onMessage = ({ source, data }: MessageEvent) => {
    if (source !== this.options.iframe.contentWindow) return;
    const read = readMessage(JSON.stringify(data) ?? "null");
    if (!read || read.widgetId !== this.options.widgetId) this.drop("what is not for this widget");
    else if ("request" in read) this.handle(read.requestId, read.request);
    else if (!this.toWidget.settle(read.requestId, read)) this.drop("an answer to nothing");
  };

  /** All that it says came out of JSON, here or at the homeserver. */
  private post(message: object): void {
    this.widget.postMessage(message, this.origin);
  }

  /** Where the real one writes a log line and says nothing to the widget. */
  private drop(why: string): void {
    this.options.observer.event("dropped", why);
  }

  private ask(action: string, data: object, settle: (response: unknown) => void = () => {}): void {
    const { widgetId } = this.options;
    const requestId = this.toWidget.insert((answer) => {
      if (answer.action === action) settle(answer.response);
      else this.drop("an answer to another action");
    });
    if (requestId === undefined) this.drop("too many requests wait for the widget");
    else this.post({ api: "toWidget", widgetId, requestId, action, data });
  }

  private askDriver(work: () => Promise<object>, settle: (outcome: Outcome) => void): void {
    const id = this.toDriver.insert(settle);
    if (id === undefined) {
      this.drop("too many requests wait for the driver");
      return;
    }
    const end = (outcome: Outcome) => {
      if (!this.toDriver.settle(id, outcome)) this.drop("the driver was too slow");
    };
    work().then(
      (value) => end({ value }),
      (failure: unknown) => end({ failure }),
    );
  }

  // ----------------------------------------------------------- negotiation

  private negotiate(): void {
    this.negotiation = "negotiating";
    this.options.observer.event("preparing");
    this.ask("capabilities", {}, (response) => {
      const { capabilities } = (response ?? {}) as { capabilities?: unknown };
      if (isTexts(capabilities)) this.conclude(known(capabilities));
      else this.drop("unreadable capabilities");
    });
  }

  /** Its answer is always good; what follows depends. */
  private contentLoaded(): void {
    if (this.negotiation === "unset" && !this.options.waitForIframeLoad) this.negotiate();
  }

  private conclude(requested: string[]): void {
    const { observer, approve } = this.options;
    const approved = requested.filter(approve);
    this.negotiation = { approved };
    observer.event("ready");
    this.ask("notify_capabilities", { requested, approved }, () => observer.event("capabilitiesNotified"));
    const types = stateTypes(approved);
    if (types.length === 0) return;
    const failed = () => this.drop("no state from the homeserver");
    this.stateAsItWas = this.pushState(types, approved).catch(failed);
  }

  /** The state as it is, which this machine pushes whatever the widget's versions say. */
  private async pushState(types: string[], approved: string[]): Promise<void> {
    const { homeserver, roomId } = this.options;
    const states = await Promise.all([...new Set(types)].map((type) => homeserver.state(roomId, type)));
    this.ask("update_state", { state: states.flat().filter((event) => mayReceive(approved, event)) });
  }

  // --------------------------------------------------------------- actions

  private handle(requestId: string, message: Fields): void {
    const answer = (response: object) => this.post({ ...message, response });
    const reply = this.reply(message);
    if ("work" in reply)
      this.askDriver(reply.work, (outcome) =>
        answer("value" in outcome ? outcome.value : { error: this.driver.failure(outcome.failure) }),
      );
    else if ("silence" in reply) this.drop(reply.silence);
    else {
      answer(reply.response);
      reply.after?.(requestId);
    }
  }

  private reply(message: Fields): Reply {
    try {
      const { action, data } = readRequest(message);
      switch (action) {
        case "supported_api_versions":
          return { response: { supported_versions: VERSIONS } };
        case "content_loaded":
          return { response: {}, after: () => this.contentLoaded() };
        case "get_openid":
          return { response: { state: "request" }, after: (id) => this.proveIdentity(id) };
        case "send_event":
          return this.sendEvent(data as SendEvent);
        case "org.matrix.msc4157.update_delayed_event":
          return this.update(data as UpdateDelayed);
        case "org.matrix.msc2876.read_events":
          return this.read(data as ReadEvents);
        case "send_to_device":
          return this.sendToDevice(data as SendToDevice);
        case "org.matrix.msc4039.download_file":
          return this.granted(DOWNLOAD, () =>
            this.driver.download((data as { content_uri: string }).content_uri),
          );
        case "org.matrix.msc4515.get_rtc_transports":
          return this.granted(TRANSPORTS, () => this.driver.transports());
      }
    } catch (error) {
      if (error instanceof SerdeError) return refusal(error.message);
      throw error;
    }
  }

  private sendEvent(data: SendEvent): Reply {
    if (typeof this.negotiation === "string") return { silence: "send_event before the negotiation" };
    const { approved } = this.negotiation;
    const delayed = data.delay !== undefined;
    if (delayed && !approved.includes(SEND_DELAYED)) return missing(SEND_DELAYED);
    if (!maySend(approved, data)) return refusal("Not allowed to send event");
    const nothing = { event_id: null, delay_id: null };
    return {
      work: async () => ({ room_id: this.options.roomId, ...nothing, ...(await this.driver.send(data)) }),
    };
  }

  private sendToDevice(data: SendToDevice): Reply {
    if (typeof this.negotiation === "string") return { silence: "send_to_device before the negotiation" };
    if (!mayPass(this.negotiation.approved, "send", data.type))
      return refusal(`Not allowed to send to-device message of type: ${data.type}`);
    return { work: () => this.driver.sendToDevice(data) };
  }

  private proveIdentity(original_request_id: string): void {
    this.askDriver(
      () => this.driver.openId(),
      (outcome) => {
        const proof = "value" in outcome ? { state: "allowed", ...outcome.value } : { state: "blocked" };
        this.ask("openid_credentials", { ...proof, original_request_id });
      },
    );
  }

  private granted(capability: string, work: () => Promise<object>): Reply {
    if (typeof this.negotiation === "string")
      return refusal("Received a request before capabilities were negotiated");
    return this.negotiation.approved.includes(capability) ? { work } : missing(capability);
  }

  private update(data: UpdateDelayed): Reply {
    if (typeof this.negotiation === "string")
      return refusal("Received send update delayed event request before capabilities were negotiated");
    if (!this.negotiation.approved.includes(UPDATE_DELAYED)) return missing(UPDATE_DELAYED);
    return { work: () => this.driver.update(data) };
  }

  private read(data: ReadEvents): Reply {
    if (typeof this.negotiation === "string")
      return refusal("Received read event request before capabilities were negotiated");
    const { approved } = this.negotiation;
    const seen = (events: RoomEvent[]) => events.filter((event) => mayReceive(approved, event));
    return { work: async () => ({ events: seen(await this.driver.read(data)) }) };
  }
}

/** What becomes of a request: an answer at once, one from the driver, or none. `after` follows it. */
type Reply =
  | { response: object; after?: (requestId: string) => void }
  | { work: () => Promise<object> }
  | { silence: string };

function refusal(message: string): Reply {
  return { response: { error: { message, matrix_api_error: null } } };
}

function missing(capability: string): Reply {
  return refusal(`Not allowed: missing the ${capability} capability.`);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((entry) => typeof entry === "string");
}
