/** What a widget asks of its host, and what it gets: requests and answers of `fromWidget`, by their actions. */

import type { Capability } from "./capabilities.js";
import type {
  Answer,
  IWidgetApiRequestData,
  IWidgetApiRequestEmptyData,
  IWidgetApiResponseData,
  Request,
  Response,
} from "./envelope.js";
import type { IRoomAccountData, IRoomEvent } from "./events.js";
import type {
  ApiVersion,
  WidgetApiFromWidgetAction as From,
  OpenIDRequestState,
  Symbols,
  WidgetApiToWidgetAction as To,
  UpdateDelayedEventAction,
} from "./words.js";

// supported_api_versions: each side asks the other
export type ISupportedVersionsActionRequest = Request<
  From.SupportedApiVersions | To.SupportedApiVersions,
  IWidgetApiRequestEmptyData
>;
export interface ISupportedVersionsActionResponseData extends IWidgetApiResponseData {
  supported_versions: ApiVersion[];
}
export type ISupportedVersionsActionResponse = Response<
  From.SupportedApiVersions | To.SupportedApiVersions,
  IWidgetApiRequestEmptyData,
  ISupportedVersionsActionResponseData
>;

// content_loaded
export type IContentLoadedActionRequest = Request<From.ContentLoaded, IWidgetApiRequestEmptyData>;
export type IContentLoadedActionResponse = Response<From.ContentLoaded, IWidgetApiRequestEmptyData>;

// org.matrix.msc2974.request_capabilities
export interface IRenegotiateCapabilitiesRequestData extends IWidgetApiResponseData {
  capabilities: Capability[];
}
export type IRenegotiateCapabilitiesActionRequest = Request<
  From.MSC2974RenegotiateCapabilities,
  IRenegotiateCapabilitiesRequestData
>;
/** Its `response` is `{}`, which nobody reads. */
export type IRenegotiateCapabilitiesActionResponse = IRenegotiateCapabilitiesActionRequest;

// send_event: at once, after a delay (MSC4157), or for a while (MSC4407)
export interface ISendEventFromWidgetRequestData extends IWidgetApiRequestData {
  /** Of state events. */
  state_key?: string;
  type: string;
  content: unknown;
  /** Default: the room that the user views. */
  room_id?: string;
  /** In ms. */
  delay?: number;
  /** @deprecated Hosts of today do not know it, and send at once. */
  parent_delay_id?: string;
  sticky_duration_ms?: number;
}
export type ISendEventFromWidgetActionRequest = Request<From.SendEvent, ISendEventFromWidgetRequestData>;
export interface ISendEventFromWidgetResponseData extends IWidgetApiResponseData {
  room_id: string;
  /** Of an event that was sent. */
  event_id?: string;
  /** Of one that will be. */
  delay_id?: string;
}
export type ISendEventFromWidgetActionResponse = Response<
  From.SendEvent,
  ISendEventFromWidgetRequestData,
  ISendEventFromWidgetResponseData
>;

// org.matrix.msc4157.update_delayed_event
export interface IUpdateDelayedEventFromWidgetRequestData extends IWidgetApiRequestData {
  delay_id: string;
  action: UpdateDelayedEventAction;
}
export type IUpdateDelayedEventFromWidgetActionRequest = Request<
  From.MSC4157UpdateDelayedEvent,
  IUpdateDelayedEventFromWidgetRequestData
>;
export type IUpdateDelayedEventFromWidgetResponseData = IWidgetApiResponseData;
export type IUpdateDelayedEventFromWidgetActionResponse = Response<
  From.MSC4157UpdateDelayedEvent,
  IUpdateDelayedEventFromWidgetRequestData,
  IUpdateDelayedEventFromWidgetResponseData
>;

// send_to_device
export interface ISendToDeviceFromWidgetRequestData extends IWidgetApiRequestData {
  type: string;
  encrypted: boolean;
  /** By user and device; "*" is every device of the user. */
  messages: { [userId: string]: { [deviceId: string]: object } };
}
export type ISendToDeviceFromWidgetActionRequest = Request<
  From.SendToDevice,
  ISendToDeviceFromWidgetRequestData
>;
export type ISendToDeviceFromWidgetResponseData = IWidgetApiResponseData;
export type ISendToDeviceFromWidgetActionResponse = Response<
  From.SendToDevice,
  ISendToDeviceFromWidgetRequestData,
  ISendToDeviceFromWidgetResponseData
>;

// org.matrix.msc2876.read_events
export interface IReadEventFromWidgetRequestData extends IWidgetApiRequestData {
  /** Of state events; true for any. */
  state_key?: string | boolean;
  /** Of `m.room.message` only. */
  msgtype?: string;
  type: string;
  limit?: number;
  /** Default: the room that the user views. */
  room_ids?: Symbols.AnyRoom | string[];
  /** The id of an event: what came after it. */
  since?: string;
}
export type IReadEventFromWidgetActionRequest = Request<
  From.MSC2876ReadEvents,
  IReadEventFromWidgetRequestData
>;
export interface IReadEventFromWidgetResponseData extends IWidgetApiResponseData {
  events: IRoomEvent[];
}
export type IReadEventFromWidgetActionResponse = Response<
  From.MSC2876ReadEvents,
  IReadEventFromWidgetRequestData,
  IReadEventFromWidgetResponseData
>;

// org.matrix.msc3869.read_relations
export interface IReadRelationsFromWidgetRequestData extends IWidgetApiRequestData {
  event_id: string;
  rel_type?: string;
  event_type?: string;
  /** Default: the room that the user views. */
  room_id?: string;
  limit?: number;
  from?: string;
  to?: string;
  /** Forwards, or (default) backwards. */
  direction?: "f" | "b";
}
export type IReadRelationsFromWidgetActionRequest = Request<
  From.MSC3869ReadRelations,
  IReadRelationsFromWidgetRequestData
>;
export interface IReadRelationsFromWidgetResponseData extends IWidgetApiResponseData {
  chunk: IRoomEvent[];
  next_batch?: string;
  prev_batch?: string;
}
export type IReadRelationsFromWidgetActionResponse = Response<
  From.MSC3869ReadRelations,
  IReadRelationsFromWidgetRequestData,
  IReadRelationsFromWidgetResponseData
>;

// com.beeper.read_room_account_data; its types are not exported by the original
export interface IReadRoomAccountDataFromWidgetRequestData extends IWidgetApiRequestData {
  type: string;
  /** Default: the room that the user views. */
  room_ids?: Symbols.AnyRoom | string[];
}
export interface IReadRoomAccountDataFromWidgetResponseData extends IWidgetApiResponseData {
  events: IRoomAccountData[];
}

// get_openid
export interface IOpenIDCredentials {
  access_token?: string;
  /** In seconds. */
  expires_in?: number;
  matrix_server_name?: string;
  token_type?: "Bearer" | string;
}
export type IGetOpenIDActionRequestData = IWidgetApiRequestData;
export type IGetOpenIDActionRequest = Request<From.GetOpenIDCredentials, IGetOpenIDActionRequestData>;
export interface IGetOpenIDActionResponseData extends IWidgetApiResponseData, IOpenIDCredentials {
  state: OpenIDRequestState;
}
export type IGetOpenIDActionResponse = Response<
  From.GetOpenIDCredentials,
  IGetOpenIDActionRequestData,
  IGetOpenIDActionResponseData
>;

// watch_turn_servers, unwatch_turn_servers
export interface ITurnServer {
  uris: string[];
  username: string;
  password: string;
}
export type IWatchTurnServersRequest = Request<From.WatchTurnServers, IWidgetApiRequestEmptyData>;
export type IWatchTurnServersResponse = Answer;
export type IUnwatchTurnServersRequest = Request<From.UnwatchTurnServers, IWidgetApiRequestEmptyData>;
export type IUnwatchTurnServersResponse = Answer;

// org.matrix.msc2931.navigate
export interface INavigateActionRequestData extends IWidgetApiRequestData {
  /** A `https://matrix.to/#` link. */
  uri: string;
}
export type INavigateActionRequest = Request<From.MSC2931Navigate, INavigateActionRequestData>;
export type INavigateActionResponse = Response<From.MSC2931Navigate, INavigateActionRequestData>;

// set_always_on_screen
export interface IStickyActionRequestData extends IWidgetApiRequestData {
  value: boolean;
}
export type IStickyActionRequest = Request<From.UpdateAlwaysOnScreen, IStickyActionRequestData>;
export interface IStickyActionResponseData extends IWidgetApiResponseData {
  success: boolean;
}
export type IStickyActionResponse = Response<
  From.UpdateAlwaysOnScreen,
  IStickyActionRequestData,
  IStickyActionResponseData
>;

// org.matrix.msc3973.user_directory_search; its types are not exported by the original
export interface IUserDirectorySearchFromWidgetRequestData extends IWidgetApiRequestData {
  search_term: string;
  limit?: number;
}
export interface IUserDirectorySearchFromWidgetResponseData extends IWidgetApiResponseData {
  /** Whether there are more. */
  limited: boolean;
  results: Array<{ user_id: string; display_name?: string; avatar_url?: string }>;
}
