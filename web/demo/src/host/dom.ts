/** The few things every part of the host page does with its document. */
import { setText } from "../shared/dom.js";

export { make, setText } from "../shared/dom.js";

export function element<T extends HTMLElement = HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no element ${id}`);
  return found as T;
}

export function setStatus(text: string): void {
  setText(element("status"), text);
}

/** Fills a select with [value, words]. */
export function fillSelect(
  id: string,
  options: Iterable<readonly [value: string, words: string]>,
): HTMLSelectElement {
  const select = element<HTMLSelectElement>(id);
  select.replaceChildren(...[...options].map(([value, words]) => new Option(words, value)));
  return select;
}

/** What went wrong, for a person: never a stack. */
export function sentence(error: unknown): string {
  if (error instanceof TypeError) return "The homeserver could not be reached.";
  return error instanceof Error ? error.message : String(error);
}

/** A clock time with its milliseconds, in which a wire is read. */
export function clockTime(at: number, milliseconds = false): string {
  const time = new Date(at).toLocaleTimeString([], { hour12: false });
  return milliseconds ? `${time}.${String(Math.floor(at) % 1000).padStart(3, "0")}` : time;
}

/** "10.0 s", and minutes where seconds would be many. */
export function span(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  return seconds < 120 ? `${seconds.toFixed(1)} s` : `${(seconds / 60).toFixed(1)} min`;
}
