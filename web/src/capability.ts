import { invalid } from "./errors.js";
import { text } from "./options.js";
import { formerCapabilityNames as former, capabilityNames as names } from "./wire.gen.js";

type Name = keyof typeof names;

/** The one room event type whose capability can carry a msgtype. */
const message = "m.room.message";

/** Says what a widget may do: {@link parseCapability} makes it of a capability string. */
export type ParsedCapability =
  /** Room events of a type; of `m.room.message`, only those of the msgtype, if one is told. */
  | { kind: "event"; direction: "send" | "receive"; type: string; msgtype?: string }
  /** State events of a type; without a key, any key. */
  | { kind: "state"; direction: "send" | "receive"; type: string; stateKey?: string }
  | { kind: "toDevice"; direction: "send" | "receive"; type: string }
  | { kind: "accountData"; direction: "receive"; type: string }
  /** Reaches a room beside the one the user views; "*" is every room. */
  | { kind: "timeline"; roomId: string }
  | { kind: "delayed"; direction: "send" }
  | { kind: "sticky"; direction: "send" | "receive" }
  /** What is allowed or not as a whole, named as its helper in {@link capability}. */
  | { kind: Exclude<Name, `send${string}` | `receive${string}` | "timeline"> };

/** The helpers of {@link capability}: each makes one capability string, or throws `invalid` for what is none. */
export interface CapabilityHelpers {
  /** Send room events of the type; of `m.room.message`, only the msgtype if one is given. */
  sendEvent(type: string, msgtype?: string): string;
  /** Receive room events of the type; of `m.room.message`, only the msgtype if one is given. */
  receiveEvent(type: string, msgtype?: string): string;
  /** Send state events of the type; without a key, any key. */
  sendState(type: string, stateKey?: string): string;
  /** Receive state events of the type; without a key, any key. */
  receiveState(type: string, stateKey?: string): string;
  /** Send to-device messages of the type (MSC3819). */
  sendToDevice(type: string): string;
  /** Receive to-device messages of the type (MSC3819). */
  receiveToDevice(type: string): string;
  /** Read the rooms' account data of the type (matrix-widget-api 1.9 and later). */
  receiveAccountData(type: string): string;
  /** Reach a room beside the one the user views; "*" for all. */
  timeline(roomId: string): string;
  /** Schedule delayed events (MSC4157). Asked for by the dialects that need it. */
  sendDelayed(): string;
  /** Refresh, send and cancel delayed events (MSC4157). Asked for by the dialects that need it. */
  updateDelayed(): string;
  /** Send sticky events (MSC4407). */
  sendSticky(): string;
  /** Receive sticky events as such (MSC4407). */
  receiveSticky(): string;
  /** Ask for the MatrixRTC transports of the homeserver (MSC4515). */
  rtcTransports(): string;
  /** Ask for tokens of a LiveKit service (MSC4533). */
  livekitToken(): string;
  /** Hand a delayed leave over to a LiveKit service (MSC4533). */
  delegateLeave(): string;
  /** Upload files, and ask how large they may be (MSC4039). */
  uploadFile(): string;
  /** Download files (MSC4039). */
  downloadFile(): string;
  /** Be asked for screenshots. */
  screenshot(): string;
  /** Send stickers. */
  sticker(): string;
  /** Stay on the screen when the user views another room. */
  alwaysOnScreen(): string;
  /** Never be opened outside of the client (Element). */
  requiresClient(): string;
  /** Have the client open matrix.to links (MSC2931). */
  navigate(): string;
  /** Be told TURN servers (MSC3846). */
  turnServers(): string;
  /** Search the user directory (MSC3973). */
  userDirectory(): string;
  /** Be told whether the widget is visible. Hosts of today tell it unasked. */
  visibility(): string;
}

const rows = Object.entries(names);

/** Builds the capability strings that {@link ConnectOptions.capabilities} and `requestCapabilities` take. */
export const capability: CapabilityHelpers = Object.fromEntries(
  rows.map(([name, start]) => [
    name,
    (first: string, second?: string) => {
      if (!start.endsWith(":")) return start;
      const subject = text(first ?? "", name === "timeline" ? "roomId" : "type") as string;
      const state = name.endsWith("State");
      if (!state && !(name.endsWith("Event") && subject === message)) return start + subject;
      const key = second ?? undefined;
      if (key !== undefined && typeof key !== "string") {
        throw invalid(state ? "stateKey" : "msgtype", "must be a string");
      }
      // A "#" before the state key must stay the first bare one, so one in a type is escaped; keys are not.
      return start + subject.replaceAll("#", "\\#") + (key || (state && key === "") ? `#${key}` : "");
    },
  ]),
) as Record<Name, () => string>;

/**
 * Takes a capability string apart, as `approvedCapabilities` has them; undefined for one that is not known here. What
 * hosts of earlier generations call a capability is read as that capability. In the type of a state event `\#` is
 * read as `#`, which is how the helpers and matrix-widget-api write it; Rust hosts split at the first `#` whatever
 * stands before it.
 */
export function parseCapability(capability: string): ParsedCapability | undefined {
  if (typeof capability !== "string") throw invalid("capability", "must be a string");
  for (const [name, start] of [...rows, ...Object.entries(former)]) {
    const open = start.endsWith(":");
    if (open ? !capability.startsWith(start) : capability !== start) continue;
    const [, direction, word] = /^(send|receive)?(.+)/.exec(name) as string[];
    const kind = word[0].toLowerCase() + word.slice(1);
    const parsed: Record<string, string> = direction ? { kind, direction } : { kind };
    if (open) {
      const state = kind === "state";
      const rest = capability.slice(start.length);
      const split = state ? /^((?:\\#|[^#])*)(?:#(.*))?$/s : /^(m\.room\.message)#(.*)$/s;
      const [, subject, key] = ((state || kind === "event") && split.exec(rest)) || ["", rest];
      parsed[kind === "timeline" ? "roomId" : "type"] = state ? subject.replaceAll("\\#", "#") : subject;
      if (key !== undefined) parsed[state ? "stateKey" : "msgtype"] = key;
    }
    return parsed as ParsedCapability;
  }
  return undefined;
}
