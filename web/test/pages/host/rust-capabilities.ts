/**
 * Part of the FAKE Rust-style host (rust-style.ts): capability strings as matrix-rust-sdk reads them (W§3.6). Those it does
 * not know are dropped without a word, and a type ends at the first `#`, escaped or not.
 */
import type { Fields } from "./situation.js";

export const SEND_DELAYED = "org.matrix.msc4157.send.delayed_event";
export const UPDATE_DELAYED = "org.matrix.msc4157.update_delayed_event";
export const DOWNLOAD = "org.matrix.msc4039.download_file";
export const TRANSPORTS = "org.matrix.msc4515.rtc_transports";

const FLAGS = ["io.element.requires_client", UPDATE_DELAYED, SEND_DELAYED, DOWNLOAD, TRANSPORTS];
/** In the order in which they are told again. */
const FILTERS = [
  "org.matrix.msc2762.receive.event",
  "org.matrix.msc2762.receive.state_event",
  "org.matrix.msc3819.receive.to_device",
  "org.matrix.msc2762.send.event",
  "org.matrix.msc2762.send.state_event",
  "org.matrix.msc3819.send.to_device",
];

export interface EventLike {
  type: string;
  content?: unknown;
  state_key?: string | null;
}

/** The capabilities of the list that are known, in this machine's own order. */
export function known(list: string[]): string[] {
  const flags = FLAGS.filter((flag) => list.includes(flag));
  const filters = FILTERS.flatMap((name) => list.filter((capability) => capability.startsWith(`${name}:`)));
  return [...flags, ...filters];
}

export const maySend = (approved: string[], event: EventLike) => matches(approved, "send", event);
export const mayReceive = (approved: string[], event: EventLike) => matches(approved, "receive", event);

/** Whether a to-device message of that type may go or come. */
export function mayPass(approved: string[], direction: "send" | "receive", type: string): boolean {
  return approved.includes(`org.matrix.msc3819.${direction}.to_device:${type}`);
}

/** The types of the state events that may be received. */
export function stateTypes(approved: string[]): string[] {
  const prefix = "org.matrix.msc2762.receive.state_event:";
  return approved.filter((one) => one.startsWith(prefix)).map((one) => cut(one.slice(prefix.length))[0]);
}

function matches(approved: string[], direction: "send" | "receive", event: EventLike): boolean {
  const { type, state_key: key } = event;
  const isState = typeof key === "string";
  const prefix = `org.matrix.msc2762.${direction}.${isState ? "state_event" : "event"}:`;
  return approved.some((capability) => {
    if (!capability.startsWith(prefix)) return false;
    const filter = capability.slice(prefix.length);
    if (isState) {
      const [wanted, wantedKey] = cut(filter);
      return wanted === type && (wantedKey === undefined || wantedKey === key);
    }
    if (!filter.startsWith("m.room.message#")) return filter === type;
    return type === "m.room.message" && filter === `m.room.message#${(event.content as Fields)?.msgtype}`;
  });
}

function cut(filter: string): [string, string?] {
  const at = filter.indexOf("#");
  return at < 0 ? [filter] : [filter.slice(0, at), filter.slice(at + 1)];
}
