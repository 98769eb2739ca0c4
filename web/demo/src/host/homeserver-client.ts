/**
 * A small client of the client-server API: just the requests that the two hosts and the pages of demo and tests make.
 * Futures are those of June 2024 (MSC4140 at 99b3a20c3: `/send_future`, `/state_future`, `/future`), delayed events those
 * that Synapse serves today (`org.matrix.msc4140.delay`, `/delayed_events`).
 */
import { followStream } from "./follow-stream.js";
import { type FollowOptions, followSync } from "./follow-sync.js";
import { MatrixHttp, MatrixHttpError } from "./matrix-http.js";

export { MatrixHttpError };

const CLIENT = "_matrix/client/v3";
const DELAYED = "_matrix/client/unstable/org.matrix.msc4140/delayed_events";
const DELAY = "org.matrix.msc4140.delay";
const STICKY = "org.matrix.msc4354.sticky_duration_ms";
const ROOMS = "_matrix/client/unstable/widget_futures/rooms";
/** How many events of a room are read back. */
const EARLIER_EVENTS = 100;

export interface RoomEvent {
  type: string;
  event_id: string;
  room_id: string;
  sender: string;
  origin_server_ts: number;
  content: Record<string, unknown>;
  state_key?: string;
  unsigned?: Record<string, unknown>;
}

export interface FutureTokens {
  future_group_id: string;
  send_token: string;
  cancel_token: string;
  refresh_token?: string;
}

/** One entry of `GET /future`, which in this draft does not tell when the timer runs out. */
export interface ListedFuture {
  url: string;
  body: unknown;
  response: FutureTokens;
}

export interface ListedDelayedEvent {
  delay_id: string;
  room_id: string;
  type: string;
  state_key?: string;
  delay: number;
  running_since: number;
  content: unknown;
}

export type DelayedAction = "send" | "cancel" | "restart";

export class HomeserverClient extends MatrixHttp {
  private transactions = 0;

  /** Sends an event now. With `stickyMs` it is a sticky one (MSC4354), which only room events can be. */
  async sendEvent(
    roomId: string,
    type: string,
    content: unknown,
    stateKey?: string,
    stickyMs?: number,
  ): Promise<string> {
    const path = this.eventPath(roomId, "", type, stateKey);
    const answer = await this.request("PUT", path, { query: { [STICKY]: stickyMs }, body: content });
    return String(answer.event_id);
  }

  sendFuture(
    roomId: string,
    type: string,
    content: unknown,
    stateKey: string | undefined,
    future: { timeout?: unknown; groupId?: unknown },
  ): Promise<FutureTokens> {
    const query = { future_timeout: future.timeout, future_group_id: future.groupId };
    const path = this.eventPath(roomId, "_future", type, stateKey);
    return this.request("PUT", path, { query, body: content }) as Promise<never>;
  }

  async sendDelayedEvent(
    roomId: string,
    type: string,
    content: unknown,
    stateKey: string | undefined,
    delay: number,
    stickyMs?: number,
  ): Promise<string> {
    const query = { [DELAY]: delay, [STICKY]: stickyMs };
    const path = this.eventPath(roomId, "", type, stateKey);
    const answer = await this.request("PUT", path, { query, body: content });
    return String(answer.delay_id);
  }

  async updateDelayedEvent(delayId: string, action: DelayedAction): Promise<void> {
    await this.request("POST", `${DELAYED}/${encodeURIComponent(delayId)}/${action}`, { body: {} });
  }

  async futures(): Promise<ListedFuture[]> {
    const answer: unknown = await this.request("GET", `${CLIENT}/future`);
    return answer as ListedFuture[];
  }

  async delayedEvents(): Promise<ListedDelayedEvent[]> {
    const answer = await this.request("GET", DELAYED, { patient: true });
    return answer.delayed_events as ListedDelayedEvent[];
  }

  /** The last events of the room, oldest first. */
  async timeline(roomId: string): Promise<RoomEvent[]> {
    const answer = await this.request("GET", `${CLIENT}/rooms/${encodeURIComponent(roomId)}/messages`, {
      query: { dir: "b", limit: EARLIER_EVENTS },
    });
    return (answer.chunk as RoomEvent[]).reverse();
  }

  /** The current state events of one type; without a key those of every key. */
  async state(roomId: string, type: string, stateKey?: string): Promise<RoomEvent[]> {
    const answer: unknown = await this.request("GET", `${CLIENT}/rooms/${encodeURIComponent(roomId)}/state`);
    return (answer as RoomEvent[]).filter(
      (event) => event.type === type && (stateKey === undefined || event.state_key === stateKey),
    );
  }

  /**
   * Calls back for each event of the room, the ones already there first, and goes on where it was after the homeserver
   * was away; returns what stops it. This is the embedded homeserver's own stream.
   */
  stream(
    roomId: string,
    onEvent: FollowOptions["onEvent"],
    onTrouble?: FollowOptions["onTrouble"],
  ): () => void {
    return followStream(this.streamUrl(`${ROOMS}/${encodeURIComponent(roomId)}/stream`), {
      onEvent,
      onTrouble,
    });
  }

  /** The address of one of the embedded homeserver's streams, with the login in it: an EventSource sends no headers. */
  streamUrl(path: string): URL {
    const url = new URL(path, this.baseUrl);
    if (this.accessToken !== undefined) url.searchParams.set("access_token", this.accessToken);
    return url;
  }

  private eventPath(roomId: string, suffix: "" | "_future", type: string, stateKey?: string): string {
    const [verb, last] =
      stateKey === undefined
        ? ["send", `m${Date.now()}.${this.transactions++}.${Math.random().toString(36).slice(2)}`]
        : ["state", stateKey];
    const parts = [roomId, verb + suffix, type, last].map(encodeURIComponent);
    return `${CLIENT}/rooms/${parts.join("/")}`;
  }
}

/** A client of a homeserver that has no stream for pages, such as Synapse: it follows rooms by `/sync`. */
export class SyncingClient extends HomeserverClient {
  override stream(
    roomId: string,
    onEvent: FollowOptions["onEvent"],
    onTrouble?: FollowOptions["onTrouble"],
  ): () => void {
    return followSync(this, { roomId, onEvent, onTrouble });
  }
}
