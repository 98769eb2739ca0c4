/** What every contestant sends and the host answers: the membership of a MatrixRTC call, as Element Call writes it. */

export const WIDGET_ID = "element-call_1763891234567";
export const ROOM_ID = "!sKpplArHAtSXTiotDV:example.org";
export const TYPE = "org.matrix.msc3401.call.member";
export const STATE_KEY = "_@alice:example.org_GWNCLDUQVW_m.call";
export const EVENT_ID = "$gXBFyI9qxKQfvnEl_bx8MMB3Yfvla6C-3ij0PqqfcA0";
export const DELAY_ID = "syd_hKcPfvMhhRVnTnPqgBEI";
export const UPDATE_DELAYED = "org.matrix.msc4157.update_delayed_event";
/** The timeout of the futures, in ms; Element Call's. */
export const TIMEOUT_MS = 18_000;
/** What a widget that holds a membership asks for. */
export const CAPABILITIES = [
  `org.matrix.msc2762.timeline:${ROOM_ID}`,
  `org.matrix.msc2762.send.state_event:${TYPE}#${STATE_KEY}`,
  "org.matrix.msc4157.send.delayed_event",
  UPDATE_DELAYED,
];

/** A message of the Widget API. */
export interface Envelope {
  api: "fromWidget" | "toWidget";
  widgetId: string;
  requestId: string;
  action: string;
  data: Record<string, unknown>;
  response?: Record<string, unknown>;
}

/** The content of the nth event. */
export const membership = (n: number) => ({
  application: "m.call",
  call_id: "",
  scope: "m.room",
  device_id: "GWNCLDUQVW",
  created_ts: 1763891234567 + n,
  expires: 14400000,
  "m.call.intent": "video",
  focus_active: { type: "livekit", focus_selection: "oldest_membership" },
  foci_preferred: [
    {
      type: "livekit",
      livekit_service_url: "https://livekit-jwt.call.example.org",
      livekit_alias: ROOM_ID,
    },
  ],
});

/** What is called: a state event is sent, the same as a future, or a future is refreshed. */
export type Kind = "state" | "future" | "refresh";

/** How a contestant makes a call of a kind, and whether what came of it is what the host says to it. */
export interface Call {
  send(content: object): Promise<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the contestant's own call resolves with
  good(result: any): boolean;
}

export type Calls = Record<Kind, Call>;

/** What a frame is told to do, over a port of its own: nobody else's listener hears of it. */
export interface Order {
  kind: Kind;
  /** So many calls at once; 1: each waits for the one before. */
  inFlight: number;
  /** Calls in one sample, a multiple of `inFlight`. */
  perSample: number;
  samples: number;
}

export type Told = { run: Order } | { tool: string; args?: unknown[] };

/** What it answers to an order. */
export interface Result {
  /** Microseconds per call, one for each sample. */
  micros: number[];
  /** Calls of all samples that were answered as they should be. */
  answered: number;
}
