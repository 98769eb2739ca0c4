/** What the demo's host page shows: the room's timeline, the futures at the homeserver, and the wire. */
import type { ListedDelayedEvent, ListedFuture, RoomEvent } from "./homeserver-client.js";
import type { Direction } from "./host.js";

const WIRE_LINES = 200;

export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

export function setStatus(text: string): void {
  element("status").textContent = text;
}

/** Who is in the call: everybody whose membership has an application in it (MSC3401). */
const members = new Map<string, RoomEvent>();

export function showMember(event: RoomEvent): void {
  if (event.content.application === undefined) members.delete(event.state_key ?? "");
  else members.set(event.state_key ?? "", event);
  const list = element("members");
  list.replaceChildren(
    ...[...members.values()].map((member) => {
      const hand = member.content.hand === "raised" ? " · hand raised ✋" : "";
      return item(`${member.sender} · device ${member.content.device_id}${hand}`);
    }),
  );
  if (members.size === 0) list.replaceChildren(item("Nobody."));
}

export function showTimelineEvent(event: RoomEvent): void {
  const item = document.createElement("li");
  item.dataset.eventId = event.event_id;
  item.dataset.type = event.type;
  const key = event.state_key ? ` · ${event.state_key}` : "";
  item.append(
    line("clock", new Date(event.origin_server_ts).toLocaleTimeString()),
    line("", event.type),
    line("quiet", `${key} · by ${event.sender}`),
    document.createElement("br"),
    code(JSON.stringify(event.content)),
  );
  element("timeline").prepend(item);
}

/** One row per future or delayed event: what it will send, and when the homeserver will do so. */
interface Row {
  what: string;
  key: string;
  content: unknown;
  when: string;
}

export function showFutures(futures: ListedFuture[], delayedEvents: ListedDelayedEvent[]): void {
  const rows = [...futures.map(rowOfFuture), ...delayedEvents.map(rowOfDelayedEvent)];
  const list = element("futures");
  if (rows.length === 0) {
    list.replaceChildren(item("Nothing is scheduled."));
    return;
  }
  list.replaceChildren(
    ...rows.map((row) => {
      const entry = document.createElement("li");
      entry.append(
        line("clock", row.when),
        line("", row.what),
        line("quiet", row.key),
        document.createElement("br"),
        code(JSON.stringify(row.content)),
      );
      return entry;
    }),
  );
}

function rowOfFuture(future: ListedFuture): Row {
  // …/rooms/{roomId}/{send|state}_future/{type}/{txn or key}?future_timeout=…
  const url = new URL(future.url, location.href);
  const parts = url.pathname.split("/").map(decodeURIComponent);
  const timeout = url.searchParams.get("future_timeout");
  const verb = parts.findIndex((part) => part.endsWith("_future"));
  return {
    what: parts[verb + 1] ?? "",
    key: parts[verb] === "state_future" && parts[verb + 2] ? ` · ${parts[verb + 2]}` : "",
    content: future.body,
    when: timeout === null ? "on request" : `${Number(timeout) / 1000} s after its last refresh`,
  };
}

function rowOfDelayedEvent(event: ListedDelayedEvent): Row {
  return {
    what: event.type,
    key: event.state_key ? ` · ${event.state_key}` : "",
    content: event.content,
    when: `in ${Math.max(0, Math.ceil((event.running_since + event.delay - Date.now()) / 1000))} s`,
  };
}

export function showWireMessage(direction: Direction, message: unknown, lost = false): void {
  const { action, response } = message as { action?: string; response?: unknown };
  const entry = item("");
  const details = document.createElement("details");
  const summary = document.createElement("summary");
  summary.className = "quiet";
  summary.textContent = `${new Date().toLocaleTimeString()} ${direction === "widget>host" ? "widget → host" : "host → widget"}: ${action}${response ? ", answer" : ""}${lost ? " (lost)" : ""}`;
  const body = document.createElement("code");
  details.append(summary, body);
  body.textContent = JSON.stringify(message, withoutTokens);
  entry.append(details);
  const list = element("wire");
  list.prepend(entry);
  while (list.children.length > WIRE_LINES) list.lastElementChild?.remove();
}

function withoutTokens(key: string, value: unknown): unknown {
  return key.endsWith("_token") || key === "delay_id" ? "…" : value;
}

function item(text: string): HTMLLIElement {
  const entry = document.createElement("li");
  entry.textContent = text;
  return entry;
}

function line(className: string, text: string): HTMLSpanElement {
  const span = document.createElement("span");
  span.className = className;
  span.textContent = text;
  return span;
}

function code(text: string): HTMLElement {
  const block = document.createElement("code");
  block.textContent = text;
  return block;
}
