/** The events that cross the Widget API, as Matrix writes them. */

/** An event of a room. */
export interface IRoomEvent {
  type: string;
  sender: string;
  event_id: string;
  room_id: string;
  /** Of state events. */
  state_key?: string;
  /** In ms since 1970. */
  origin_server_ts: number;
  content: Record<string, unknown>;
  unsigned: Record<string, unknown>;
  /** Of sticky events (MSC4354). */
  sticky?: { duration_ms: number };
  /** The same, under its unstable name. */
  msc4354_sticky?: { duration_ms: number };
}

/** One type of a room's account data. */
export interface IRoomAccountData {
  type: string;
  room_id: string;
  content: Record<string, unknown>;
}

/** A to-device message. */
export interface IToDeviceMessage {
  content: Record<string, unknown>;
  sender: string;
  type: string;
}
