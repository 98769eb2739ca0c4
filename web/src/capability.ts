import { capabilityNames as names } from "./wire.gen.js";

/** A "#" before the state key must stay the first bare one, so one in a type is escaped; state keys are not. */
const state = (prefix: string, type: string, key?: string) =>
  prefix + type.replaceAll("#", "\\#") + (key === undefined ? "" : `#${key}`);

const event = (prefix: string, type: string, msgtype?: string) =>
  prefix + type + (type === "m.room.message" && msgtype ? `#${msgtype}` : "");

/** Builds the capability strings that {@link ConnectOptions.capabilities} and `requestCapabilities` take. */
export const capability = {
  /** Send room events of the type; of `m.room.message`, only the msgtype if one is given. */
  sendEvent: (type: string, msgtype?: string): string => event(names.sendEvent, type, msgtype),
  /** Receive room events of the type. */
  receiveEvent: (type: string, msgtype?: string): string => event(names.receiveEvent, type, msgtype),
  /** Send state events of the type; without a key, any key. */
  sendState: (type: string, stateKey?: string): string => state(names.sendState, type, stateKey),
  /** Receive state events of the type; without a key, any key. */
  receiveState: (type: string, stateKey?: string): string => state(names.receiveState, type, stateKey),
  /** Reach a room beside the one the user views; "*" for all. */
  timeline: (roomId: string): string => names.timeline + roomId,
  /** Schedule delayed events (MSC4157). Asked for by the dialects that need it. */
  sendDelayed: (): string => names.sendDelayed,
  /** Refresh, send and cancel delayed events (MSC4157). Asked for by the dialects that need it. */
  updateDelayed: (): string => names.updateDelayed,
  /** Send sticky events (MSC4407). */
  sendSticky: (): string => names.sendSticky,
} as const;
