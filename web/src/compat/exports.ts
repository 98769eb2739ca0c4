/**
 * Every name that widgets import from `matrix-widget-api` and that is no part of its `WidgetApi`: the same names, values
 * and shapes. web/docs/compat-exports.md holds them against the original's.
 */

export * from "./capabilities.js";
export type {
  IMatrixApiError,
  IWidgetApiAcknowledgeResponseData,
  IWidgetApiErrorResponse,
  IWidgetApiErrorResponseData,
  IWidgetApiErrorResponseDataDetails,
  IWidgetApiRequest,
  IWidgetApiRequestData,
  IWidgetApiRequestEmptyData,
  IWidgetApiResponse,
  IWidgetApiResponseData,
} from "./envelope.js";
export * from "./event-capability.js";
export type {
  IRoomAccountData,
  IRoomEvent,
} from "./events.js";
export type {
  IContentLoadedActionRequest,
  IContentLoadedActionResponse,
  IGetOpenIDActionRequest,
  IGetOpenIDActionRequestData,
  IGetOpenIDActionResponse,
  IGetOpenIDActionResponseData,
  INavigateActionRequest,
  INavigateActionRequestData,
  INavigateActionResponse,
  IOpenIDCredentials,
  IReadEventFromWidgetActionRequest,
  IReadEventFromWidgetActionResponse,
  IReadEventFromWidgetRequestData,
  IReadEventFromWidgetResponseData,
  IReadRelationsFromWidgetActionRequest,
  IReadRelationsFromWidgetActionResponse,
  IReadRelationsFromWidgetRequestData,
  IReadRelationsFromWidgetResponseData,
  IRenegotiateCapabilitiesActionRequest,
  IRenegotiateCapabilitiesActionResponse,
  IRenegotiateCapabilitiesRequestData,
  ISendEventFromWidgetActionRequest,
  ISendEventFromWidgetActionResponse,
  ISendEventFromWidgetRequestData,
  ISendEventFromWidgetResponseData,
  ISendToDeviceFromWidgetActionRequest,
  ISendToDeviceFromWidgetActionResponse,
  ISendToDeviceFromWidgetRequestData,
  ISendToDeviceFromWidgetResponseData,
  IStickyActionRequest,
  IStickyActionRequestData,
  IStickyActionResponse,
  IStickyActionResponseData,
  ISupportedVersionsActionRequest,
  ISupportedVersionsActionResponse,
  ISupportedVersionsActionResponseData,
  ITurnServer,
  IUnwatchTurnServersRequest,
  IUnwatchTurnServersResponse,
  IUpdateDelayedEventFromWidgetActionRequest,
  IUpdateDelayedEventFromWidgetActionResponse,
  IUpdateDelayedEventFromWidgetRequestData,
  IUpdateDelayedEventFromWidgetResponseData,
  IWatchTurnServersRequest,
  IWatchTurnServersResponse,
} from "./from-widget.js";
export type * from "./media.js";
export type * from "./modal.js";
export * from "./observable.js";
export * from "./parser.js";
export type * from "./rtc.js";
export * from "./template.js";
export type * from "./to-widget.js";
export * from "./widget.js";
export * from "./words.js";
