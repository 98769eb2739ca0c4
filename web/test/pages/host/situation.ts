/**
 * What a request stands for at its place in a conversation. Two requests of the same shape differ in names alone, so that
 * a recorded host's answer to one is its answer to the other.
 */
import { Grants } from "../../../demo/src/host/grants.js";

export type Fields = Record<string, unknown>;

const SEND_DELAYED = "org.matrix.msc4157.send.delayed_event";

export class Situation {
  readonly grants = new Grants();
  /** The delayed events the host has told of. */
  private readonly delayed = new Map<string, "live" | "ended">();

  constructor(private readonly roomId: string) {}

  approve(capabilities: string[]): void {
    this.grants.add(capabilities);
  }

  /** Takes an answer into account, after its request had a shape. */
  answered(data: Fields, response: Fields): void {
    if (typeof response.delay_id === "string") this.delayed.set(response.delay_id, "live");
    const ends = data.action === "send" || data.action === "cancel";
    if (ends && typeof data.delay_id === "string" && response.error === undefined)
      this.delayed.set(data.delay_id, "ended");
  }

  /** The action, and of each member what a host could decide by. */
  shape(action: string, data: Fields): string {
    const members = Object.keys(data).flatMap((name) => {
      // The recorded host's user viewed this room: naming it changes nothing.
      if (name === "room_id" && data.room_id === this.roomId) return [];
      // An empty id is refused before the verb is looked at (W§8).
      if (name === "action" && data.delay_id === "") return [];
      return `${name}: ${this.kind(action, name, data)}`;
    });
    return [action, ...members.sort()].join(", ");
  }

  private kind(action: string, name: string, data: Fields): string {
    const value = data[name];
    switch (name) {
      case "type": {
        const {
          type,
          content,
          state_key: key,
        } = data as { type: string; content: Fields; state_key?: string };
        return this.grants.maySend(type, content ?? {}, key) ? "allowed" : "not allowed";
      }
      case "room_id":
        return this.grants.mayUseRoom(String(value)) ? "in reach" : "out of reach";
      case "delay_id": {
        if (value === "") return "empty";
        return `${this.delayed.get(String(value)) ?? "unknown"}, ${this.granted(action)}`;
      }
      case "delay":
        return `${number(value)}, ${this.granted(SEND_DELAYED)}`;
      case "action":
        return String(value);
      default:
        return typeof value === "number" ? number(value) : value === null ? "null" : typeof value;
    }
  }

  private granted(capability: string): string {
    return this.grants.has(capability) ? "granted" : "not granted";
  }
}

/** Zero is recorded apart: it is a future too. */
function number(value: unknown): string {
  if (typeof value !== "number") return typeof value;
  return value > 0 && Number.isInteger(value) ? "positive" : String(value);
}
