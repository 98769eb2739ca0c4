import type { Fields } from "../border.js";
import {
  type ApiVersion,
  CurrentApiVersions,
  type IGetOpenIDActionResponse,
  type IOpenIDCredentials,
  type ISupportedVersionsActionResponseData,
  type ITurnServer,
  type IWidgetApiRequest,
  type IWidgetApiResponseData,
  OpenIDRequestState,
  UnstableApiVersion,
  WidgetApiDirection,
  WidgetApiFromWidgetAction,
  WidgetApiToWidgetAction,
} from "./exports.js";
import { WidgetRequests } from "./requests.js";
import { beforeStop, type ITransport, PostmessageTransport } from "./transport.js";

const refusal = (message: string): IWidgetApiResponseData => ({ error: { message } });

/**
 * A widget's side of the Widget API, as `matrix-widget-api` 1.19 has it. Every request of the host is raised as a
 * cancelable CustomEvent `action:<name>` with the request as `detail`: who prevents its default answers by
 * `transport.reply`. `ready` is emitted once the capabilities are negotiated.
 */
export class WidgetApi extends WidgetRequests {
  readonly transport: ITransport;
  #asked = false;
  #negotiated = false;
  #ready = false;
  #renegotiates = false;
  #versions?: ApiVersion[];
  /** Ends those who wait until the user has decided. */
  readonly #undecided = new Set<(error: Error) => void>();

  /**
   * @param widgetId Default: that of the host's first request.
   * @param clientOrigin The host's origin. Default: found out, see {@link ConnectOptions.hostOrigin}; "*" accepts any.
   */
  constructor(widgetId: string | null = null, clientOrigin: string | null = null) {
    super();
    if (!globalThis.parent) {
      throw new Error("No parent window. This widget doesn't appear to be embedded properly.");
    }
    const transport = new PostmessageTransport(
      WidgetApiDirection.FromWidget,
      widgetId,
      globalThis.parent,
      globalThis,
    );
    transport.on("message", ({ detail }: CustomEvent<IWidgetApiRequest>) => this.#handle(detail));
    beforeStop(transport, () => {
      const stopped = new Error("Transport stopped");
      this.turnServers.end(stopped);
      for (const end of this.#undecided) end(stopped);
    });
    this.transport = transport;
    this.transport.targetOrigin = clientOrigin;
  }

  protected get settled(): boolean {
    return this.#negotiated && !this.#renegotiates;
  }

  /** Starts to listen. Early, so that nothing of the host is missed. */
  start(): void {
    this.transport.start();
    this.getClientVersions().then((versions) => {
      if (versions.includes(UnstableApiVersion.MSC2974)) this.#renegotiates = true;
    });
  }

  /** What the host speaks; empty, and asked for again the next time, where it does not say. */
  async getClientVersions(): Promise<ApiVersion[]> {
    if (this.#versions) return this.#versions;
    try {
      const action = WidgetApiFromWidgetAction.SupportedApiVersions;
      const answer = await this.transport.send<Record<string, never>, ISupportedVersionsActionResponseData>(
        action,
        {},
      );
      if (Array.isArray(answer.supported_versions)) this.#versions = answer.supported_versions;
      return this.#versions ?? [];
    } catch (error) {
      console.warn("non-fatal error getting supported client versions: ", error);
      return [];
    }
  }

  /**
   * Gets a token by which others can verify who the user is. The host may ask the user meanwhile.
   *
   * @throws {Error} `User declined to verify their identity`, or what {@link ITransport.sendComplete} rejects with.
   */
  async requestOpenIDConnectToken(): Promise<IOpenIDCredentials> {
    const declined = () => new Error("User declined to verify their identity");
    const answer = await this.transport.sendComplete<Record<string, never>, IGetOpenIDActionResponse>(
      WidgetApiFromWidgetAction.GetOpenIDCredentials,
      {},
    );
    const { state } = answer.response;
    if (state === OpenIDRequestState.Allowed) return answer.response;
    if (state === OpenIDRequestState.Blocked) throw declined();
    if (state !== OpenIDRequestState.PendingUserConfirmation) throw new Error(`Invalid state: ${state}`);
    return new Promise((resolve, reject) => {
      const type = `action:${WidgetApiToWidgetAction.OpenIDCredentials}`;
      const end = (error: Error) => {
        this.#undecided.delete(end);
        this.off(type, decided);
        reject(error);
      };
      const decided = (event: CustomEvent<IWidgetApiRequest>) => {
        const { data } = event.detail;
        if (data.original_request_id !== answer.requestId) return;
        event.preventDefault();
        this.#undecided.delete(end);
        this.off(type, decided);
        if (data.state === OpenIDRequestState.Allowed) resolve(data);
        else if (data.state === OpenIDRequestState.Blocked) reject(declined());
        else {
          reject(new Error(`Invalid state on reply: ${data.state}`));
          this.transport.reply(event.detail, refusal("Invalid state"));
          return;
        }
        this.transport.reply(event.detail, {});
      };
      this.#undecided.add(end);
      this.on(type, decided);
    });
  }

  /** Hands a request of the host to the page, and gives the default answer unless the page prevents it. */
  #handle(request: IWidgetApiRequest): void {
    const { action } = request;
    const data: Fields = request.data ?? {};
    // Before anybody hears of it: who asks then what is approved is told the truth.
    if (action === WidgetApiToWidgetAction.NotifyCapabilities && Array.isArray(data.approved))
      this.approved = [...data.approved];
    const read =
      action === WidgetApiToWidgetAction.UpdateTurnServers && this.turnServers.update(data as ITurnServer);
    const event = new CustomEvent(`action:${action}`, { detail: request, cancelable: true });
    this.emit(event.type, event);
    if (event.defaultPrevented) return;
    switch (action) {
      case WidgetApiToWidgetAction.SupportedApiVersions:
        this.transport.reply(request, { supported_versions: CurrentApiVersions });
        break;
      case WidgetApiToWidgetAction.Capabilities:
        this.#negotiate(request);
        break;
      case WidgetApiToWidgetAction.UpdateVisibility:
      case WidgetApiToWidgetAction.NotifyCapabilities:
        this.transport.reply(request, {});
        break;
      default:
        this.transport.reply(
          request,
          read ? {} : refusal(`Unknown or unsupported to-widget action: ${action}`),
        );
    }
  }

  /**
   * Says what the widget wants, and again to a host that begins anew. That is not held back until the host's versions are
   * known, as the original does: its own deadline for this answer runs meanwhile. Whether it will tell what it allows
   * (MSC2871) decides when the widget is ready.
   */
  async #negotiate(request: IWidgetApiRequest): Promise<void> {
    this.transport.reply(request, { capabilities: this.wanted });
    if (this.#asked) return;
    this.#asked = true;
    this.once(`action:${WidgetApiToWidgetAction.NotifyCapabilities}`, () => this.#becomeReady());
    const versions = await this.getClientVersions();
    this.#negotiated = true;
    if (!versions.includes(UnstableApiVersion.MSC2871)) this.#becomeReady();
  }

  #becomeReady(): void {
    if (this.#ready) return;
    this.#ready = true;
    this.emit("ready");
  }
}
