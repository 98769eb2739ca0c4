/** Follows one room by `/sync`, as a client of any homeserver does, and goes on after whatever goes wrong. */
import type { RoomEvent } from "./homeserver-client.js";
import { type MatrixHttp, MatrixHttpError } from "./matrix-http.js";

const SYNC = "_matrix/client/v3/sync";
const POLL_MS = 25_000;
/** A connection that died without a word is given up. */
const SILENCE_MS = POLL_MS + 20_000;
const AGAIN_MS = 500;
const EARLIER_EVENTS = 50;

type Block = { events?: Omit<RoomEvent, "room_id">[] };

interface Answer {
  next_batch: string;
  to_device?: { events?: ToDeviceMessage[] };
  rooms?: { join?: Record<string, { state?: Block; timeline?: Block }> };
}

export interface ToDeviceMessage {
  type: string;
  sender: string;
  content: Record<string, unknown>;
}

export interface FollowOptions {
  roomId: string;
  onEvent: (event: RoomEvent) => void;
  /** What is sent to this device alone. */
  onToDevice?: (message: ToDeviceMessage) => void;
  /** Is told why nothing comes any more, and `undefined` when it comes again. */
  onTrouble?: (why: string | undefined) => void;
  /** Only what happens from now on; else first the state, then the last events. */
  fromNow?: boolean;
}

/** Calls back for each event; returns what stops it. */
export function followSync(http: MatrixHttp, options: FollowOptions): () => void {
  const stopped = new AbortController();
  run(http, options, stopped.signal);
  return () => stopped.abort();
}

async function run(http: MatrixHttp, options: FollowOptions, stopped: AbortSignal): Promise<void> {
  const { roomId, onEvent, onToDevice, onTrouble, fromNow = false } = options;
  const filter = JSON.stringify({
    presence: { types: [] },
    account_data: { types: [] },
    room: {
      rooms: [roomId],
      ephemeral: { types: [] },
      account_data: { types: [] },
      state: { lazy_load_members: true },
      timeline: { limit: EARLIER_EVENTS, lazy_load_members: true },
    },
  });
  let since: string | undefined;
  let trouble = false;
  while (!stopped.aborted) {
    try {
      const signal = AbortSignal.any([stopped, AbortSignal.timeout(SILENCE_MS)]);
      const place = since === undefined ? {} : { since, timeout: POLL_MS };
      const query = { filter, set_presence: "offline", ...place };
      const answer = (await http.request("GET", SYNC, { query, signal })) as unknown as Answer;
      if (stopped.aborted) return;
      if (trouble) onTrouble?.(undefined);
      trouble = false;
      const wanted = since !== undefined || !fromNow;
      since = answer.next_batch;
      for (const message of answer.to_device?.events ?? []) onToDevice?.(message);
      const room = answer.rooms?.join?.[roomId];
      // State beside the timeline is what changed in a gap, or before the first of these events.
      const events = wanted ? [...(room?.state?.events ?? []), ...(room?.timeline?.events ?? [])] : [];
      for (const event of events) onEvent({ ...event, room_id: roomId });
    } catch (error) {
      if (stopped.aborted) return;
      if (!trouble) onTrouble?.(troubleOf(error));
      trouble = true;
      if (error instanceof MatrixHttpError && error.status === 401) return; // this login will never do again
      const wait = error instanceof MatrixHttpError ? error.retryAfterMs : undefined;
      await new Promise((resolve) => setTimeout(resolve, wait ?? AGAIN_MS));
    }
  }
}

function troubleOf(error: unknown): string {
  if (!(error instanceof MatrixHttpError)) return "The homeserver does not answer.";
  return error.status === 401 ? `${error.message} This login is over: connect again.` : error.message;
}
