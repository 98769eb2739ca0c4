import { __TurnServers } from "../index.js";
import type { TurnServers } from "../turn.js";
import { EventRequests } from "./event-requests.js";
import {
  WidgetApiFromWidgetAction as Action,
  type ApiVersion,
  BuiltInModalButtonID,
  type IDownloadFileActionFromWidgetResponseData,
  type IGetMediaConfigActionFromWidgetResponseData,
  type IModalWidgetCreateData,
  type IModalWidgetOpenRequestDataButton,
  type IModalWidgetReturnData,
  type IReadRelationsFromWidgetResponseData,
  type IRtcLivekitDelegateDelayedLeaveFromWidgetRequestData,
  type IRtcLivekitDelegateDelayedLeaveFromWidgetResponseData,
  type IRtcLivekitGetTokenFromWidgetRequestData,
  type IRtcLivekitGetTokenFromWidgetResponseData,
  type IRtcTransportsFromWidgetResponseData,
  type IStickerActionRequestData,
  type ITurnServer,
  type IUploadFileActionFromWidgetResponseData,
  type IWidgetApiResponseData,
  MatrixWidgetType,
  type ModalButtonID,
  UnstableApiVersion,
  type WidgetApiAction,
  type WidgetType,
} from "./exports.js";
import type { IUserDirectorySearchFromWidgetResponseData } from "./from-widget.js";

/** Whatever else a widget asks its host for. Every method rejects as {@link ITransport.send} does. */
export abstract class WidgetRequests extends EventRequests {
  /** What the host speaks; empty where it does not say. */
  abstract getClientVersions(): Promise<ApiVersion[]>;

  /** The TURN servers that the host tells of, for all who read them. */
  protected readonly turnServers: TurnServers = new __TurnServers(
    () => this.ask(Action.WatchTurnServers, {}),
    () => this.ask(Action.UnwatchTurnServers, {}),
  );

  /** What needs no more than an acknowledgement. The response is passed on all the same, as it has always been. */
  #tell(action: WidgetApiAction, data: object): Promise<void> {
    // biome-ignore lint/suspicious/noExplicitAny: it is declared to be nothing
    return this.ask<any>(action, data);
  }

  /** An action that only hosts of the version know. */
  async #where<R extends IWidgetApiResponseData>(
    version: ApiVersion,
    action: WidgetApiAction,
    data: object,
    name: string,
  ): Promise<R> {
    const versions = await this.getClientVersions();
    if (!versions.includes(version)) throw new Error(`The ${name} action is not supported by the client.`);
    return this.ask<R>(action, data);
  }

  /** Says that the page is there. It is posted once, however often it is called. */
  sendContentLoaded(): Promise<void> {
    return this.#tell(Action.ContentLoaded, {});
  }

  /**
   * Asks for the capabilities that were requested and are not approved, one negotiation at a time. Resolves when the host
   * has taken the request; what it decides comes by `action:notify_capabilities`, also when there was nothing to ask.
   */
  updateRequestedCapabilities(): Promise<void> {
    return this.#tell(Action.MSC2974RenegotiateCapabilities, { capabilities: this.wanted });
  }

  sendSticker(sticker: IStickerActionRequestData): Promise<void> {
    return this.#tell(Action.SendSticker, sticker);
  }

  /** Resolves with whether the host could do it. */
  async setAlwaysOnScreen(value: boolean): Promise<boolean> {
    return (await this.ask(Action.UpdateAlwaysOnScreen, { value })).success;
  }

  /** Opens another widget over everything else. Resolves when it is open. */
  openModalWidget(
    url: string,
    name: string,
    buttons: IModalWidgetOpenRequestDataButton[] = [],
    data: IModalWidgetCreateData = {},
    type: WidgetType = MatrixWidgetType.Custom,
  ): Promise<void> {
    return this.#tell(Action.OpenModalWidget, { type, url, name, buttons, data });
  }

  /** Closes the modal widget that this is, with what its opener is to be told. */
  closeModalWidget(data: IModalWidgetReturnData = {}): Promise<void> {
    return this.#tell(Action.CloseModalWidget, data);
  }

  /** @throws {Error} The close button cannot be disabled. */
  setModalButtonEnabled(buttonId: ModalButtonID, isEnabled: boolean): Promise<void> {
    if (buttonId === BuiltInModalButtonID.Close) throw new Error("The close button cannot be disabled");
    return this.#tell(Action.SetModalButtonEnabled, { button: buttonId, enabled: isEnabled });
  }

  /** @throws {Error} Only `https://matrix.to/#` URIs can be navigated to (MSC2931). */
  navigateTo(uri: string): Promise<void> {
    if (!uri?.startsWith("https://matrix.to/#")) throw new Error("Invalid matrix.to URI");
    return this.#tell(Action.MSC2931Navigate, { uri });
  }

  /** Reads what relates to an event, page by page (MSC3869). */
  readEventRelations(
    eventId: string,
    roomId?: string,
    relationType?: string,
    eventType?: string,
    limit?: number,
    from?: string,
    to?: string,
    direction?: "f" | "b",
  ): Promise<IReadRelationsFromWidgetResponseData> {
    const data = {
      event_id: eventId,
      rel_type: relationType,
      event_type: eventType,
      room_id: roomId,
      to,
      from,
      limit,
      direction,
    };
    return this.#where(UnstableApiVersion.MSC3869, Action.MSC3869ReadRelations, data, "read_relations");
  }

  /**
   * Yields the TURN servers that the host offers, now and when they change (MSC3846). The host is asked to watch with the
   * first `next()` of the first reader, and to stop when the last one has left.
   */
  getTurnServers(): AsyncGenerator<ITurnServer> {
    return this.turnServers.read();
  }

  /** Searches the user directory (MSC3973). */
  searchUserDirectory(
    searchTerm: string,
    limit?: number,
  ): Promise<IUserDirectorySearchFromWidgetResponseData> {
    const data = { search_term: searchTerm, limit };
    const action = Action.MSC3973UserDirectorySearch;
    return this.#where(UnstableApiVersion.MSC3973, action, data, "user_directory_search");
  }

  /** What the media repository takes (MSC4039). */
  getMediaConfig(): Promise<IGetMediaConfigActionFromWidgetResponseData> {
    return this.#where(
      UnstableApiVersion.MSC4039,
      Action.MSC4039GetMediaConfigAction,
      {},
      "get_media_config",
    );
  }

  /** Which ways of transport for MatrixRTC the homeserver offers (MSC4515, MSC4143). */
  getRtcTransports(): Promise<IRtcTransportsFromWidgetResponseData> {
    return this.#where(UnstableApiVersion.MSC4515, Action.MSC4515GetRtcTransports, {}, "get_rtc_transports");
  }

  /** Uploads to the media repository; Blobs cross as they are (MSC4039). */
  uploadFile(file: XMLHttpRequestBodyInit): Promise<IUploadFileActionFromWidgetResponseData> {
    return this.#where(UnstableApiVersion.MSC4039, Action.MSC4039UploadFileAction, { file }, "upload_file");
  }

  /** Downloads from the media repository by an mxc URI (MSC4039). */
  downloadFile(contentUri: string): Promise<IDownloadFileActionFromWidgetResponseData> {
    const action = Action.MSC4039DownloadFileAction;
    return this.#where(UnstableApiVersion.MSC4039, action, { content_uri: contentUri }, "download_file");
  }

  /** Gets a token for a LiveKit SFU (MSC4533). */
  getRtcLivekitToken(
    data: IRtcLivekitGetTokenFromWidgetRequestData,
  ): Promise<IRtcLivekitGetTokenFromWidgetResponseData> {
    const action = Action.MSC4533RtcLivekitGetToken;
    return this.#where(UnstableApiVersion.MSC4533, action, data, "rtc_livekit_get_token");
  }

  /** Hands the delayed leave of a session over to the server (MSC4533). */
  delegateRtcLivekitDelayedLeave(
    data: IRtcLivekitDelegateDelayedLeaveFromWidgetRequestData,
  ): Promise<IRtcLivekitDelegateDelayedLeaveFromWidgetResponseData> {
    const action = Action.MSC4533RtcLivekitDelegateDelayedLeave;
    return this.#where(UnstableApiVersion.MSC4533, action, data, "rtc_livekit_delegate_delayed_leave");
  }
}
