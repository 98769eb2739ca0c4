/** What the scenes of the host table are made of: futures and events of a key, and the words for what came of them. */
import assert from "node:assert/strict";
import { sleep } from "../harness.mjs";

export const MEMBER = "org.matrix.msc3401.call.member";

/** Until an event is there that was due: how late a host may be is not looked at. */
const PATIENCE_MS = 15_000;

export const leave = (key, timeoutMs = 60_000) => ({
  ...{ type: MEMBER, stateKey: key, content: { left: key }, timeoutMs },
});

export const plain = (key) => ({ type: MEMBER, stateKey: key, content: { plain: true } });

/** An outcome in a word: the error's code, and of a relayed error what the homeserver said. */
export function outcome({ ok, code, httpStatus, errcode }) {
  if (ok) return "done";
  return code === "matrix" ? `\`matrix\` ${httpStatus} ${errcode}` : `\`${code}\``;
}

export const same = (outcomes) => [...new Set(outcomes.map(outcome))].join(", ");

/** How often the host was asked to put something into the room, now or later. */
export async function posted(host, widget) {
  await widget.settle();
  return (await host.requests("send_event")).length;
}

/** The future of that key goes out by itself, once, as it was scheduled; tells whether it kept to its time. */
export async function fired(room, key, expiresAt, count) {
  await sleep(expiresAt - Date.now());
  const events = await room.waitForEvents(key, 1, { within: PATIENCE_MS });
  assert.deepEqual(
    events.map((event) => event.content),
    [leave(key).content],
  );
  const early = expiresAt - events[0].origin_server_ts;
  count.fired++;
  if (early > 0) count.early++;
  return `in the room once, ${early > 0 ? "EARLY" : "not early"}`;
}
