// What the methods of WidgetClient take and give. Durations are milliseconds; Matrix JSON stays as Matrix writes it.
import type { FoundUser, ModalButton, RoomEvent, RtcMember, StickerContent } from "./matrix.js";

/** An event to be sent. With `stateKey`, also the empty one, it is a state event. */
export interface EventSpec<Content extends object = Record<string, unknown>> {
  type: string;
  /** Plain JSON. It is copied when the call is made. */
  content: Content;
  stateKey?: string;
  /** Default: the client's `roomId`. */
  roomId?: string;
  /** Sticky for so many ms once it is sent (MSC4354); for room events, where approved. */
  stickyDurationMs?: number;
}

/** An event to be sent later: by its timer, or as an action future (dialects of tokens) only when it is told to. */
export interface FutureSpec<Content extends object = Record<string, unknown>> extends EventSpec<Content> {
  /** Milliseconds, an integer from 1 to 2147483647. */
  timeoutMs?: number;
  /** The group of which one event at most is sent (dialects of tokens). */
  groupId?: string;
  /** Delayed room events leave unencrypted on today's hosts, also in encrypted rooms: say that this is known. */
  allowUnencrypted?: boolean;
}

/** Where an event went. */
export interface SentEvent {
  roomId: string;
  eventId: string;
}

/** Which events to read. */
export interface ReadEventsSpec {
  type: string;
  /** Makes it state events: those of the key, or of all keys with `true`. */
  stateKey?: string | true;
  /** Of `m.room.message`: only of this kind. */
  msgtype?: string;
  /** At most so many of each room. */
  limit?: number;
  /** Default: the client's `roomId`; "*" stands for all that the widget may see. */
  roomIds?: readonly string[] | "*";
  /** Only what came after the event of this id. */
  since?: string;
}

/** Which events that refer to another to read. */
export interface ReadRelationsSpec {
  eventId: string;
  /** Default: the client's `roomId`. */
  roomId?: string;
  /** Only relations of this kind, such as `m.thread`. */
  relType?: string;
  /** Only events of this type. */
  eventType?: string;
  limit?: number;
  /** A `nextBatch` or `prevBatch`. */
  from?: string;
  to?: string;
  /** Forwards in time, or backwards. */
  direction?: "f" | "b";
}

/** A page of relations; the batches are where others go on. */
export interface Relations {
  events: RoomEvent[];
  nextBatch?: string;
  prevBatch?: string;
}

/** Which account data to read. */
export interface AccountDataSpec {
  type: string;
  /** Default: the client's `roomId`; "*" stands for all that the widget may see. */
  roomIds?: readonly string[] | "*";
}

/** Messages to devices. */
export interface ToDeviceSpec {
  type: string;
  /** Whether the host is to encrypt them. Default false. */
  encrypted?: boolean;
  /** Plain JSON, by user and device; "*" stands for all devices of a user. It is copied when the call is made. */
  messages: { [userId: string]: { [deviceId: string]: object } };
}

/** What became of messages to devices, where the host says it. */
export interface ToDeviceResult {
  /** Devices that were not reached, by user. */
  failures?: { [userId: string]: string[] };
}

/** Proves to a third party who the user is: it asks `matrixServerName` with the token. */
export interface OpenIdCredentials {
  /** A secret. */
  accessToken: string;
  /** How long the token is valid, from when it was made. */
  expiresInMs?: number;
  matrixServerName: string;
  tokenType: string;
}

/** A sticker. */
export interface StickerSpec {
  name: string;
  description?: string;
  /** Plain JSON. It is copied when the call is made. */
  content: StickerContent;
}

/** A widget that the host is to show on top. */
export interface ModalSpec {
  url: string;
  name: string;
  /** Default `m.custom`. */
  type?: string;
  buttons?: readonly ModalButton[];
  /** For the modal's own page, as `action:widget_config`. Plain JSON, copied when the call is made. */
  data?: object;
}

/** What the homeserver takes. */
export interface MediaConfig {
  /** The most bytes that a file may have. */
  uploadSize?: number;
}

/** What can be uploaded: what the structured clone takes of what XMLHttpRequest sends. It crosses untouched. */
export type WidgetFile = Blob | BufferSource | string;

/** Whom to look for. */
export interface UserSearch {
  searchTerm: string;
  limit?: number;
}

/** Whom the user directory has found. */
export interface FoundUsers {
  /** Whether there are more than `limit`. */
  limited: boolean;
  results: FoundUser[];
}

/** The slot of a call, and who is to take part. */
export interface RtcSlot {
  /** Default: the client's `roomId`. */
  roomId?: string;
  slotId: string;
  /** Plain JSON. It is copied when the call is made. */
  member: RtcMember;
}

/** A LiveKit server to join a call at. */
export interface LivekitTokenSpec extends RtcSlot {
  /** The homeserver that the server belongs to. */
  serverName?: string;
  url: string;
}

/** The leave that a LiveKit server is to look after. */
export interface DelegateLeaveSpec extends RtcSlot {
  /** {@link Future.delayId} of the leave. */
  delayId: string;
}
