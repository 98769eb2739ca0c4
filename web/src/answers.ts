import type { Fields } from "./border.js";
import { makeError } from "./errors.js";
import { Call } from "./wire.gen.js";

/**
 * What an answer must hold: members by their names on the wire, with their types, "?" where they may be missing. Then the
 * page's name, if it is not the same in camel case, or "=" for a member that is all of the result. What the page calls …Ms
 * is seconds on the wire. What is in lists and objects is Matrix's, and not looked at.
 */
const answers: { readonly [kind in Call]?: string } = {
  [Call.ReadEvents]: "events list =",
  [Call.ReadRelations]: "chunk list events, next_batch string?, prev_batch string?",
  [Call.ReadAccountData]: "events list =",
  [Call.SendToDevice]: "failures object?",
  [Call.OpenId]:
    "access_token string, expires_in number? expiresInMs, matrix_server_name string, token_type string",
  // Its own answer is empty: this is what the updates hold.
  [Call.WatchTurnServers]: "uris list, username string, password string",
  [Call.AlwaysOnScreen]: "success boolean? =",
  [Call.MediaConfig]: "m.upload.size number? uploadSize",
  [Call.UploadFile]: "content_uri string =",
  [Call.DownloadFile]: "file any =",
  [Call.SearchUsers]: "limited boolean, results list",
  [Call.RtcTransports]: "rtc_transports list =",
  [Call.LivekitToken]: "jwt string",
};

type Row = [row: string, wire: string, type: string, optional: string, name: string];

const typeOf = (value: unknown) => (Array.isArray(value) ? "list" : typeof value);

/** The page's result of an answer, which is checked. `message`: the one that it came with. */
// biome-ignore lint/suspicious/noExplicitAny: the table says what it is
export function result(kind: Call, body: Fields, message?: Fields): any {
  const rows = answers[kind];
  if (!rows) return undefined;
  const made: Fields = {};
  for (const row of rows.split(", ")) {
    const [, wire, type, optional, name] = row.match(/(\S+) (\w+)(\??) ?(.*)/) as unknown as Row;
    const value = body?.[wire] ?? undefined;
    const missing = value === undefined;
    if (missing ? !optional : type !== "any" && typeOf(value) !== type) {
      throw makeError("bad_response", {
        message: `response.${wire}: ${missing ? "is missing" : `must be of type ${type}`}`,
        action: message?.action,
        requestId: message?.requestId,
      });
    }
    if (name === "=") return value;
    const camel = name || wire.replace(/_./g, (pair) => pair.slice(1).toUpperCase());
    if (!missing) made[camel] = camel.endsWith("Ms") ? value * 1000 : value;
  }
  return made;
}
