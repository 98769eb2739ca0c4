/** What a homeserver finds in a room's timeline beyond what the demo asks of it. */
import type { IReadEventRelationsResult, IRoomEvent } from "matrix-widget-api";
import {
  type HomeserverClient,
  MatrixHttpError,
  type RoomEvent,
} from "../../../../demo/src/host/homeserver-client.js";

interface RelationsQuery {
  eventId: string;
  relType?: string;
  eventType?: string;
  from?: string;
  to?: string;
  limit?: number;
  direction?: "f" | "b";
}

/** Of Synapse. */
const RELATIONS_LIMIT = 5;

/** The events that relate to one, newest first unless told otherwise; a batch is named by the last event before it. */
export async function readRelations(
  homeserver: HomeserverClient,
  roomId: string,
  { eventId, relType, eventType, from, to, limit = RELATIONS_LIMIT, direction = "b" }: RelationsQuery,
): Promise<IReadEventRelationsResult> {
  const timeline = await homeserver.timeline(roomId);
  if (!timeline.some(({ event_id }) => event_id === eventId))
    throw new MatrixHttpError(404, {}, "relations", { errcode: "M_NOT_FOUND", error: "Unknown event." });
  const related = timeline.filter(({ type, content }) => {
    const relation = content["m.relates_to"] as { event_id?: string; rel_type?: string } | undefined;
    if (relation?.event_id !== eventId) return false;
    return (relType ?? relation.rel_type) === relation.rel_type && (eventType ?? type) === type;
  });
  if (direction === "b") related.reverse();
  const position = (batch: string) => related.findIndex(({ event_id }) => event_id === batch) + 1;
  const [start, end] = [from ? position(from) : 0, to ? position(to) : related.length];
  const chunk = related.slice(start, Math.min(start + limit, end));
  const last = chunk.at(-1)?.event_id;
  return {
    chunk: chunk as unknown as IRoomEvent[],
    nextBatch: start + chunk.length < end ? last : undefined,
    prevBatch: from,
  };
}

/** The events of a room that are sticky now (MSC4354). */
export async function readSticky(homeserver: HomeserverClient, roomId: string): Promise<IRoomEvent[]> {
  const left = ({ unsigned }: RoomEvent) => Number(unsigned?.msc4354_sticky_duration_ttl_ms ?? 0);
  return (await homeserver.timeline(roomId)).filter((event) => left(event) > 0) as unknown as IRoomEvent[];
}
