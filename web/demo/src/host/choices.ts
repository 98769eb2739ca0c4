/**
 * The clients a widget can be put into, each with one line on what that means for a widget that wants futures. The first is
 * the one that a newcomer meets.
 */
import type { HostKind } from "./slot.js";

interface Choice {
  kind: HostKind;
  name: string;
  note: string;
}

export const CHOICES: readonly Choice[] = [
  {
    kind: "mwa-1.19.0",
    name: "matrix-widget-api 1.19.0, the newest",
    note: "Delayed events: the widget names a delay, gets an id, and pushes back through the client.",
  },
  {
    kind: "first-draft",
    name: "First draft of MSC4157, June 2024 (timeout, tokens, groups)",
    note: "A future gets tokens, which the widget takes to the homeserver directly. No released client ever spoke this draft; this page does.",
  },
  {
    kind: "mwa-1.18.0",
    name: "matrix-widget-api 1.18.0",
    note: "Delayed events as in the newest; the first to ignore parent_delay_id, the last trace of groups.",
  },
  {
    kind: "mwa-1.17.0",
    name: "matrix-widget-api 1.17.0",
    note: "Delayed events; the first that answers each request once, however often the iframe was made anew.",
  },
  {
    kind: "mwa-1.16.1",
    name: "matrix-widget-api 1.16.1",
    note: "Delayed events; a client that made its iframe anew may answer the same request more than once.",
  },
  {
    kind: "mwa-1.15.0",
    name: "matrix-widget-api 1.15.0",
    note: "Delayed events; the first to name the permission that is missing when it refuses.",
  },
  {
    kind: "mwa-1.14.0",
    name: "matrix-widget-api 1.14.0",
    note: "Delayed events; a refusal for want of permission says only “Missing capability”.",
  },
  {
    kind: "mwa-1.13.1",
    name: "matrix-widget-api 1.13.1",
    note: "Delayed events; the first to push the room’s state to the widget whenever it changes.",
  },
  {
    kind: "mwa-1.10.0",
    name: "matrix-widget-api 1.10.0",
    note: "Delayed events; the first to pass on what the homeserver said, so that a widget can tell why it was refused.",
  },
  {
    kind: "mwa-1.9.0",
    name: "matrix-widget-api 1.9.0",
    note: "Delayed events; when the homeserver refuses, the widget hears that it did, and not why.",
  },
  {
    kind: "mwa-1.8.2",
    name: "matrix-widget-api 1.8.2",
    note: "The first with today’s names of delayed events; why the homeserver refuses is not passed on.",
  },
  {
    kind: "mwa-1.6.0",
    name: "matrix-widget-api 1.6.0",
    note: "Knows no futures, and would send a leave at once: the widget sees that and refuses to join.",
  },
];
