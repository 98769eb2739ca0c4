/** How the page calls what is in the room and what became of a future: one table for bars, timeline and wire. */
import { CALL_MEMBER } from "../shared/call-member.js";
import type { End, Life } from "./life.js";

export type Mood = "none" | "good" | "warn" | "bad";

interface EndWords {
  word: string;
  mood: Mood;
  text: string;
}

export const ENDS: Record<End, EndWords> = {
  fired: { word: "fired", mood: "good", text: "Its time ran out: the homeserver sent it." },
  sent: { word: "sent", mood: "good", text: "It was sent on request, before its time." },
  cancelled: { word: "cancelled", mood: "none", text: "It was called off and will never be sent." },
  overwritten: {
    word: "overwritten",
    mood: "none",
    text: "Newer state took its place: it will never be sent.",
  },
  group: { word: "group over", mood: "none", text: "Its group has ended: it will never be sent." },
  refused: { word: "refused", mood: "bad", text: "It was its time, but the room did not take it" },
  forgotten: { word: "forgotten", mood: "warn", text: "The homeserver lost it: it will never be sent." },
  gone: { word: "gone", mood: "warn", text: "It ended while this page could not see how." },
};

export function endText({ how, error }: NonNullable<Life["end"]>): string {
  const { text } = ENDS[how];
  return how === "refused" ? `${text}: ${error ?? "it did not say why"}.`.replace("..", ".") : text;
}

/** What an event is to a person. */
export function nameOf(type: string, content: unknown): string {
  const { application, hand, body } = (content ?? {}) as Record<string, unknown>;
  if (type === CALL_MEMBER) {
    if (application === undefined) return "Leave the call";
    return hand === "raised" ? "In the call, hand raised" : "In the call";
  }
  if (type === "m.room.message" && typeof body === "string") return `Message “${body}”`;
  return type;
}

export function kindOf(type: string, stateKey: string | undefined): string {
  return stateKey ? `${type} · ${stateKey}` : type;
}
