/** MatrixRTC: where its media may go (MSC4515), and what a LiveKit service is asked for (MSC4533). */

import type { IWidgetApiRequestData, IWidgetApiResponseData, Request, Response } from "./envelope.js";
import type { WidgetApiFromWidgetAction as From } from "./words.js";

// org.matrix.msc4515.get_rtc_transports
export interface IRtcTransport {
  /** What kind it is; the kind says which members follow. */
  type: string;
  [key: string]: unknown;
}
export type IRtcTransportsFromWidgetRequestData = IWidgetApiRequestData;
export type IRtcTransportsFromWidgetActionRequest = Request<
  From.MSC4515GetRtcTransports,
  IRtcTransportsFromWidgetRequestData
>;
export interface IRtcTransportsFromWidgetResponseData extends IWidgetApiResponseData {
  rtc_transports: IRtcTransport[];
}
export type IRtcTransportsFromWidgetActionResponse = Response<
  From.MSC4515GetRtcTransports,
  IRtcTransportsFromWidgetRequestData,
  IRtcTransportsFromWidgetResponseData
>;

/** A member of a MatrixRTC session (MSC4195). */
export interface IRtcLivekitMember {
  /** What the session knows it by. */
  id: string;
  /** The device that it says it is on. */
  claimed_device_id?: string;
}

// org.matrix.msc4533.rtc_livekit_get_token
export interface IRtcLivekitGetTokenFromWidgetRequestData extends IWidgetApiRequestData {
  /** The homeserver whose LiveKit service it is. */
  server_name: string;
  /** Where the service is. */
  url: string;
  room_id: string;
  /** The session of the room. */
  slot_id: string;
  member: IRtcLivekitMember;
}
export type IRtcLivekitGetTokenFromWidgetActionRequest = Request<
  From.MSC4533RtcLivekitGetToken,
  IRtcLivekitGetTokenFromWidgetRequestData
>;
export interface IRtcLivekitGetTokenFromWidgetResponseData extends IWidgetApiResponseData {
  /** What the service lets the member in with. A secret. */
  jwt: string;
}
export type IRtcLivekitGetTokenFromWidgetActionResponse = Response<
  From.MSC4533RtcLivekitGetToken,
  IRtcLivekitGetTokenFromWidgetRequestData,
  IRtcLivekitGetTokenFromWidgetResponseData
>;

// org.matrix.msc4533.rtc_livekit_delegate_delayed_leave
export interface IRtcLivekitDelegateDelayedLeaveFromWidgetRequestData extends IWidgetApiRequestData {
  room_id: string;
  /** The session of the room. */
  slot_id: string;
  member: IRtcLivekitMember;
  /** The leave that the service is to keep from going out. */
  delay_id: string;
}
export type IRtcLivekitDelegateDelayedLeaveFromWidgetActionRequest = Request<
  From.MSC4533RtcLivekitDelegateDelayedLeave,
  IRtcLivekitDelegateDelayedLeaveFromWidgetRequestData
>;
export type IRtcLivekitDelegateDelayedLeaveFromWidgetResponseData = IWidgetApiResponseData;
export type IRtcLivekitDelegateDelayedLeaveFromWidgetActionResponse = Response<
  From.MSC4533RtcLivekitDelegateDelayedLeave,
  IRtcLivekitDelegateDelayedLeaveFromWidgetRequestData,
  IRtcLivekitDelegateDelayedLeaveFromWidgetResponseData
>;
