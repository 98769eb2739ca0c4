import type { Fields } from "../border.js";
import { __invalid as invalid, __lateSnapshot as lateSnapshot } from "../index.js";
import { Call, Limit } from "../wire.gen.js";
import { UpdateDelayedEventAction, WidgetApiFromWidgetAction } from "./exports.js";

/** How the core is asked for what a widget sends. */
export interface Route {
  kind: Call;
  args: Fields;
}

const verbs: ReadonlyMap<string, Call> = new Map([
  [UpdateDelayedEventAction.Restart, Call.Refresh],
  [UpdateDelayedEventAction.Cancel, Call.Cancel],
  [UpdateDelayedEventAction.Send, Call.Send],
]);

/**
 * Finds the way of an action: futures and all that belongs to the negotiation are the core's, the rest goes as it is.
 * `data` is a copy of the caller's; `dialect` is the one in use.
 *
 * @throws {WidgetError} `invalid`, where no host would do what is meant.
 */
export function route(action: string, data: Fields, dialect: string): Route {
  const raw = { kind: Call.Request, args: { action, data } };
  switch (action) {
    case WidgetApiFromWidgetAction.SendEvent:
      return sendEvent(data) ?? raw;
    case WidgetApiFromWidgetAction.MSC4157UpdateDelayedEvent: {
      const kind = verbs.get(data.action);
      if (kind === undefined) return raw; // the host's to refuse
      return {
        kind,
        args: { v: 1, dialect: dialect === "delayed-dotted" ? dialect : "delayed", delayId: data.delay_id },
      };
    }
    case WidgetApiFromWidgetAction.ContentLoaded:
      return { kind: Call.ContentLoaded, args: {} };
    case WidgetApiFromWidgetAction.MSC2974RenegotiateCapabilities:
      return { kind: Call.RequestCapabilities, args: { capabilities: data.capabilities } };
  }
  return raw;
}

/** The members that a delayed event may have. What else a caller means by one, no host would do later. */
const known: ReadonlySet<string> = new Set([
  "type",
  "content",
  "state_key",
  "room_id",
  "delay",
  "sticky_duration_ms",
]);

/** The way of a delayed event; undefined for one that is sent now. */
function sendEvent(data: Fields): Route | undefined {
  const parent = data.parent_delay_id;
  delete data.parent_delay_id;
  const { type, content, state_key, room_id, delay, sticky_duration_ms } = data;
  if (delay === undefined) {
    if (parent) throw invalid("parentDelayId", "has no meaning any more: hosts would send the event at once");
    return undefined;
  }
  if (!Number.isInteger(delay) || delay < 1 || delay > Limit.DurationMs)
    throw invalid("delay", `must be an integer of milliseconds from 1 to ${Limit.DurationMs}`);
  for (const [name, value] of Object.entries(data)) {
    if (value !== undefined && !known.has(name)) throw invalid(name, "is no member of a delayed event");
  }
  if (parent)
    console.warn("widget-futures: parentDelayId is deprecated and not sent; the event's own delay counts");
  const args = {
    type,
    content: lateSnapshot(content, "content"),
    stateKey: state_key,
    roomId: room_id ?? undefined,
    timeoutMs: delay,
    stickyDurationMs: sticky_duration_ms || undefined, // 0 means none to hosts
    allowUnencrypted: true, // as ever: matrix-widget-api has no word for it
  };
  return { kind: Call.SendFuture, args };
}
