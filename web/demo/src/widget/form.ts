/** The form for futures by hand: what a person typed, and what the dialect in force cannot say. */
import type { Dialect } from "/widget-futures/index.js";
import type { Group } from "./list.js";
import { element, HOST, show } from "./page.js";
import { FieldError } from "./trouble.js";

export interface EventFields {
  type: string;
  content: Record<string, unknown>;
  stateKey?: string;
}

/** What makes an event a future. */
export interface FutureFields {
  timeoutMs?: number;
  groupId?: string;
  stickyDurationMs?: number;
  allowUnencrypted?: boolean;
}

export function eventFields(): EventFields {
  const key = element("key").value;
  return {
    type: element("type").value.trim(),
    content: parse(element<HTMLTextAreaElement>("content").value),
    ...(key === "" ? {} : { stateKey: key }),
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FieldError("content", `The content is not JSON: ${(error as Error).message}.`);
  }
}

/** A number as it was typed; the module says what is wrong with it. */
function milliseconds(id: string): number | undefined {
  const { value, disabled } = element(id);
  return disabled || value.trim() === "" ? undefined : Number(value);
}

export function futureFields(): FutureFields {
  const fields: FutureFields = {};
  const timeoutMs = milliseconds("timeout");
  const stickyDurationMs = milliseconds("sticky");
  const groupId = element("group").value;
  if (timeoutMs !== undefined) fields.timeoutMs = timeoutMs;
  if (stickyDurationMs !== undefined) fields.stickyDurationMs = stickyDurationMs;
  if (groupId !== "") fields.groupId = groupId;
  if (element("unencrypted").checked) fields.allowUnencrypted = true;
  return fields;
}

const hasGroups = (dialect: Dialect) => dialect === "futures" || dialect === "futures-prefixed";
const isDelayed = (dialect: Dialect) => dialect === "auto" || dialect.startsWith("delayed");

/** Offers what the dialect can say, and says why not the rest. */
export function offerFields(dialect: Dialect, stickyAllowed: boolean): void {
  const groups = hasGroups(dialect);
  element("group").disabled = !groups;
  show(
    "group-note",
    groups
      ? "Without a timeout it waits until you send it. “Schedule a group” makes three: “yes” and “no” wait for you, and “nobody answered” has the timeout."
      : `Groups are of the first draft: the dialect “${dialect}” has none.`,
  );
  const sticky = isDelayed(dialect) && dialect !== "delayed-dotted" && stickyAllowed;
  element("sticky").disabled = !sticky;
  show(
    "sticky-note",
    sticky
      ? "A sticky message is shown to people who come later, for as long as that, from when it is sent."
      : isDelayed(dialect)
        ? `${HOST} has not allowed this page to send sticky events.`
        : `Sticky futures are of today's hosts: the dialect “${dialect}” has none.`,
  );
  element("unencrypted").disabled = !isDelayed(dialect);
  show(
    "unencrypted-note",
    isDelayed(dialect)
      ? "Today's hosts send a delayed message unencrypted, in encrypted rooms too, so the page has to say that it may."
      : "Nothing leaves unencrypted for being a future here.",
  );
}

/** The groups that a future can join; what was chosen stays chosen while it is there. */
export function offerGroups(groups: Group[]): void {
  const select = element<HTMLSelectElement>("group");
  const before = select.value;
  const options = groups.map(({ name, id }) => new Option(`add to ${name}`, id));
  select.replaceChildren(new Option("one of its own", ""), ...options);
  if (groups.some(({ id }) => id === before)) select.value = before;
}
