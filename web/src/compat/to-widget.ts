/** What a host asks of a widget, and what it gets: requests and answers of `toWidget`, by their actions. */

import type { Capability } from "./capabilities.js";
import type {
  Answer,
  IWidgetApiRequestData,
  IWidgetApiRequestEmptyData,
  IWidgetApiResponseData,
  Request,
  Response,
} from "./envelope.js";
import type { IRoomEvent, IToDeviceMessage } from "./events.js";
import type { IOpenIDCredentials, ITurnServer } from "./from-widget.js";
import type {
  IModalWidgetOpenRequestData,
  IModalWidgetOpenRequestDataButton,
  IModalWidgetReturnData,
} from "./modal.js";
import type { OpenIDRequestState, WidgetApiToWidgetAction as To } from "./words.js";

// capabilities: what the widget wants
export type ICapabilitiesActionRequest = Request<To.Capabilities, IWidgetApiRequestEmptyData>;
export interface ICapabilitiesActionResponseData extends IWidgetApiResponseData {
  capabilities: Capability[];
}
export type ICapabilitiesActionResponse = Response<
  To.Capabilities,
  IWidgetApiRequestEmptyData,
  ICapabilitiesActionResponseData
>;

// notify_capabilities: what it got
export interface INotifyCapabilitiesActionRequestData extends IWidgetApiRequestData {
  requested: Capability[];
  approved: Capability[];
}
export type INotifyCapabilitiesActionRequest = Request<
  To.NotifyCapabilities,
  INotifyCapabilitiesActionRequestData
>;
export type INotifyCapabilitiesActionResponse = Response<
  To.NotifyCapabilities,
  INotifyCapabilitiesActionRequestData
>;

// openid_credentials: the user has decided
export interface IOpenIDCredentialsActionRequestData extends IWidgetApiRequestData, IOpenIDCredentials {
  state: OpenIDRequestState;
  /** The id of the widget's `get_openid` request. */
  original_request_id: string;
}
export type IOpenIDCredentialsActionRequest = Request<
  To.OpenIDCredentials,
  IOpenIDCredentialsActionRequestData
>;
export type IOpenIDCredentialsActionResponseData = IWidgetApiResponseData;
export type IOpenIDCredentialsIDActionResponse = Response<
  To.OpenIDCredentials,
  IOpenIDCredentialsActionRequestData,
  IOpenIDCredentialsActionResponseData
>;

// visibility
export interface IVisibilityActionRequestData extends IWidgetApiRequestData {
  visible: boolean;
}
export type IVisibilityActionRequest = Request<To.UpdateVisibility, IVisibilityActionRequestData>;
export type IVisibilityActionResponse = Response<To.UpdateVisibility, IVisibilityActionRequestData>;

// theme_change: each client's theme has its own members
export type IThemeChangeActionRequestData = IWidgetApiRequestData;
export type IThemeChangeActionRequest = Request<To.ThemeChange, IThemeChangeActionRequestData>;
export type IThemeChangeActionResponse = Response<To.ThemeChange, IThemeChangeActionRequestData>;

// language_change
export interface ILanguageChangeActionRequestData extends IWidgetApiRequestData {
  /** A BCP 47 tag. */
  lang: string;
}
export type ILanguageChangeActionRequest = Request<To.LanguageChange, ILanguageChangeActionRequestData>;
export type ILanguageChangeActionResponse = Response<To.LanguageChange, ILanguageChangeActionRequestData>;

// screenshot
export type IScreenshotActionRequest = Request<To.TakeScreenshot, IWidgetApiRequestEmptyData>;
export interface IScreenshotActionResponseData extends IWidgetApiResponseData {
  screenshot: Blob;
}
export type IScreenshotActionResponse = Response<
  To.TakeScreenshot,
  IWidgetApiRequestEmptyData,
  IScreenshotActionResponseData
>;

// widget_config: what a modal was opened with
export type IWidgetConfigRequest = Request<To.WidgetConfig, IModalWidgetOpenRequestData>;
export type IWidgetConfigResponse = Answer;

// button_clicked: a button of the modal
export interface IModalWidgetButtonClickedRequestData extends IWidgetApiRequestData {
  id: IModalWidgetOpenRequestDataButton["id"];
}
export type IModalWidgetButtonClickedRequest = Request<
  To.ButtonClicked,
  IModalWidgetButtonClickedRequestData
>;
export type IModalWidgetButtonClickedResponse = Answer;

// close_modal: the modal that the widget opened is gone
export type IModalWidgetCloseNotificationRequest = Request<To.CloseModalWidget, IModalWidgetReturnData>;
export type IModalWidgetCloseNotificationResponse = Answer;

// send_event: an event has come
export interface ISendEventToWidgetRequestData extends IWidgetApiRequestData, IRoomEvent {}
export type ISendEventToWidgetActionRequest = Request<To.SendEvent, ISendEventToWidgetRequestData>;
export type ISendEventToWidgetResponseData = IWidgetApiResponseData;
export type ISendEventToWidgetActionResponse = Response<
  To.SendEvent,
  ISendEventToWidgetRequestData,
  ISendEventToWidgetResponseData
>;

// send_to_device: a to-device message has come
export interface ISendToDeviceToWidgetRequestData extends IWidgetApiRequestData, IToDeviceMessage {
  encrypted: boolean;
}
export type ISendToDeviceToWidgetActionRequest = Request<To.SendToDevice, ISendToDeviceToWidgetRequestData>;
export type ISendToDeviceToWidgetResponseData = IWidgetApiResponseData;
export type ISendToDeviceToWidgetActionResponse = Response<
  To.SendToDevice,
  ISendToDeviceToWidgetRequestData,
  ISendToDeviceToWidgetResponseData
>;

// update_state: state of the rooms, at the start and when it changes; none when all has been told
export interface IUpdateStateToWidgetRequestData extends IWidgetApiRequestData {
  state: IRoomEvent[];
}
export type IUpdateStateToWidgetActionRequest = Request<To.UpdateState, IUpdateStateToWidgetRequestData>;
export type IUpdateStateToWidgetResponseData = IWidgetApiResponseData;
export type IUpdateStateToWidgetActionResponse = Response<
  To.UpdateState,
  IUpdateStateToWidgetRequestData,
  IUpdateStateToWidgetResponseData
>;

// update_turn_servers: while they are watched
export interface IUpdateTurnServersRequestData extends IWidgetApiRequestData, ITurnServer {}
export type IUpdateTurnServersRequest = Request<To.UpdateTurnServers, IUpdateTurnServersRequestData>;
export type IUpdateTurnServersResponse = Answer;
