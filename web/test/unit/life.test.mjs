/** What the demo knows of each future, from what its homeserver tells and does not tell. */
import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { source } from "./source.mjs";

const { LifeModel } = await source("../demo/src/host/life");
const START = Date.UTC(2026, 0, 1);
const ROOM = "!room:here";

let model;
let told;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: START });
  told = [];
  model = new LifeModel();
  model.listen((what, { future, end }) =>
    told.push(end ? `${what} ${future.id} ${end.how}` : `${what} ${future.id}`),
  );
});

const scheduled = (id, more = {}) =>
  model.apply({
    change: "scheduled",
    future: {
      id,
      generation: "futures",
      roomId: ROOM,
      type: "x",
      stateKey: "k",
      content: {},
      delayMs: 5000,
      runningSince: Date.now(),
      ...more,
    },
  });
const event = (more = {}) => ({
  type: "x",
  state_key: "k",
  content: {},
  room_id: ROOM,
  sender: "@me:here",
  event_id: "$1",
  origin_server_ts: START + 5000,
  ...more,
});

test("a future that is told of again after the homeserver was away is the same one, refreshed or not", () => {
  scheduled("1");
  scheduled("2");
  mock.timers.tick(3000);
  model.apply({ change: "reset" });
  scheduled("1", { runningSince: START });
  scheduled("2", { runningSince: START + 2000 });
  mock.timers.tick(1000);
  assert.deepEqual(told, ["scheduled 1", "scheduled 2", "restarted 2"]);
});

test("one that is not told of again is gone, or was sent if its event is in the room", () => {
  scheduled("1");
  scheduled("2", { stateKey: "other" });
  mock.timers.tick(6000);
  model.roomEvent(event());
  model.apply({ change: "reset" });
  mock.timers.tick(1000);
  assert.deepEqual(told.slice(2), ["ended 1 fired", "ended 2 gone"]);
  model.roomEvent(event({ state_key: "other", event_id: "$2" })); // the room is heard later than the list
  assert.deepEqual(told.slice(4), ["ended 2 fired"]);
});

test("an event of another time, content or key is not what a future became", () => {
  for (const [id, more] of Object.entries({
    time: { origin_server_ts: START + 1000 },
    content: { content: { by: "somebody" } },
    key: { state_key: "other" },
    room: { room_id: "!other:here" },
    kind: { state_key: undefined },
  })) {
    scheduled(id);
    model.roomEvent(event(more));
  }
  mock.timers.tick(6000);
  model.apply({ change: "reset" });
  mock.timers.tick(1000);
  assert.deepEqual(
    told.filter((line) => line.startsWith("ended")),
    ["time", "content", "key", "room", "kind"].map((id) => `ended ${id} gone`),
  );
});

test("a homeserver of a new life counts from one again, and its first is not the old first", () => {
  scheduled("1");
  mock.timers.tick(2000);
  model.apply({ change: "reset" });
  scheduled("1", { content: { other: true }, runningSince: Date.now() });
  mock.timers.tick(1000);
  assert.deepEqual(told, ["scheduled 1", "ended 1 gone", "scheduled 1"]);
});

test("when it was scheduled is known of one that the page saw scheduled, and of no other", () => {
  const born = [];
  model.listen((_, { bornAt }) => born.push(bornAt));
  scheduled("1");
  scheduled("2", { runningSince: START - 4000 });
  assert.deepEqual(born, [START, undefined]);
});

test("of what has ended the newest twenty are kept, and what has ended changes no more", () => {
  for (let i = 1; i <= 21; i++) {
    scheduled(String(i));
    model.apply({ change: "ended", id: String(i), how: "cancelled" });
  }
  assert.deepEqual(
    told.filter((line) => line.startsWith("dropped")),
    ["dropped 1 cancelled"],
  );
  const before = told.length;
  model.apply({ change: "restarted", id: "21", runningSince: START });
  model.apply({ change: "ended", id: "21", how: "sent" });
  assert.equal(told.length, before);
  model.clear();
  assert.equal(told.length, before + 20);
});
