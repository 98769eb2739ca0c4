/**
 * The lives of a user's futures as the embedded homeserver streams them: no asking again and again, and no secret in it.
 * The homeserver's times are told by its own clock, and `now` with each, so that a page can translate them.
 */
import { keepOpen } from "./follow-stream.js";
import type { HomeserverClient } from "./homeserver-client.js";
import type { End, LifeChange, Scheduled, WatchLife } from "./life.js";

const PATH = "_matrix/client/unstable/widget_futures/scheduled/stream";

/** One message of `scheduled/stream`. */
interface Message {
  change: LifeChange["change"];
  now: number;
  id: string;
  generation: Scheduled["generation"];
  room_id: string;
  type: string;
  state_key?: string;
  content: unknown;
  delay_ms?: number;
  running_since: number;
  group_id?: string;
  how: End;
  event_id?: string;
  error?: { errcode?: string; error?: string };
}

export function lifeFromStream(homeserver: HomeserverClient): WatchLife {
  return (onChange) =>
    keepOpen(() => {
      const source = new EventSource(homeserver.streamUrl(PATH));
      source.onmessage = ({ data }) => onChange(read(JSON.parse(data), Date.now()));
      return source;
    });
}

function read(message: Message, here: number): LifeChange {
  const { change, id } = message;
  const runningSince = message.running_since + here - message.now;
  switch (change) {
    case "reset":
      return { change };
    case "restarted":
      return { change, id, runningSince };
    case "ended": {
      const { how, event_id: eventId, error } = message;
      return { change, id, how, eventId, error: error && (error.error ?? error.errcode) };
    }
    case "scheduled": {
      const { generation, room_id, type, state_key, content, delay_ms, group_id } = message;
      const event = { roomId: room_id, type, stateKey: state_key, content };
      return {
        change,
        future: { id, generation, ...event, delayMs: delay_ms, runningSince, groupId: group_id },
      };
    }
  }
}
