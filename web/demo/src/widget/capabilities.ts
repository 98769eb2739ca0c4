/** What this page asks its host for, and how that is called in a sentence: "it may …". */
import { capability, type Dialect } from "/widget-futures/index.js";
import { CALL_MEMBER } from "../shared/call-member.js";
import { ownKey, params } from "./page.js";

const roomId = params.get("roomId");

/** What the page itself wants; the module adds what futures need. */
const WANTED: [capability: string, words: string][] = [
  [capability.sendState(CALL_MEMBER, ownKey), "join the call"],
  [capability.receiveState(CALL_MEMBER, ownKey), "see when somebody ends its membership"],
  [capability.sendEvent("m.room.message"), "send messages"],
];
const STICKY: [capability: string, words: string] = [capability.sendSticky(), "send sticky events"];
const DELAYED: [capability: string, words: string][] = [
  [capability.sendDelayed(), "schedule events"],
  [capability.updateDelayed(), "refresh, send or cancel what is scheduled"],
];
const ROOM: [capability: string, words: string][] =
  roomId === null ? [] : [[capability.timeline(roomId), "use this room"]];

const NAMES = new Map([...WANTED, STICKY, ...DELAYED, ...ROOM]);

export const wanted = [...WANTED, STICKY].map(([name]) => name);

/** What the page needs in the dialect; being sticky is an extra. */
export function needed(dialect: Dialect): string[] {
  const delayed = dialect === "auto" || dialect === "delayed" ? DELAYED : [];
  return [...WANTED, ...delayed, ...ROOM].map(([name]) => name);
}

/** What the host would let the page do. */
export function nameOf(name: string): string {
  return NAMES.get(name) ?? `use ${name}`;
}
