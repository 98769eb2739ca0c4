import type { Fields } from "./border.js";
import { makeError } from "./errors.js";
import { Call } from "./wire.gen.js";

/** By action, what its answer must hold: rows of a member on the wire, its types, and the page's name (protocol/answer.go). */
let answers: string[] = [];

/** Takes Go's table. */
export function learnAnswers(table: string): void {
  answers = table.split("\n");
}

const typeOf = (value: unknown) => (Array.isArray(value) ? "list" : typeof value);

/** The page's result of an answer, which is checked. `message`: the one that it came with. */
// biome-ignore lint/suspicious/noExplicitAny: the table says what it is
export function result(kind: Call, body: Fields, message?: Fields): any {
  const rows = answers[kind - Call.FirstAction];
  if (!rows) return undefined;
  const made: Fields = {};
  for (const row of rows.split(", ")) {
    const [wire, types, name] = row.split(" ") as [string, string, string | undefined];
    const value = body?.[wire] ?? undefined;
    if (!types.includes(typeOf(value))) {
      throw makeError("bad_response", {
        message: `response.${wire}: ${value === undefined ? "is missing" : `must be of type ${types.split("/")[0]}`}`,
        action: message?.action,
        requestId: message?.requestId,
      });
    }
    if (!name) return value;
    if (value !== undefined) made[name] = name.endsWith("Ms") ? value * 1000 : value;
  }
  return made;
}
