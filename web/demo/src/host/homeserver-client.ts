/**
 * A small client of the client-server API: just the requests that the two hosts and the pages of demo and tests make.
 * Futures are those of June 2024 (MSC4140 at 99b3a20c3: `/send_future`, `/state_future`, `/future`), delayed events those
 * that Synapse serves today (`org.matrix.msc4140.delay`, `/delayed_events`).
 */

const CLIENT = "_matrix/client/v3";
const DELAYED = "_matrix/client/unstable/org.matrix.msc4140/delayed_events";
const STREAM = "_matrix/client/unstable/widget_futures/rooms";
const REOPEN_MS = 1000;

export interface RoomEvent {
  type: string;
  event_id: string;
  room_id: string;
  sender: string;
  origin_server_ts: number;
  content: Record<string, unknown>;
  state_key?: string;
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

/** The error a homeserver answered with, kept whole so that a host can relay it as `matrix_api_error`. */
export class MatrixHttpError extends Error {
  constructor(
    readonly status: number,
    readonly headers: Record<string, string>,
    readonly url: string,
    readonly body: Record<string, unknown>,
  ) {
    super(`The homeserver answered ${status}: ${String(body.error ?? body.errcode ?? "no reason given")}`);
    this.name = "MatrixHttpError";
  }

  /** The form a widget receives inside `response.error` (matrix-widget-api 1.10 and later). */
  toWidgetError() {
    return { http_status: this.status, http_headers: this.headers, url: this.url, response: this.body };
  }
}

export class HomeserverClient {
  private transactions = 0;

  constructor(
    readonly baseUrl: string,
    private readonly accessToken: string,
  ) {}

  async sendEvent(roomId: string, type: string, content: unknown, stateKey?: string): Promise<string> {
    const answer = await this.request("PUT", this.eventPath(roomId, "", type, stateKey), {}, content);
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
    return this.request(
      "PUT",
      this.eventPath(roomId, "_future", type, stateKey),
      query,
      content,
    ) as Promise<never>;
  }

  async sendDelayedEvent(
    roomId: string,
    type: string,
    content: unknown,
    stateKey: string | undefined,
    delay: number,
  ): Promise<string> {
    const query = { "org.matrix.msc4140.delay": delay };
    const answer = await this.request("PUT", this.eventPath(roomId, "", type, stateKey), query, content);
    return String(answer.delay_id);
  }

  async updateDelayedEvent(delayId: string, action: DelayedAction): Promise<void> {
    await this.request("POST", `${DELAYED}/${encodeURIComponent(delayId)}/${action}`, {}, {});
  }

  async futures(): Promise<ListedFuture[]> {
    const answer: unknown = await this.request("GET", `${CLIENT}/future`);
    return answer as ListedFuture[];
  }

  async delayedEvents(): Promise<ListedDelayedEvent[]> {
    const answer = await this.request("GET", DELAYED);
    return answer.delayed_events as ListedDelayedEvent[];
  }

  async timeline(roomId: string): Promise<RoomEvent[]> {
    const answer = await this.request("GET", `${CLIENT}/rooms/${encodeURIComponent(roomId)}/messages`, {
      dir: "f",
    });
    return answer.chunk as RoomEvent[];
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
   * was away; returns what stops it.
   */
  stream(roomId: string, onEvent: (event: RoomEvent) => void): () => void {
    const url = new URL(`${STREAM}/${encodeURIComponent(roomId)}/stream`, this.baseUrl);
    url.searchParams.set("access_token", this.accessToken); // an EventSource sends no headers
    url.searchParams.set("from", "t0");
    let source: EventSource;
    let again: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      source = new EventSource(url);
      source.onmessage = (message) => {
        url.searchParams.set("from", message.lastEventId);
        onEvent(JSON.parse(message.data));
      };
      // An EventSource gives up for good when it is refused once.
      source.onerror = () => {
        source.close();
        again = setTimeout(open, REOPEN_MS);
      };
    };
    open();
    return () => {
      clearTimeout(again);
      source.close();
    };
  }

  private eventPath(roomId: string, suffix: "" | "_future", type: string, stateKey?: string): string {
    const [verb, last] =
      stateKey === undefined
        ? ["send", `m${Date.now()}.${this.transactions++}.${Math.random().toString(36).slice(2)}`]
        : ["state", stateKey];
    const parts = [roomId, verb + suffix, type, last].map(encodeURIComponent);
    return `${CLIENT}/rooms/${parts.join("/")}`;
  }

  private async request(
    method: string,
    path: string,
    query: Record<string, unknown> = {},
    body?: unknown,
  ): Promise<Record<string, unknown>> {
    const url = new URL(path, this.baseUrl);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const response = await fetch(url, {
      method,
      headers: { Authorization: `Bearer ${this.accessToken}`, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok)
      throw new MatrixHttpError(response.status, Object.fromEntries(response.headers), url.href, answer);
    return answer;
  }
}
