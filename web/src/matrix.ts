// Matrix JSON as hosts pass it on, in Matrix's own words. Nothing in it is checked here but that it is there.

/** A room event in client format. */
export interface RoomEvent<Content extends object = Record<string, unknown>> {
  type: string;
  /** Of state events only; also the empty one. */
  state_key?: string;
  sender: string;
  event_id: string;
  room_id: string;
  /** Milliseconds since the epoch, by the sender's server. */
  origin_server_ts: number;
  content: Content;
  unsigned?: Record<string, unknown>;
  /** Of sticky events (MSC4354): for how long, in ms. */
  sticky?: { duration_ms: number };
  /** The same under its unstable name. */
  msc4354_sticky?: { duration_ms: number };
}

/** What the user's account keeps with a room. */
export interface AccountData<Content extends object = Record<string, unknown>> {
  type: string;
  room_id: string;
  content: Content;
}

/** A to-device message (MSC3819). */
export interface ToDeviceMessage<Content extends object = Record<string, unknown>> {
  type: string;
  sender: string;
  content: Content;
  /** Whether it came encrypted. */
  encrypted: boolean;
}

/** A way to reach others in a call (MSC4143, MSC4515): what it is decides what else is in it. */
export interface RtcTransport {
  type: string;
  [member: string]: unknown;
}

/** Who takes part in a call (MSC4533). */
export interface RtcMember {
  id: string;
  claimed_device_id?: string;
  [member: string]: unknown;
}

/** A user that the user directory knows (MSC3973). */
export interface FoundUser {
  user_id: string;
  display_name?: string;
  avatar_url?: string;
}

/** What a sticker shows (`m.sticker`). */
export interface StickerContent {
  /** An `mxc:` URI. */
  url: string;
  info?: Record<string, unknown>;
}

/** A button under a modal widget (MSC2790). */
export interface ModalButton {
  id: string;
  label: string;
  kind: "m.primary" | "m.secondary" | "m.warning" | "m.danger" | "m.link" | (string & {});
  disabled?: boolean;
}
