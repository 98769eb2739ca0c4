/**
 * Futures (delayed events) for Matrix widgets: schedule an event now that reaches the room later, unless it is
 * refreshed, cancelled or sent at once. See {@link connect}.
 *
 * @packageDocumentation
 */

export type { Actions } from "./actions.js";
export { type CapabilityHelpers, capability, type ParsedCapability, parseCapability } from "./capability.js";
export { connect, WidgetClient } from "./client.js";
export * from "./debug.js";
export {
  WidgetCapabilityError,
  WidgetError,
  WidgetHostError,
  WidgetMatrixError,
  WidgetSentImmediatelyError,
  WidgetSpentError,
  WidgetTimeoutError,
  WidgetUnsupportedError,
} from "./errors.js";
export {
  ActionEvent,
  type ClientStatus,
  type HostRequestEvents,
  type HostRequests,
  type Orphaned,
  type SentImmediately,
  type TypedEventTarget,
  type WidgetClientEventMap,
  WidgetEvent,
} from "./events.js";
export { Future, type SavedFuture } from "./future.js";
export { Hold, type HoldEventMap, type HoldSpec, type HoldStatus } from "./hold.js";
export { KeepAlive, type KeepAliveEventMap, type KeepAliveOptions, type KeepAliveStatus } from "./keep.js";
export type * from "./matrix.js";
export type { CallOptions, ConnectOptions, WasmSource } from "./options.js";
export type * from "./specs.js";
export type { TurnServer } from "./turn.js";
export type { Dialect, ErrorCode, KeepStatus } from "./wire.gen.js";
