/**
 * A reference client of the first draft of "Futures for the widget api" (MSC4157 at cc0d665e6): `send_event` gains
 * `timeout` and `group_id`, its answer the tokens, and "the client is responsible to check for the field `timeout` or
 * `group_id` of the widget action and send a `/send` or `/send_future` http request if one of them is present". No
 * released library speaks that draft, so this is a Widget API host of its own: both ways to start (W§3.3), versions,
 * capabilities with later additions (MSC2974), and a check of source and origin, which other hosts leave out.
 */
import { Grants } from "./grants.js";
import { type FutureTokens, MatrixHttpError, type RoomEvent } from "./homeserver-client.js";
import { approvedOf, type Host, type HostOptions, observedWindow, observeMessagesFrom } from "./host.js";

const VERSIONS = [
  "0.0.1",
  "0.0.2",
  "org.matrix.msc2762", // events, capabilities
  "org.matrix.msc2871", // notify_capabilities
  "org.matrix.msc2974", // request_capabilities
];
const REQUEST_DEADLINE_MS = 10_000;

interface Envelope {
  api: "fromWidget" | "toWidget";
  widgetId: string;
  requestId: string;
  action: string;
  data: Record<string, unknown>;
  response?: Record<string, unknown>;
}

interface SendEventData {
  type?: unknown;
  content?: unknown;
  state_key?: string;
  room_id?: string;
  timeout?: unknown;
  group_id?: unknown;
}

/** Why a request is refused, in words for the widget's author. */
class Refusal extends Error {}

export class FirstDraftHost implements Host {
  private readonly origin: string;
  private readonly widget: ReturnType<typeof observedWindow>;
  private readonly pending = new Map<string, (response: Record<string, unknown>) => void>();
  private readonly stopObserving: () => void;
  private grants = new Grants();
  private contentLoaded = false;
  private requests = 0;

  constructor(private readonly options: HostOptions) {
    this.origin = new URL(options.widgetUrl).origin;
    this.widget = observedWindow(options);
    this.stopObserving = observeMessagesFrom(options);
    addEventListener("message", this.onMessage);
    options.iframe.addEventListener("load", this.onLoad);
  }

  stop(): void {
    removeEventListener("message", this.onMessage);
    this.options.iframe.removeEventListener("load", this.onLoad);
    this.stopObserving();
    this.pending.clear();
  }

  feed(event: RoomEvent): void {
    const inReach = event.room_id === this.options.roomId || this.grants.mayUseRoom(event.room_id);
    if (!inReach || !this.grants.mayReceive(event)) return;
    this.ask("send_event", { ...event }).catch(() => this.options.observer.event("unheard", event.event_id));
  }

  // ------------------------------------------------------------------ start

  private readonly onLoad = () => {
    this.contentLoaded = false;
    if (this.options.waitForIframeLoad) this.negotiate();
  };

  private negotiate(): void {
    const { observer, approve } = this.options;
    observer.event("preparing");
    this.grants = new Grants(); // a new page starts from nothing
    this.ask("supported_api_versions", {}).then(
      (answer) => observer.event("versions", answer.supported_versions),
      () => observer.event("versions", []),
    );
    this.ask("capabilities", {})
      .then(async (answer) => {
        const requested = listOfStrings(answer.capabilities);
        this.grants.add(await approvedOf(requested, approve));
        observer.event("ready");
        return this.notifyCapabilities(requested);
      })
      .catch((error) => observer.event("error:preparing", String(error)));
  }

  private async decide(added: string[]): Promise<void> {
    this.grants.add(await approvedOf(added, this.options.approve));
    await this.notifyCapabilities(added);
  }

  private async notifyCapabilities(requested: string[]): Promise<void> {
    await this.ask("notify_capabilities", { requested, approved: this.grants.approved });
    this.options.observer.event("capabilitiesNotified");
  }

  // --------------------------------------------------------------- messages

  private readonly onMessage = (event: MessageEvent) => {
    if (event.source !== this.options.iframe.contentWindow || event.origin !== this.origin) return;
    const message = event.data as Envelope | null;
    if (!message || message.widgetId !== this.options.widgetId || !message.requestId || !message.action)
      return;
    if (message.response) {
      if (message.api === "toWidget") this.pending.get(message.requestId)?.(message.response);
    } else if (message.api === "fromWidget") {
      this.answer(message);
    }
  };

  /** Sends a request to the widget. */
  private ask(action: string, data: Record<string, unknown>): Promise<Record<string, unknown>> {
    const requestId = `first-draft-${++this.requests}`;
    return new Promise<Record<string, unknown>>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${action}`)), REQUEST_DEADLINE_MS);
      this.pending.set(requestId, (response) => {
        clearTimeout(timer);
        const refused = (response.error as { message?: string } | undefined)?.message;
        if (refused === undefined) resolve(response);
        else reject(new Error(refused));
      });
      const request: Envelope = { api: "toWidget", widgetId: this.options.widgetId, requestId, action, data };
      this.widget.postMessage(request, this.origin);
    }).finally(() => this.pending.delete(requestId));
  }

  private async answer(request: Envelope): Promise<void> {
    let response: Record<string, unknown>;
    try {
      response = await this.handle(request);
    } catch (error) {
      response = { error: describe(error) };
    }
    this.widget.postMessage({ ...request, response }, this.origin);
  }

  // ---------------------------------------------------------------- actions

  private async handle(request: Envelope): Promise<Record<string, unknown>> {
    switch (request.action) {
      case "supported_api_versions":
        return { supported_versions: VERSIONS };
      case "content_loaded":
        if (this.options.waitForIframeLoad)
          throw new Refusal("content_loaded: this widget starts at iframe load");
        if (this.contentLoaded) throw new Refusal("content_loaded: sent once already");
        this.contentLoaded = true;
        queueMicrotask(() => this.negotiate()); // after the answer
        return {};
      case "org.matrix.msc2974.request_capabilities": {
        const added = listOfStrings(request.data.capabilities).filter(
          (capability) => !this.grants.has(capability),
        );
        setTimeout(() => this.decide(added).catch(() => {})); // after the answer
        return {};
      }
      case "send_event":
        return this.sendEvent(request.data);
      default:
        throw new Refusal(`${request.action}: this host does not know that action`);
    }
  }

  private async sendEvent(data: SendEventData): Promise<Record<string, unknown>> {
    const { homeserver, observer } = this.options;
    const { type, content, state_key: stateKey, timeout, group_id: groupId } = data;
    if (typeof type !== "string" || type === "") throw new Refusal("send_event: type is missing");
    if (!isObject(content)) throw new Refusal("send_event: content must be an object");
    if (data.room_id !== undefined && !this.grants.mayUseRoom(data.room_id)) {
      throw new Refusal(`send_event: no access to room ${data.room_id}`);
    }
    if (!this.grants.maySend(type, content, stateKey)) {
      throw new Refusal(
        `send_event: not allowed to send ${stateKey === undefined ? "events" : "state"} of type ${type}`,
      );
    }
    const roomId = data.room_id ?? this.options.roomId;
    if (timeout !== undefined || groupId !== undefined) {
      observer.driver("sendFuture", [groupId, timeout, type, content, stateKey, roomId]);
      return futureReceipt(
        roomId,
        await homeserver.sendFuture(roomId, type, content, stateKey, { timeout, groupId }),
      );
    }
    observer.driver("sendEvent", [type, content, stateKey, roomId]);
    return { room_id: roomId, event_id: await homeserver.sendEvent(roomId, type, content, stateKey) };
  }
}

/** A future has no event id before it is sent, so there is none in the answer (settled in MSC4157 two weeks later). */
function futureReceipt(roomId: string, tokens: FutureTokens): Record<string, unknown> {
  const { future_group_id, send_token, cancel_token, refresh_token } = tokens;
  const receipt = { room_id: roomId, group_id: future_group_id, send_token, cancel_token };
  return refresh_token === undefined ? receipt : { ...receipt, refresh_token };
}

function describe(error: unknown): Record<string, unknown> {
  if (error instanceof MatrixHttpError)
    return { message: error.message, matrix_api_error: error.toWidgetError() };
  if (error instanceof Refusal) return { message: error.message };
  return { message: "The homeserver could not be reached." };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOfStrings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((entry) => typeof entry === "string") : [];
}
