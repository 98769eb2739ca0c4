/** A message of the wire for people: printed in full, what makes it a future marked, and every secret left out. */
import { make } from "./dom.js";

/** The members by which an event becomes a future, of every generation, and those of its receipt. */
const TELLING = /^(future_)?(timeout|group_id)$|^delay$|^(parent_)?delay_id$|_token$/;
/** Who has one of these may send, cancel or push back. */
const SECRET = /_token$|^(parent_)?delay_id$|^access_token$|^jwt$/;

function withoutSecrets(key: string, value: unknown): unknown {
  return SECRET.test(key) && value !== null ? "…" : value;
}

/** Pretty-printed JSON in which the members of a future are marked. */
export function pretty(value: unknown): HTMLElement {
  const text = JSON.stringify(value, withoutSecrets, 2) ?? "nothing";
  const block = make("pre");
  for (const line of text.split("\n")) {
    const [, indent = "", key = "", rest = ""] = /^(\s*)"((?:[^"\\]|\\.)*)"(: .*)$/.exec(line) ?? [];
    if (TELLING.test(key)) block.append(indent, make("mark", "", `"${key}"${rest}`), "\n");
    else block.append(`${line}\n`);
  }
  return block;
}

/** The telling members in one line: `delay 10000, delay_id …`. */
export function telling(value: unknown): string {
  if (typeof value !== "object" || value === null) return "";
  return Object.entries(value)
    .filter(([key, member]) => TELLING.test(key) && member !== undefined && member !== null)
    .map(([key, member]) => `${key} ${String(withoutSecrets(key, member))}`)
    .join(", ");
}
