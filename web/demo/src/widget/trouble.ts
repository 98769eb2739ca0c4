/** What went wrong, as a sentence with its code, beside what caused it. */
import {
  WidgetCapabilityError,
  WidgetError,
  WidgetSentImmediatelyError,
  WidgetTimeoutError,
} from "/widget-futures/index.js";
import { nameOf } from "./capabilities.js";
import { element, HOST, show } from "./page.js";

/** The fields of the page's two forms by the name that the module has for them, and what people read there. */
const FIELDS: Record<string, Record<string, [id: string, label: string]>> = {
  form: {
    type: ["type", "Event type"],
    stateKey: ["key", "State key"],
    content: ["content", "Content"],
    timeoutMs: ["timeout", "Timeout"],
    groupId: ["group", "Group"],
    stickyDurationMs: ["sticky", "Sticky"],
    allowUnencrypted: ["unencrypted", "Unencrypted"],
  },
  hold: { timeoutMs: ["hold-timeout", "Leave after"] },
};

/** A field that the page itself finds wrong. */
export class FieldError extends Error {
  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }
}

/** Does what a button asks for; what goes wrong stands in the element `<place>-error` and marks its field. */
export async function attempt(place: string, work: () => unknown): Promise<void> {
  clear(place);
  try {
    await work();
  } catch (error) {
    showError(place, error);
  }
}

function clear(place: string): void {
  show(`${place}-error`, "");
  for (const [id] of Object.values(FIELDS[place] ?? {})) element(id).removeAttribute("aria-invalid");
}

export function showError(place: string, error: unknown): void {
  const [id, label] = FIELDS[place]?.[fieldOf(error)] ?? [];
  show(`${place}-error`, sentence(error, label));
  if (id === undefined) return;
  const field = element(id);
  const folded = field.closest("details");
  if (folded) folded.open = true;
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

/** The module begins the message with the name of what is wrong. */
function fieldOf(error: unknown): string {
  if (error instanceof FieldError) return error.field;
  const said = error instanceof WidgetError && ["invalid", "unsupported"].includes(error.code);
  return (said && /^\w+(?=:)/.exec(error.message)?.[0]) || "";
}

export function sentence(error: unknown, label?: string): string {
  if (!(error instanceof WidgetError)) return error instanceof Error ? error.message : String(error);
  const text = label === undefined ? words(error) : `${error.message.replace(/^\w+/, `${label} ($&)`)}.`;
  const hint = error.hint === undefined || error.code === "capability" ? "" : ` ${capital(error.hint)}.`;
  return `${text.replace(/\.+$/, ".")}${hint} (${error.code})`;
}

const NOTHING_SENT = "Nothing was sent.";

/** By code, not by text; what the host or the homeserver said passes through. */
function words(error: WidgetError): string {
  if (error instanceof WidgetCapabilityError)
    return `${HOST} has not allowed this page to ${list(error.missing.map(nameOf))}. ${NOTHING_SENT}`;
  if (error instanceof WidgetSentImmediatelyError)
    return `${HOST} did not schedule it but sent it at once: it is in the room, as event ${error.eventId}.`;
  if (error instanceof WidgetTimeoutError)
    return `No answer came within ${error.deadlineMs / 1000} s. It may have happened all the same: a late answer is told below.`;
  switch (error.code) {
    case "unsupported":
      return `${HOST} cannot do this: ${error.message}. ${error.hint === undefined ? NOTHING_SENT : ""}`.trim();
    case "spent":
      return "This future is gone: it was sent or cancelled, or its time ran out.";
    case "closed":
      return "The client is closed: reload this page to connect again.";
    default:
      return `${capital(error.message)}.`;
  }
}

const list = (items: string[]) =>
  items.length < 2 ? items.join() : `${items.slice(0, -1).join(", ")}, or ${items.at(-1)}`;

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
