/** What the demo makes of the delayed events of a homeserver that does not tell what becomes of them. */
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { source } from "./source.mjs";

const { LifeObserver, ObservedClient } = await source("../demo/src/host/life-observed");
const ME = "@alice:here";
const ROOM = "!room:here";
const HEARD_MS = 3000;
const AGAIN_MS = 10_000;

const START = Date.UTC(2026, 0, 1);
const tick = async (ms) => {
  mock.timers.tick(ms);
  for (let i = 0; i < 10; i++) await Promise.resolve(); // what was asked is answered
};

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: START });
});

/** An observer with a homeserver that lists what the test says. */
function observed({ list = [] } = {}) {
  const told = [];
  const server = { list, asked: 0 };
  const observer = new LifeObserver({
    userId: ME,
    list: async () => {
      server.asked++;
      if (server.list instanceof Error) throw server.list;
      return server.list;
    },
    heardWithinMs: HEARD_MS,
    askAgainMs: AGAIN_MS,
  });
  const stop = observer.watch((change) => told.push(structuredClone(change)));
  const schedule = (delayId, more) =>
    observer.scheduled(delayId, {
      roomId: ROOM,
      type: "t",
      stateKey: "k",
      content: {},
      delayMs: 10_000,
      runningSince: Date.now(),
      ...more,
    });
  const ends = () => told.filter(({ change }) => change === "ended").map(({ change, ...rest }) => rest);
  return { observer, told, server, schedule, ends, stop };
}

const refusal = (status, errcode, error) =>
  Object.assign(Object.create(MatrixHttpError.prototype), { status, body: { errcode }, message: error });

/** The class as the bundle under test has it. */
const MatrixHttpError = await (async () => {
  globalThis.fetch = async () => new Response('{"errcode":"M_FORBIDDEN"}', { status: 403 });
  return new ObservedClient("http://here/", "token", ME).delayedEvents().catch((error) => error.constructor);
})();

let events = 0;
const event = (more) => ({
  type: "t",
  state_key: "k",
  room_id: ROOM,
  sender: ME,
  event_id: `$${++events}`,
  origin_server_ts: Date.now(),
  content: {},
  ...more,
});
const landed = (delayId, age = 0, more = {}) =>
  event({
    origin_server_ts: Date.now() - age,
    unsigned: { age, "org.matrix.msc4140.delay_id": delayId },
    ...more,
  });

test("what is scheduled is told with an id that is no secret", () => {
  const { told, schedule } = observed();
  schedule("syd_secret");
  assert.deepEqual(told, [
    { change: "reset" },
    {
      change: "scheduled",
      future: {
        id: "1",
        generation: "delayed_events",
        roomId: ROOM,
        type: "t",
        stateKey: "k",
        content: {},
        delayMs: 10_000,
        runningSince: START,
      },
    },
  ]);
  assert.ok(!JSON.stringify(told).includes("syd_secret"));
});

test("an event that comes when its time is over was fired, one that comes before it was sent", async () => {
  const { observer, schedule, ends } = observed();
  schedule("a");
  schedule("b");
  await tick(4000);
  observer.event(landed("a"));
  await tick(6000);
  const fired = landed("b");
  observer.event(fired);
  assert.deepEqual(
    ends().map(({ id, how }) => [id, how]),
    [
      ["1", "sent"],
      ["2", "fired"],
    ],
  );
  assert.equal(ends()[1].eventId, fired.event_id);
});

test("an event that is heard of late happened when it happened", async () => {
  const { observer, schedule, ends } = observed();
  schedule("a");
  await tick(12_000);
  observer.event(landed("a", 8000)); // sent after four seconds; the connection was away meanwhile
  assert.deepEqual(ends()[0].how, "sent");
});

test("a refresh starts the time anew from when it was posted, and an older one that is answered later does not", async () => {
  const { observer, told, schedule, ends } = observed();
  schedule("a");
  await tick(4000);
  observer.done("a", "restart", START + 4000);
  observer.done("a", "restart", START + 3000);
  assert.deepEqual(told.slice(2), [{ change: "restarted", id: "1", runningSince: START + 4000 }]);
  await tick(8000);
  observer.event(landed("a"));
  assert.equal(ends()[0].how, "sent", "its first time is over, its second is not");
});

test("cancel and send end as what they are; a send that wrote nothing new ends too", async () => {
  const { observer, schedule, ends } = observed();
  for (const id of ["a", "b", "c"]) schedule(id);
  observer.done("a", "cancel", Date.now());
  observer.sending("b");
  await tick(10_500);
  observer.event(landed("b")); // though its time is over: we had asked for it
  observer.done("b", "send", Date.now());
  observer.sending("c");
  observer.done("c", "send", Date.now());
  assert.equal(ends().length, 2);
  await tick(HEARD_MS);
  assert.deepEqual(
    ends().map(({ id, how }) => [id, how]),
    [
      ["1", "cancelled"],
      ["2", "sent"],
      ["3", "sent"],
    ],
  );
});

test("new state of somebody else overwrites, one's own and older state do not", async () => {
  const { observer, schedule, ends } = observed();
  await tick(1000);
  schedule("a");
  schedule("b", { stateKey: "other" });
  await tick(1000);
  observer.event(event({}));
  observer.event(event({ sender: "@bob:here", unsigned: { age: 1500 } }));
  assert.deepEqual(ends(), []);
  observer.event(event({ sender: "@bob:here", unsigned: { age: 10 } }));
  assert.deepEqual(ends(), [{ id: "1", how: "overwritten" }]);
});

test("one of which nothing is heard when its time is over is gone, if the homeserver has it no more", async () => {
  const { schedule, server, ends } = observed();
  await tick(0);
  assert.equal(server.asked, 1, "what was there before");
  schedule("a");
  await tick(10_000 + HEARD_MS - 1);
  assert.equal(server.asked, 1);
  assert.deepEqual(ends(), []);
  await tick(1);
  assert.equal(server.asked, 2);
  assert.deepEqual(ends(), [{ id: "1", how: "gone" }]);
});

test("the homeserver is asked seldom, and again when it does not answer", async () => {
  const { schedule, server, ends } = observed();
  await tick(0);
  schedule("a", { delayMs: 1000 });
  server.list = new Error("away");
  await tick(1000 + HEARD_MS);
  assert.equal(server.asked, 1, "it was asked a moment ago");
  await tick(AGAIN_MS - 1000 - HEARD_MS);
  assert.equal(server.asked, 2);
  server.list = [];
  await tick(AGAIN_MS - 1);
  assert.equal(server.asked, 2);
  await tick(1);
  assert.equal(server.asked, 3);
  assert.deepEqual(ends(), [{ id: "1", how: "gone" }]);
});

test("one that somebody else has refreshed runs on by the homeserver's clock as the page reads it", async () => {
  const { observer, told, schedule, server } = observed();
  await tick(0);
  // The server's clock is an hour ahead; an event of another server says nothing of that.
  observer.event(event({ origin_server_ts: START + 3_600_000 - 50, unsigned: { age: 50 } }));
  observer.event(event({ sender: "@x:there", origin_server_ts: 5, unsigned: { age: 0 }, state_key: "x" }));
  schedule("a");
  const listed = { delay_id: "a", room_id: ROOM, type: "t", state_key: "k", delay: 10_000, content: {} };
  server.list = [{ ...listed, running_since: START + 3_600_000 + 9000 }];
  await tick(10_000 + HEARD_MS);
  assert.deepEqual(told.at(-1), { change: "restarted", id: "1", runningSince: START + 9000 });
});

test("a verb that finds nothing means gone, unless the event comes after all", async () => {
  const { observer, schedule, ends } = observed();
  schedule("a");
  schedule("b");
  await tick(2000);
  const notFound = refusal(404, "M_NOT_FOUND", "no such event");
  observer.refused("a", "restart", notFound);
  observer.refused("b", "restart", notFound);
  observer.event(landed("b"));
  assert.deepEqual(
    ends().map(({ how }) => how),
    ["sent"],
  );
  await tick(HEARD_MS);
  assert.deepEqual(ends().at(-1), { id: "1", how: "gone" });
});

test("a send that is refused ends it only where the homeserver has dropped it", async () => {
  const { observer, schedule, server, ends } = observed();
  await tick(0);
  for (const id of ["kept", "dropped"]) schedule(id, { delayMs: 60_000 });
  server.list = [
    { delay_id: "kept", room_id: ROOM, type: "t", state_key: "k", delay: 60_000, running_since: START },
  ];
  const limited = refusal(429, "M_LIMIT_EXCEEDED", "Too Many Requests");
  for (const id of ["kept", "dropped"]) {
    observer.sending(id);
    observer.refused(id, "send", limited);
  }
  await tick(0);
  const refused = [{ id: "2", how: "refused", error: "Too Many Requests" }];
  assert.deepEqual(ends(), refused);
  const { asked } = server;
  await tick(3 * AGAIN_MS);
  assert.deepEqual(ends(), refused);
  assert.equal(server.asked, asked, "the other is known to be there");
});

test("a send that is refused ends nothing as long as the homeserver does not say whether it is there", async () => {
  const { observer, schedule, server, ends } = observed();
  await tick(0);
  schedule("a", { delayMs: 60_000 });
  server.list = new Error("away");
  observer.refused("a", "send", refusal(429, "M_LIMIT_EXCEEDED", "Too Many Requests"));
  await tick(HEARD_MS + AGAIN_MS - 1);
  assert.deepEqual(ends(), []);
});

test("a connection that breaks says nothing of what became of a request", async () => {
  const { observer, schedule, ends } = observed();
  schedule("a");
  observer.refused("a", "send", new TypeError("Failed to fetch"));
  await tick(9000);
  assert.deepEqual(ends(), []);
});

test("what an earlier page scheduled is there too, and a later watcher is told all that is left", async () => {
  const old = { delay_id: "old", room_id: ROOM, type: "m.room.message", content: { a: 1 } };
  const { observer, told, server, stop } = observed({
    list: [{ ...old, delay: 60_000, running_since: START - 1000 }],
  });
  await tick(0);
  assert.deepEqual(told[1].future, {
    id: "1",
    generation: "delayed_events",
    roomId: ROOM,
    type: "m.room.message",
    content: { a: 1 },
    delayMs: 60_000,
    runningSince: START - 1000,
  });
  stop();
  const later = [];
  observer.watch((change) => later.push(change.change));
  assert.deepEqual(later, ["reset", "scheduled"]);
  assert.equal(server.asked, 1);
});

test("an event that comes before the answer to its scheduling ends it", () => {
  const { observer, schedule, ends } = observed();
  observer.event(landed("a"));
  schedule("a", { delayMs: 0 });
  assert.deepEqual(ends()[0].how, "fired");
});

test("the client tells what it asks for", async () => {
  const requests = [];
  const answers = { PUT: { delay_id: "syd_1" }, GET: { delayed_events: [] }, POST: {} };
  globalThis.fetch = async (url, { method }) => {
    requests.push(`${method} ${url.pathname}`);
    return Response.json(answers[method]);
  };
  const client = new ObservedClient("http://here/prefix/", "token", ME);
  const told = [];
  client.watchLife(({ change, how }) => told.push(how ?? change));
  await client.sendDelayedEvent(ROOM, "t", {}, "k", 5000);
  await client.updateDelayedEvent("syd_1", "restart");
  await tick(1);
  await client.updateDelayedEvent("syd_1", "restart");
  await client.updateDelayedEvent("syd_1", "cancel");
  assert.deepEqual(told, ["reset", "scheduled", "restarted", "cancelled"]);
  assert.ok(requests.every((request) => request.includes(" /prefix/_matrix/client/")));
});
