/** The host's `/sync`: tells every event of one room from now on, and goes on after whatever goes wrong. */
import type { RoomEvent } from "../../demo/src/host/homeserver-client.js";

const POLL_MS = 25_000;
const AGAIN_MS = 500;

interface Answer {
  next_batch: string;
  rooms?: { join?: Record<string, { timeline?: { events?: Omit<RoomEvent, "room_id">[] } }> };
}

export async function follow(options: {
  fetch: typeof fetch;
  homeserver: string;
  accessToken: string;
  roomId: string;
  onEvent: (event: RoomEvent) => void;
}): Promise<never> {
  const { homeserver, accessToken, roomId, onEvent } = options;
  const filter = JSON.stringify({ presence: { types: [] }, room: { rooms: [roomId] } });
  let since: string | undefined;
  for (;;) {
    try {
      const url = new URL("_matrix/client/v3/sync", homeserver);
      const query = {
        filter,
        set_presence: "offline",
        ...(since ? { since, timeout: String(POLL_MS) } : {}),
      };
      url.search = new URLSearchParams(query).toString();
      const response = await options.fetch(url, { headers: { Authorization: `Bearer ${accessToken}` } });
      if (!response.ok) throw new Error(`sync: ${response.status}`);
      const answer: Answer = await response.json();
      // What was there before we came the library reads for itself.
      const events = since ? (answer.rooms?.join?.[roomId]?.timeline?.events ?? []) : [];
      since = answer.next_batch;
      for (const event of events) onEvent({ ...event, room_id: roomId });
    } catch {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}
