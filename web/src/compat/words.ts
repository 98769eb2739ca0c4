/** The words of the Widget API that pages read by name: actions, directions, versions and what some members may be. */

/** Who asks: the widget its host, or the host its widget. */
export enum WidgetApiDirection {
  ToWidget = "toWidget",
  FromWidget = "fromWidget",
}

/**
 * The direction in which the other side asks.
 *
 * @throws {Error} For what is no direction.
 */
export function invertedDirection(dir: WidgetApiDirection): WidgetApiDirection {
  if (dir === WidgetApiDirection.FromWidget) return WidgetApiDirection.ToWidget;
  if (dir === WidgetApiDirection.ToWidget) return WidgetApiDirection.FromWidget;
  throw new Error("Invalid direction");
}

/** What a host asks of a widget. */
export enum WidgetApiToWidgetAction {
  SupportedApiVersions = "supported_api_versions",
  Capabilities = "capabilities",
  NotifyCapabilities = "notify_capabilities",
  ThemeChange = "theme_change",
  LanguageChange = "language_change",
  TakeScreenshot = "screenshot",
  UpdateVisibility = "visibility",
  OpenIDCredentials = "openid_credentials",
  WidgetConfig = "widget_config",
  CloseModalWidget = "close_modal",
  ButtonClicked = "button_clicked",
  SendEvent = "send_event",
  SendToDevice = "send_to_device",
  UpdateState = "update_state",
  UpdateTurnServers = "update_turn_servers",
}

/** What a widget asks of its host. A name that begins with an MSC's number may change with the MSC. */
export enum WidgetApiFromWidgetAction {
  SupportedApiVersions = "supported_api_versions",
  ContentLoaded = "content_loaded",
  SendSticker = "m.sticker",
  UpdateAlwaysOnScreen = "set_always_on_screen",
  GetOpenIDCredentials = "get_openid",
  CloseModalWidget = "close_modal",
  OpenModalWidget = "open_modal",
  SetModalButtonEnabled = "set_button_enabled",
  SendEvent = "send_event",
  SendToDevice = "send_to_device",
  WatchTurnServers = "watch_turn_servers",
  UnwatchTurnServers = "unwatch_turn_servers",
  BeeperReadRoomAccountData = "com.beeper.read_room_account_data",
  MSC2876ReadEvents = "org.matrix.msc2876.read_events",
  MSC2931Navigate = "org.matrix.msc2931.navigate",
  MSC2974RenegotiateCapabilities = "org.matrix.msc2974.request_capabilities",
  MSC3869ReadRelations = "org.matrix.msc3869.read_relations",
  MSC3973UserDirectorySearch = "org.matrix.msc3973.user_directory_search",
  MSC4039GetMediaConfigAction = "org.matrix.msc4039.get_media_config",
  MSC4039UploadFileAction = "org.matrix.msc4039.upload_file",
  MSC4039DownloadFileAction = "org.matrix.msc4039.download_file",
  MSC4157UpdateDelayedEvent = "org.matrix.msc4157.update_delayed_event",
  MSC4515GetRtcTransports = "org.matrix.msc4515.get_rtc_transports",
  MSC4533RtcLivekitGetToken = "org.matrix.msc4533.rtc_livekit_get_token",
  MSC4533RtcLivekitDelegateDelayedLeave = "org.matrix.msc4533.rtc_livekit_delegate_delayed_leave",
}

/** An action by its name on the wire, known here or not. */
export type WidgetApiAction = WidgetApiToWidgetAction | WidgetApiFromWidgetAction | string;

/** What can be done with a delayed event (MSC4157). */
export enum UpdateDelayedEventAction {
  Cancel = "cancel",
  Restart = "restart",
  Send = "send",
}

/** What a host says when it is asked for OpenID credentials. */
export enum OpenIDRequestState {
  Allowed = "allowed",
  Blocked = "blocked",
  /** The user is being asked; the credentials follow as a request of the host. */
  PendingUserConfirmation = "request",
}

/** Versions of the Widget API itself. */
export enum MatrixApiVersion {
  Prerelease1 = "0.0.1",
  Prerelease2 = "0.0.2",
}

/** What a side knows beyond them, by the MSC that describes it. */
export enum UnstableApiVersion {
  MSC2762 = "org.matrix.msc2762",
  MSC2762_UPDATE_STATE = "org.matrix.msc2762_update_state",
  MSC2871 = "org.matrix.msc2871",
  MSC2873 = "org.matrix.msc2873",
  MSC2931 = "org.matrix.msc2931",
  MSC2974 = "org.matrix.msc2974",
  MSC2876 = "org.matrix.msc2876",
  MSC3819 = "org.matrix.msc3819",
  MSC3846 = "town.robin.msc3846",
  MSC3869 = "org.matrix.msc3869",
  MSC3973 = "org.matrix.msc3973",
  MSC4039 = "org.matrix.msc4039",
  MSC4515 = "org.matrix.msc4515",
  MSC4533 = "org.matrix.msc4533",
}

/** A version by its name on the wire, known here or not. */
export type ApiVersion = MatrixApiVersion | UnstableApiVersion | string;

/** What a widget that uses this module tells its host that it knows. */
export const CurrentApiVersions: ApiVersion[] = [
  ...Object.values(MatrixApiVersion),
  ...Object.values(UnstableApiVersion),
];

/** Stands for what has no name of its own. */
export enum Symbols {
  AnyRoom = "*",
}

/** Where a widget lives. */
export enum WidgetKind {
  Room = "room",
  Account = "account",
  Modal = "modal",
}

/** The types of widgets that have a meaning of their own. */
export enum MatrixWidgetType {
  Custom = "m.custom",
  JitsiMeet = "m.jitsi",
  Stickerpicker = "m.stickerpicker",
}

/** The type of a widget, known here or not. */
export type WidgetType = MatrixWidgetType | string;

/** How a button of a modal is to look. */
export enum ModalButtonKind {
  Primary = "m.primary",
  Secondary = "m.secondary",
  Warning = "m.warning",
  Danger = "m.danger",
  Link = "m.link",
}

/** The buttons that every modal has. */
export enum BuiltInModalButtonID {
  Close = "m.close",
}

/** A button of a modal by its id. */
export type ModalButtonID = BuiltInModalButtonID | string;
