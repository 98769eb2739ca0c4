/**
 * A host that knows nothing of futures: the real `ClientWidgetApi` of matrix-widget-api 1.6.0, with a driver that approves
 * every capability it is asked for. It ignores every delay and sends at once, which for a leave means leaving at join time.
 * So a future must be refused before it is posted, or, where the page insists, be reported with its event id.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { good, refused, world } from "./harness.mjs";

const { config, room, openHost, connectOptions } = await world();
const MEMBER = "org.matrix.msc3401.call.member";
const leave = (key) => ({ type: MEMBER, stateKey: key, content: {}, timeoutMs: 60_000 });

async function open(wait, dialect) {
  const capabilities = [`org.matrix.msc2762.send.state_event:${MEMBER}`];
  const handle = await openHost({
    lib: "mwa-1.6.0",
    wait,
    options: connectOptions({ dialect, capabilities }),
  });
  good(await handle.widget.ready());
  return handle;
}

for (const wait of ["load", "content"]) {
  const when = `waitForIframeLoad ${wait === "load"}`;

  for (const dialect of [undefined, "delayed", "delayed-dotted"]) {
    const named = dialect === undefined ? "in auto" : `with dialect "${dialect}"`;

    test(`${named} a future is unsupported and nothing reaches the room, although all was approved (${when})`, async () => {
      const key = room.key();
      const { host, widget } = await open(wait, dialect);
      const before = (await room.timeline()).length;
      for (let attempt = 0; attempt < 2; attempt++) {
        refused(await widget.schedule("leave", leave(key)), "unsupported");
      }
      await widget.settle();
      assert.deepEqual(await host.requests("send_event"), []);
      assert.deepEqual(await host.driverCalls(), []);
      assert.equal((await room.timeline()).length, before);
      good(await widget.call("sendEvent", { type: MEMBER, stateKey: key, content: { plain: true } }));
    });
  }

  for (const dialect of ["futures", "futures-prefixed"]) {
    test(`with dialect "${dialect}" the page is told that its future was sent at once (${when})`, async () => {
      const key = room.key();
      const { host, widget } = await open(wait, dialect);
      const error = refused(await widget.schedule("leave", leave(key)), "sent_immediately");
      assert.equal(error.roomId, config.roomId);
      const events = await room.eventsWithKey(key);
      assert.deepEqual(
        events.map((event) => event.event_id),
        [error.eventId],
      );
      const told = await widget.waitForSeen("sentimmediately");
      assert.deepEqual(told, { eventId: error.eventId, roomId: config.roomId, type: MEMBER, stateKey: key });

      const second = await widget.schedule("leave", leave(key));
      assert.equal(second.ok, false, "a second future was let through");
      await widget.settle();
      assert.equal((await host.requests("send_event")).length, 1);
      assert.equal((await room.eventsWithKey(key)).length, 1);
      good(await widget.call("sendEvent", { type: MEMBER, stateKey: key, content: { plain: true } }));
    });
  }

  test(`with dialect "none" futures are refused and plain events go out (${when})`, async () => {
    const key = room.key();
    const { host, widget } = await open(wait, "none");
    refused(await widget.schedule("leave", leave(key)), "unsupported");
    await widget.settle();
    assert.deepEqual(await host.requests("send_event"), []);
    good(await widget.call("sendEvent", { type: MEMBER, stateKey: key, content: {} }));
  });
}
