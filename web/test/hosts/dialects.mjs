/** A page that insists on a dialect, whatever the host can do. */
import assert from "node:assert/strict";
import { good } from "../harness.mjs";
import { leave, MEMBER, outcome, plain, posted } from "./telling.mjs";

export const insist = (dialect) =>
  async function insisted({ open, room, config }) {
    const key = room.key();
    const { host, widget } = await open({ options: { dialect } });
    const tell = (text) => ({ [dialect]: text });
    const first = await widget.schedule("leave", leave(key));
    if (first.ok) {
      assert.deepEqual(await room.eventsWithKey(key), []);
      good(await widget.cancel("leave"));
      return tell("scheduled");
    }
    const second = await widget.schedule("leave", leave(key));
    const requests = await posted(host, widget);
    const events = await room.eventsWithKey(key);
    good(await widget.call("sendEvent", plain(key)));
    if (requests === 0) {
      assert.deepEqual(events, []);
      assert.equal(second.code, first.code);
      return tell(`${outcome(first)}, nothing posted`);
    }
    const ids = events.map((event) => event.event_id);
    assert.deepEqual({ requests, ids }, { requests: 1, ids: [first.eventId] });
    assert.equal(first.roomId, config.roomId);
    const told = await widget.waitForSeen("sentimmediately");
    assert.deepEqual(told, { eventId: first.eventId, roomId: config.roomId, type: MEMBER, stateKey: key });
    return tell(`${outcome(first)} with its event id, then ${outcome(second)}`);
  };
