import { capability as helpers, parseCapability } from "../index.js";
import type { Capability } from "./capabilities.js";

/** What kind of event a capability is for. */
export enum EventKind {
  Event = "event",
  State = "state_event",
  ToDevice = "to_device",
  RoomAccount = "room_account",
}

/** Whether the widget sends the events, or receives them. */
export enum EventDirection {
  Send = "send",
  Receive = "receive",
}

/** The kinds that {@link parseCapability} tells, in the words of {@link EventKind}. */
const kinds = new Map<string, EventKind>([
  ["event", EventKind.Event],
  ["state", EventKind.State],
  ["toDevice", EventKind.ToDevice],
  ["accountData", EventKind.RoomAccount],
]);

/** A capability for events of one type, as `ClientWidgetApi` understands it. */
export class WidgetEventCapability {
  private constructor(
    public readonly direction: EventDirection,
    public readonly eventType: string,
    public readonly kind: EventKind,
    /** Of state the state key, of messages the msgtype; null where any will do. */
    public readonly keyStr: string | null,
    /** The capability string itself. */
    public readonly raw: string,
  ) {}

  /** Whether it allows the state event with this key. */
  matchesAsStateEvent(direction: EventDirection, eventType: string, stateKey: string | null): boolean {
    return this.is(EventKind.State, direction, eventType) && this.allows(stateKey);
  }

  /** Whether it allows to-device messages of the type. */
  matchesAsToDeviceEvent(direction: EventDirection, eventType: string): boolean {
    return this.is(EventKind.ToDevice, direction, eventType);
  }

  /** Whether it allows the room event; only messages have a msgtype that counts. */
  matchesAsRoomEvent(direction: EventDirection, eventType: string, msgtype: string | null = null): boolean {
    return this.is(EventKind.Event, direction, eventType) && this.allows(msgtype);
  }

  /** Whether it allows rooms' account data of the type. */
  matchesAsRoomAccountData(direction: EventDirection, eventType: string): boolean {
    return this.is(EventKind.RoomAccount, direction, eventType);
  }

  private is(kind: EventKind, direction: EventDirection, eventType: string): boolean {
    return this.kind === kind && this.direction === direction && this.eventType === eventType;
  }

  private allows(key: string | null): boolean {
    return this.keyStr === null || this.keyStr === key;
  }

  /** For state events of the type; without a key, any key. A "#" in the type is escaped. */
  static forStateEvent(
    direction: EventDirection,
    eventType: string,
    stateKey?: string,
  ): WidgetEventCapability {
    const key = stateKey ?? undefined;
    return made(`${direction}State`, eventType.replaceAll("#", "\\#") + (key === undefined ? "" : `#${key}`));
  }

  /** For to-device messages of the type. */
  static forToDeviceEvent(direction: EventDirection, eventType: string): WidgetEventCapability {
    return made(`${direction}ToDevice`, eventType);
  }

  /** For room events of the type; of messages, all. */
  static forRoomEvent(direction: EventDirection, eventType: string): WidgetEventCapability {
    return made(`${direction}Event`, eventType);
  }

  /** For messages of the msgtype. Without one it is for those whose msgtype is empty, not for all. */
  static forRoomMessageEvent(direction: EventDirection, msgtype?: string): WidgetEventCapability {
    return made(`${direction}Event`, `m.room.message#${msgtype ?? ""}`);
  }

  /** For rooms' account data of the type, which can only be received: there is none for sending it. */
  static forRoomAccountData(direction: EventDirection, eventType: string): WidgetEventCapability {
    return made(`${direction}AccountData`, eventType);
  }

  /** Those of the capabilities that are for events. */
  static findEventCapabilities(capabilities: Iterable<Capability>): WidgetEventCapability[] {
    return [...capabilities].flatMap((raw) => {
      const parsed = parseCapability(raw);
      const kind = kinds.get(parsed?.kind as string);
      if (!kind) return [];
      const { direction } = parsed as { direction: EventDirection };
      const [type, key] = split(raw.slice(raw.indexOf(":") + 1), kind);
      return [new WidgetEventCapability(direction, type, kind, key, raw)];
    });
  }
}

/** The capability of one kind with what follows its colon; undefined where there is no such kind. */
function made(kind: string, rest: string): WidgetEventCapability {
  const helper = helpers[kind as "sendEvent"] as ((type: string) => string) | undefined;
  const start = helper?.("x").slice(0, -1);
  return WidgetEventCapability.findEventCapabilities(start ? [start + rest] : [])[0] as WidgetEventCapability;
}

/**
 * Type and key as `ClientWidgetApi` tells them apart, so that a widget sees what such a host will allow. Other than
 * {@link parseCapability} it takes a type with a "#" and without a key for the empty key, and a msgtype wherever it sees
 * `m.room.message#`.
 */
function split(rest: string, kind: EventKind): [type: string, key: string | null] {
  if (!rest.includes("#") || !(kind === EventKind.State || rest.startsWith("m.room.message#")))
    return [rest, null];
  const [, type = "", key = ""] = /^((?:[^#]*\\#)*(?:[^#]*[^#\\])?)(?:#(.*))?$/s.exec(rest) ?? ["", "", rest];
  return [type.replaceAll("\\#", "#"), key];
}
