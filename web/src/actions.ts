import { result } from "./answers.js";
import type { Fields } from "./border.js";
import type { Conversation } from "./conversation.js";
import { invalid } from "./errors.js";
import { TypedEventTarget, type WidgetClientEventMap } from "./events.js";
import type { AccountData, RoomEvent, RtcTransport } from "./matrix.js";
import type { CallOptions } from "./options.js";
import { objectSnapshot, snapshot } from "./plain.js";
import type {
  AccountDataSpec,
  DelegateLeaveSpec,
  FoundUsers,
  LivekitTokenSpec,
  MediaConfig,
  ModalSpec,
  OpenIdCredentials,
  ReadEventsSpec,
  ReadRelationsSpec,
  Relations,
  StickerSpec,
  ToDeviceResult,
  ToDeviceSpec,
  UserSearch,
  WidgetFile,
} from "./specs.js";
import { Call } from "./wire.gen.js";

/** The same request, whatever becomes of the caller's list before it is posted. */
const settled = (spec: { roomIds?: readonly string[] | "*" }): object =>
  Array.isArray(spec?.roomIds) ? { ...spec, roomIds: [...spec.roomIds] } : spec;

/** The arguments that cross the border, with a copy of what the core forwards unread: the member of that name. */
export function packed(spec: object, name = "content", copy = objectSnapshot): Fields {
  const { [name]: content, ...rest } = (spec ?? {}) as Fields;
  return { ...rest, content: copy(content, name) };
}

/** The actions of the Widget API that are one request and its answer. */
export class Actions extends TypedEventTarget<WidgetClientEventMap> {
  readonly #call: Conversation["call"];

  /** @internal */
  constructor(call: Conversation["call"]) {
    super();
    this.#call = call;
  }

  /** Reads events of the timeline, newest first, or state events (MSC2876). */
  readEvents(spec: ReadEventsSpec, options?: CallOptions): Promise<RoomEvent[]> {
    return this.#act(Call.ReadEvents, settled(spec), options);
  }

  /** Reads events that refer to another (MSC3869). */
  readRelations(spec: ReadRelationsSpec, options?: CallOptions): Promise<Relations> {
    return this.#act(Call.ReadRelations, spec, options);
  }

  /** Reads what the user's account keeps with rooms. */
  readAccountData(spec: AccountDataSpec, options?: CallOptions): Promise<AccountData[]> {
    return this.#act(Call.ReadAccountData, settled(spec), options);
  }

  /** Sends messages to devices (MSC3819). */
  async sendToDevice(spec: ToDeviceSpec, options?: CallOptions): Promise<ToDeviceResult> {
    const args = packed(spec, "messages");
    return this.#act(Call.SendToDevice, { ...args, encrypted: args.encrypted ?? false }, options);
  }

  /**
   * Asks for a token that proves who the user is (MSC1960). Where the host asks the user, it waits for them as long as the
   * client's `handshakeTimeoutMs`, or `deadlineMs` if that is given.
   *
   * @throws {WidgetHostError} The user declined.
   */
  requestOpenId(options?: CallOptions): Promise<OpenIdCredentials> {
    return this.#act(Call.OpenId, {}, options);
  }

  /** Has the client open a `https://matrix.to/#…` link (MSC2931). */
  navigate(uri: string, options?: CallOptions): Promise<void> {
    return this.#act(Call.Navigate, { uri }, options);
  }

  /** Sends a sticker to the room that the user views. */
  async sendSticker(spec: StickerSpec, options?: CallOptions): Promise<void> {
    return this.#act(Call.SendSticker, packed(spec), options);
  }

  /**
   * Asks the client to show the widget also when the user views another room; resolves with whether it does. Element Web
   * does and does not say so: that is `true`.
   */
  async setAlwaysOnScreen(value: boolean, options?: CallOptions): Promise<boolean> {
    return (await this.#act(Call.AlwaysOnScreen, { value }, options)) ?? true;
  }

  /** Opens a modal widget (MSC2790). What it is closed with comes as `action:close_modal`. */
  async openModal(spec: ModalSpec, options?: CallOptions): Promise<void> {
    const { type = "m.custom", buttons = [], data = {}, ...rest } = (spec ?? {}) as ModalSpec;
    if (!Array.isArray(buttons)) throw invalid("buttons", "must be a list");
    const content = snapshot(buttons, "buttons");
    const args = { ...rest, type, content, leaveContent: objectSnapshot(data, "data") };
    return this.#act(Call.OpenModal, args, options);
  }

  /** Closes this modal widget; `data` is for the one that opened it. */
  async closeModal(data: object = {}, options?: CallOptions): Promise<void> {
    return this.#act(Call.CloseModal, packed({ data }, "data"), options);
  }

  /** Enables or disables a button under this modal widget, but not the one that closes it. */
  setModalButtonEnabled(buttonId: string, enabled: boolean, options?: CallOptions): Promise<void> {
    return this.#act(Call.ModalButton, { buttonId, enabled }, options);
  }

  /** What the homeserver's media repository takes (MSC4039). */
  mediaConfig(options?: CallOptions): Promise<MediaConfig> {
    return this.#act(Call.MediaConfig, {}, options);
  }

  /** Uploads a file (MSC4039); resolves with its `mxc:` URI. */
  async uploadFile(file: WidgetFile, options?: CallOptions): Promise<string> {
    if (typeof file !== "string" && (typeof file !== "object" || !file))
      throw invalid("file", "must be a Blob, a buffer or a string");
    return this.#act(Call.UploadFile, { content: file }, options);
  }

  /** Downloads a file by its `mxc:` URI (MSC4039); resolves with what the host has for it, a Blob as a rule. */
  downloadFile(contentUri: string, options?: CallOptions): Promise<WidgetFile> {
    return this.#act(Call.DownloadFile, { contentUri }, options);
  }

  /** Looks users up in the homeserver's directory (MSC3973). */
  searchUsers(spec: UserSearch, options?: CallOptions): Promise<FoundUsers> {
    return this.#act(Call.SearchUsers, spec, options);
  }

  /** The ways to reach others in a call that the homeserver offers (MSC4515). */
  rtcTransports(options?: CallOptions): Promise<RtcTransport[]> {
    return this.#act(Call.RtcTransports, {}, options);
  }

  /** A token, which is a secret, for a LiveKit server (MSC4533). */
  async livekitToken(spec: LivekitTokenSpec, options?: CallOptions): Promise<{ jwt: string }> {
    return this.#act(Call.LivekitToken, packed(spec, "member"), options);
  }

  /** Has the LiveKit server look after a scheduled leave: it then sends it when the member is gone (MSC4533). */
  async delegateLeave(spec: DelegateLeaveSpec, options?: CallOptions): Promise<void> {
    return this.#act(Call.DelegateLeave, packed(spec, "member"), options);
  }

  // biome-ignore lint/suspicious/noExplicitAny: the table of answers says what it is
  async #act(kind: Call, args: object, options?: CallOptions): Promise<any> {
    let heard: Fields | undefined;
    const { body } = await this.#call(kind, { ...args }, options, undefined, (message) => {
      heard = message;
    });
    return result(kind, body, heard);
  }
}
