/** Events sent and read. */
import assert from "node:assert/strict";

const TYPE = "org.example.read";
const SEND = "org.matrix.msc2762.send.event:org.example.sent";
const STICKY = "org.matrix.msc4407.send.sticky_event";
const READ = "org.matrix.msc2876.read_events";
const RECEIVE = `org.matrix.msc2762.receive.event:${TYPE}`;
const RECEIVE_TEXT = "org.matrix.msc2762.receive.event:m.room.message#m.text";
const RECEIVE_STATE = `org.matrix.msc2762.receive.state_event:${TYPE}`;
const RELATIONS = "org.matrix.msc3869.read_relations";

const ids = (events) => events.map(({ event_id }) => event_id);
const say = async ({ room }, content, type = TYPE, key = undefined) =>
  (await room.sendAsModerator(type, content, key)).event_id;

async function saysThree(place) {
  const sent = [];
  for (let n = 1; n <= 3; n++) sent.push(await say(place, { n }));
  return { sent };
}

/** Three answers to one event, of which one is of another kind. */
async function isAnswered(place) {
  const target = await say(place, {});
  const relate = (rel_type) => say(place, { "m.relates_to": { event_id: target, rel_type } });
  return {
    target,
    sent: [await relate("org.example.a"), await relate("org.example.b"), await relate("org.example.a")],
  };
}

const related = ({ chunk, next_batch, prev_batch }) => ({
  events: chunk,
  nextBatch: next_batch,
  prevBatch: prev_batch,
});

export const EVENT_CASES = [
  {
    action: "send_event",
    name: "an event is sticky for as long as the page says",
    needs: [SEND, STICKY],
    ...{ since: "1.16.1", rust: "capability" },
    method: "sendEvent",
    args: () => [{ type: "org.example.sent", content: { n: 1 }, stickyDurationMs: 60_000 }],
    data: ({ config }) => ({
      ...{ type: "org.example.sent", content: { n: 1 }, room_id: config.roomId, sticky_duration_ms: 60_000 },
    }),
    calls: ({ config }) => ({ sendStickyEvent: [60_000, "org.example.sent", { n: 1 }, config.roomId] }),
    result: ({ room_id, event_id }) => ({ roomId: room_id, eventId: event_id }),
    bad: [
      [[{ type: "t", content: {}, stickyDurationMs: 0 }], "stickyDurationMs"],
      [[{ type: "t", content: {}, stickyDurationMs: "1" }], "stickyDurationMs"],
      [[{ type: "t", content: {}, stateKey: "", stickyDurationMs: 5 }], "stickyDurationMs"],
    ],
  },
  {
    action: READ,
    name: "messages are read, the newest first and as many as asked for",
    needs: [RECEIVE],
    before: saysThree,
    method: "readEvents",
    args: () => [{ type: TYPE, limit: 2 }],
    data: ({ config }) => ({ type: TYPE, limit: 2, room_ids: [config.roomId] }),
    calls: ({ config }) => ({ readRoomTimeline: [config.roomId, TYPE, undefined, undefined, 2, undefined] }),
    answered: ({ events }, { sent }) => assert.deepEqual(ids(events), [sent[2], sent[1]]),
    result: ({ events }) => events,
    bad: [
      [[undefined], "type"],
      [[{}], "type"],
      [[{ type: "" }], "type"],
      [[{ type: 5 }], "type"],
      [[{ type: "t", limit: 0 }], "limit"],
      [[{ type: "t", limit: -1 }], "limit"],
      [[{ type: "t", limit: 1.5 }], "limit"],
      [[{ type: "t", limit: "2" }], "limit"],
      [[{ type: "t", stateKey: 5 }], "stateKey"],
      [[{ type: "t", stateKey: false }], "stateKey"],
      [[{ type: "t", msgtype: 5 }], "msgtype"],
      [[{ type: "t", roomIds: [] }], "roomIds"],
      [[{ type: "t", roomIds: [""] }], "roomIds"],
      [[{ type: "t", roomIds: 5 }], "roomIds"],
      [[{ type: "t", since: "" }], "since"],
    ],
  },
  {
    action: READ,
    name: "what is newer than an event is read, of every room that may be",
    needs: [RECEIVE],
    ...{ since: "1.13.1", rust: "another answer" },
    before: saysThree,
    method: "readEvents",
    args: ({ sent }) => [{ type: TYPE, since: sent[0], roomIds: "*" }],
    data: ({ sent }) => ({ type: TYPE, since: sent[0], room_ids: "*" }),
    calls: ({ config, sent }) => ({
      readRoomTimeline: [config.roomId, TYPE, undefined, undefined, 0, sent[0]],
    }),
    answered: ({ events }, { sent }) => assert.deepEqual(ids(events), [sent[2], sent[1]]),
    result: ({ events }) => events,
    bad: [],
  },
  {
    action: READ,
    name: "messages of one msgtype are read",
    needs: [RECEIVE_TEXT],
    rust: "another answer",
    before: async (place) => ({
      sent: [
        await say(place, { msgtype: "m.text", body: "one" }, "m.room.message"),
        await say(place, { msgtype: "m.notice", body: "two" }, "m.room.message"),
      ],
    }),
    method: "readEvents",
    args: () => [{ type: "m.room.message", msgtype: "m.text", limit: 1 }],
    data: ({ config }) => ({
      type: "m.room.message",
      msgtype: "m.text",
      limit: 1,
      room_ids: [config.roomId],
    }),
    calls: ({ config }) => ({
      readRoomTimeline: [config.roomId, "m.room.message", "m.text", undefined, 1, undefined],
    }),
    answered: ({ events }, { sent }) => assert.deepEqual(ids(events), [sent[0]]),
    result: ({ events }) => events,
    bad: [],
  },
  {
    action: READ,
    name: "state of one key is read",
    needs: [RECEIVE_STATE],
    missing: [`${RECEIVE_STATE}#`],
    // Sent again as it is, a state would be the event that it was.
    before: async (place) => ({ sent: [await say(place, { n: place.room.key() }, TYPE, "")] }),
    method: "readEvents",
    args: () => [{ type: TYPE, stateKey: "", limit: 1 }],
    data: ({ config }) => ({ type: TYPE, state_key: "", limit: 1, room_ids: [config.roomId] }),
    calls: ({ config }) => ({ readRoomTimeline: [config.roomId, TYPE, undefined, "", 1, undefined] }),
    answered: ({ events }, { sent }) => assert.deepEqual(ids(events), sent),
    result: ({ events }) => events,
    bad: [],
  },
  {
    action: READ,
    name: "state of any key is read",
    needs: [RECEIVE_STATE],
    before: async (place) => {
      const key = place.room.key();
      return { key, sent: [await say(place, { n: 2 }, TYPE, key)] };
    },
    method: "readEvents",
    args: () => [{ type: TYPE, stateKey: true }],
    data: ({ config }) => ({ type: TYPE, state_key: true, room_ids: [config.roomId] }),
    calls: ({ config }) => ({ readRoomTimeline: [config.roomId, TYPE, undefined, undefined, 0, undefined] }),
    answered: ({ events }, { sent }) => assert.ok(ids(events).includes(sent[0])),
    result: ({ events }) => events,
    bad: [],
  },
  {
    action: RELATIONS,
    name: "events that refer to another are read, a batch at a time",
    needs: [RECEIVE],
    missing: [],
    before: isAnswered,
    method: "readRelations",
    args: ({ target }) => [
      { eventId: target, relType: "org.example.a", eventType: TYPE, limit: 1, direction: "f" },
    ],
    data: ({ target, config }) => ({
      ...{ event_id: target, room_id: config.roomId, rel_type: "org.example.a", event_type: TYPE },
      ...{ limit: 1, direction: "f" },
    }),
    calls: ({ target, config }) => ({
      readEventRelations: [target, config.roomId, "org.example.a", TYPE, undefined, undefined, 1, "f"],
    }),
    answered: ({ chunk, next_batch }, { sent }) => {
      assert.deepEqual(ids(chunk), [sent[0]]);
      assert.ok(next_batch);
    },
    result: related,
    bad: [
      [[undefined], "eventId"],
      [[{}], "eventId"],
      [[{ eventId: "" }], "eventId"],
      [[{ eventId: "$e", limit: 0 }], "limit"],
      [[{ eventId: "$e", direction: "x" }], "direction"],
      [[{ eventId: "$e", from: "" }], "from"],
      [[{ eventId: "$e", to: 5 }], "to"],
      [[{ eventId: "$e", relType: 5 }], "relType"],
      [[{ eventId: "$e", eventType: 5 }], "eventType"],
      [[{ eventId: "$e", roomId: "" }], "roomId"],
    ],
  },
  {
    action: RELATIONS,
    name: "the next batch begins where the first ended",
    needs: [RECEIVE],
    missing: [],
    before: isAnswered,
    method: "readRelations",
    args: ({ target, sent }) => [{ eventId: target, from: sent[2] }],
    data: ({ target, config, sent }) => ({ event_id: target, room_id: config.roomId, from: sent[2] }),
    calls: ({ target, config, sent }) => ({
      readEventRelations: [
        target,
        config.roomId,
        undefined,
        undefined,
        sent[2],
        undefined,
        undefined,
        undefined,
      ],
    }),
    answered: ({ chunk, next_batch }, { sent }) => {
      assert.deepEqual(ids(chunk), [sent[1], sent[0]]); // newest first
      assert.equal(next_batch, undefined);
    },
    result: related,
    bad: [],
  },
];
