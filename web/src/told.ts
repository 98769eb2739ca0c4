import type { Fields } from "./border.js";

/** Of so many places what was told last is remembered. */
const maxPlaces = 4096;

/** The room events that a request of the host tells of: its data, or the elements of the list `state` in it. */
export const eventsIn = (data: Fields | null | undefined): (Fields | null | undefined)[] =>
  Array.isArray(data?.state) ? data.state : [data];

const isText = (value: unknown) => typeof value === "string";

/**
 * What the host told of each place in a room's state. A hold has to know what stood in its place before it began, and
 * hosts tell that once: when they tell the widget of the room.
 */
export class Told {
  /** By place, the one that was told last at the end. */
  readonly #places = new Map<string, Fields>();

  /** Remembers the state events among what a request of the host tells of. */
  hear({ action, data }: Fields): void {
    if (action !== "send_event" && action !== "update_state") return;
    for (const event of eventsIn(data)) {
      const { type, state_key, room_id, sender, event_id } = event ?? {};
      if (![type, state_key, room_id ?? "", sender, event_id].every(isText)) continue;
      const place = [type, state_key, room_id].join("\n");
      this.#places.delete(place);
      this.#places.set(place, { type, state_key, room_id, sender, event_id });
      if (this.#places.size <= maxPlaces) continue;
      const [oldest] = this.#places.keys();
      this.#places.delete(oldest as string);
    }
  }

  /** The state event that was told last of a place; of any room where one side names none. */
  of(type: unknown, stateKey: unknown, roomId: unknown): Fields | undefined {
    let last: Fields | undefined;
    for (const event of this.#places.values()) {
      if (event.type !== type || event.state_key !== stateKey) continue;
      if (event.room_id == null || roomId == null || event.room_id === roomId) last = event;
    }
    return last;
  }
}
