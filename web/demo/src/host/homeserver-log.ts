/**
 * What goes to the homeserver, as far as a client can know: what it asks for itself on the widget's behalf, and what became
 * of futures whose tokens the widget took there directly.
 */
import type { LifeListener } from "./life.js";
import type { WireLog } from "./wire-log.js";
import { nameOf } from "./words.js";

const EVENT = ["type", "content", "state_key", "room_id"];

/** What stands where in the arguments of a driver, so that a log can leave the secrets out. */
const ARGUMENTS: Record<string, readonly string[]> = {
  sendEvent: EVENT,
  sendFuture: ["group_id", "timeout", ...EVENT],
  sendDelayedEvent: ["delay", ...EVENT],
  sendStickyEvent: ["sticky_duration_ms", "type", "content", "room_id"],
  sendDelayedStickyEvent: ["delay", "sticky_duration_ms", "type", "content", "room_id"],
};
/** Those that act on what is scheduled name it first. */
const ACTION = ["delay_id", "action"];

export function logDriver(wire: WireLog): (method: string, args: unknown[]) => void {
  return (method, args) => {
    const names = ARGUMENTS[method] ?? ACTION;
    const named = args.map((value, i) => [names[i] ?? `argument ${i + 1}`, value ?? undefined]);
    wire.direct("client → homeserver", method, Object.fromEntries(named));
  };
}

const USES = { sent: "send token used", cancelled: "cancel token used" } as const;

export function logDirectUse(wire: WireLog): LifeListener {
  return (what, { future, end }) => {
    if (future.generation !== "futures") return;
    const ended = USES[end?.how as keyof typeof USES];
    const use = what === "restarted" ? "refresh token used" : what === "ended" ? ended : undefined;
    if (use === undefined) return;
    const { type, content, delayMs: timeout } = future;
    wire.direct("widget → homeserver", use, { of: nameOf(type, content), timeout });
  };
}
