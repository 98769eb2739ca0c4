/** The futures that were scheduled by hand: each with its countdown and a button for each verb. */
import { type Future, WidgetError } from "/widget-futures/index.js";
import { attempt, element, secondsUntil } from "./page.js";

type Verb = "refresh" | "send" | "cancel";
const DONE: Record<Verb, string | undefined> = { refresh: undefined, send: "sent", cancel: "cancelled" };

interface Row {
  future: Future;
  clock: HTMLElement;
  buttons: HTMLButtonElement[];
  outcome?: string;
}
const rows: Row[] = [];

export function addRow(future: Future, title: string): void {
  const entry = document.createElement("li");
  const clock = document.createElement("span");
  clock.className = "clock";
  const verbs = document.createElement("div");
  verbs.className = "verbs";
  const row: Row = { future, clock, buttons: [] };
  for (const name of ["refresh", "send", "cancel"] as const) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name[0]?.toUpperCase() + name.slice(1);
    button.onclick = () => attempt(() => use(row, name));
    verbs.append(button);
    row.buttons.push(button);
  }
  entry.append(clock, title, verbs);
  element("futures").prepend(entry);
  rows.unshift(row);
  tickRows();
}

async function use(row: Row, verb: Verb): Promise<void> {
  offer(row, false); // one verb at a time: two requests may overtake each other
  try {
    await row.future[verb]();
    row.outcome = DONE[verb];
  } catch (error) {
    if (error instanceof WidgetError && error.code === "spent") row.outcome = "gone";
    throw error;
  } finally {
    offer(row, row.outcome === undefined);
    tickRows();
  }
}

function offer({ buttons }: Row, verbs: boolean): void {
  for (const button of buttons) button.disabled = !verbs;
}

export function tickRows(): void {
  for (const { future, clock, outcome } of rows) clock.textContent = outcome ?? countdown(future);
}

function countdown({ expiresAt }: Future): string {
  if (expiresAt === undefined) return "on request";
  const left = secondsUntil(expiresAt);
  return left > 0 ? `in ${left} s` : "time is up";
}
