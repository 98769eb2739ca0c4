/** The page connects while its script runs, and calls at once; but its wasm comes late. */
import assert from "node:assert/strict";
import { sleep } from "../harness.mjs";
import { leave, outcome, plain } from "./telling.mjs";

/** For the start of a wasm that has arrived, on a busy machine too. */
const START_MS = 5000;

export const late = (ms) =>
  async function lateWasm({ open, room, place }) {
    const key = room.key();
    const { host, widget } = await open({
      ready: false,
      options: { handshakeTimeoutMs: ms + START_MS },
      // Held here and not by its server: Chromium opens six connections to one, and asks once for one address.
      prepare: (page) =>
        page.route("**/*.wasm", async (route) => {
          await sleep(ms);
          await route.continue();
        }),
    });
    const [ready, event, future] = await Promise.all([
      widget.frame.evaluate(() => window.ready()),
      widget.frame.evaluate((spec) => window.call("sendEvent", spec), plain(key)),
      widget.frame.evaluate((spec) => window.schedule("leave", spec), leave(key)),
    ]);
    assert.equal(event.ok, (await room.eventsWithKey(key)).length === 1);
    if (future.ok) await widget.cancel("leave");
    const gaveUp = (await host.events()).some(({ name }) => name === "error:preparing");
    const told = ready.ok
      ? `ready; the early event ${outcome(event)}, the early future ${outcome(future)}`
      : `${outcome(ready)}${gaveUp ? ": the host has given up" : ""}`;
    return { [`late ${ms} ${place.wait}`]: told };
  };
