/**
 * What a page may ask of a host in one request, action by action. Each case says what the call is (`method` and `args`, or
 * `request` for actions without a method), what then crosses the wire (`data`), what the client did (`calls` of its driver,
 * or `client` where the library leaves it to the client), that the answer is a real one (`answered`), what the page gets of
 * it (`result`), and which arguments are refused by which name (`bad`). Without `needs` the host refuses; nothing is posted
 * then. `before` prepares and adds to what the functions are given.
 */
import assert from "node:assert/strict";
import { EVENT_CASES } from "./cases-events.mjs";
import { MEDIA_CASES } from "./cases-media.mjs";

const USER = "@erin:example.org";
const LINK = "https://matrix.to/#/@erin:example.org";
const SEND = "org.matrix.msc3819.send.to_device:org.example.letter";
const DIRECTORY = "org.matrix.msc3973.user_directory_search";
const MEMBER = { id: "member-1", claimed_device_id: "DEVICE" };

const PEOPLE = [
  { userId: "@erin:example.org", displayName: "Erin", avatarUrl: "mxc://example.org/erin" },
  { userId: "@aerin:example.org" },
  { userId: "@finn:example.org", displayName: "Finn" },
];
/** The first of them as the wire has her. */
const ERIN = { user_id: USER, display_name: "Erin", avatar_url: "mxc://example.org/erin" };

export const CASES = [
  ...EVENT_CASES,
  ...MEDIA_CASES,
  {
    action: "send_to_device",
    name: "messages go to devices",
    needs: [SEND],
    method: "sendToDevice",
    args: () => [{ type: "org.example.letter", messages: { [USER]: { D1: { n: 1 }, "*": {} } } }],
    data: () => ({
      ...{ type: "org.example.letter", encrypted: false },
      messages: { [USER]: { D1: { n: 1 }, "*": {} } },
    }),
    calls: () => ({
      sendToDevice: ["org.example.letter", false, { [USER]: { D1: { n: 1 }, "*": {} } }],
    }),
    result: () => ({}),
    bad: [
      [[undefined], "messages"],
      [[{ messages: {} }], "type"],
      [[{ type: "", messages: {} }], "type"],
      [[{ type: 5, messages: {} }], "type"],
      [[{ type: "t" }], "messages"],
      [[{ type: "t", messages: 5 }], "messages"],
      [[{ type: "t", messages: [] }], "messages"],
      [[{ type: "t", messages: null }], "messages"],
      [[{ type: "t", messages: {}, encrypted: "yes" }], "encrypted"],
    ],
  },
  {
    action: "send_to_device",
    name: "messages are encrypted where the page wants that",
    needs: [SEND],
    method: "sendToDevice",
    args: () => [{ type: "org.example.letter", encrypted: true, messages: { [USER]: { D1: {} } } }],
    data: () => ({ type: "org.example.letter", encrypted: true, messages: { [USER]: { D1: {} } } }),
    calls: () => ({ sendToDevice: ["org.example.letter", true, { [USER]: { D1: {} } }] }),
    result: () => ({}),
    bad: [],
  },
  {
    action: "org.matrix.msc2931.navigate",
    name: "the client opens a link",
    needs: ["org.matrix.msc2931.navigate"],
    method: "navigate",
    args: () => [LINK],
    data: () => ({ uri: LINK }),
    calls: () => ({ navigate: [LINK] }),
    bad: [
      [[], "uri"],
      [[""], "uri"],
      [["https://example.org/#/@erin:example.org"], "uri"],
      [["https://matrix.to/"], "uri"],
      [["matrix:u/erin:example.org"], "uri"],
      [[5], "uri"],
    ],
  },
  {
    action: DIRECTORY,
    name: "people are found",
    needs: [DIRECTORY],
    before: async ({ host }) => host.set({ people: PEOPLE }),
    method: "searchUsers",
    args: () => [{ searchTerm: "erin", limit: 2 }],
    data: () => ({ search_term: "erin", limit: 2 }),
    calls: () => ({ searchUserDirectory: ["erin", 2] }),
    answered: ({ results }) => assert.equal(results.length, 2),
    result: () => ({ limited: false, results: [ERIN, { user_id: "@aerin:example.org" }] }),
    bad: [
      [[{}], "searchTerm"],
      [[{ searchTerm: 5 }], "searchTerm"],
      [[{ searchTerm: "e", limit: 0 }], "limit"],
      [[{ searchTerm: "e", limit: -1 }], "limit"],
      [[{ searchTerm: "e", limit: 1.5 }], "limit"],
      [[{ searchTerm: "e", limit: "2" }], "limit"],
    ],
  },
  {
    action: DIRECTORY,
    name: "an empty search is a search too, and says when there is more",
    needs: [DIRECTORY],
    before: async ({ host }) => host.set({ people: PEOPLE }),
    method: "searchUsers",
    args: () => [{ searchTerm: "", limit: 1 }],
    data: () => ({ search_term: "", limit: 1 }),
    calls: () => ({ searchUserDirectory: ["", 1] }),
    result: () => ({ limited: true, results: [ERIN] }),
    bad: [],
  },
  {
    action: "com.beeper.read_room_account_data",
    name: "account data of the room is read",
    needs: ["com.beeper.capabilities.receive.room_account_data:org.example.mark"],
    before: ({ host, config }) =>
      host.set({
        accountData: [
          { type: "org.example.mark", room_id: config.roomId, content: { read: 7 } },
          { type: "org.example.other", room_id: config.roomId, content: {} },
        ],
      }),
    method: "readAccountData",
    args: () => [{ type: "org.example.mark" }],
    data: ({ config }) => ({ type: "org.example.mark", room_ids: [config.roomId] }),
    calls: () => ({ readRoomAccountData: ["org.example.mark", undefined] }),
    answered: ({ events }, { config }) =>
      assert.deepEqual(events, [{ type: "org.example.mark", room_id: config.roomId, content: { read: 7 } }]),
    result: ({ events }) => events,
    bad: [
      [[{}], "type"],
      [[{ type: "" }], "type"],
      [[{ type: "t", roomIds: [] }], "roomIds"],
      [[{ type: "t", roomIds: "!r:hs" }], "roomIds"],
      [[{ type: "t", roomIds: [5] }], "roomIds"],
    ],
  },
  {
    action: "org.matrix.msc4515.get_rtc_transports",
    name: "the ways to carry a call are told",
    needs: ["org.matrix.msc4515.rtc_transports"],
    method: "rtcTransports",
    args: () => [],
    data: () => ({}),
    calls: () => ({ getRtcTransports: [] }),
    answered: ({ rtc_transports }) => assert.equal(rtc_transports[0].type, "livekit"),
    result: ({ rtc_transports }) => rtc_transports,
    bad: [],
  },
  {
    action: "org.matrix.msc4533.rtc_livekit_get_token",
    name: "a token for a LiveKit server is made for the member",
    needs: ["org.matrix.msc4533.rtc_livekit_get_token"],
    method: "livekitToken",
    args: () => [
      { serverName: "example.org", url: "https://sfu.example.org", slotId: "m.call#", member: MEMBER },
    ],
    data: ({ config }) => ({
      ...{ server_name: "example.org", url: "https://sfu.example.org" },
      ...{ room_id: config.roomId, slot_id: "m.call#", member: MEMBER },
    }),
    calls: ({ data }) => ({ getRtcLivekitToken: [data] }),
    answered: ({ jwt }, { data }) =>
      assert.deepEqual(JSON.parse(Buffer.from(jwt.split(".")[1], "base64").toString()), data),
    result: ({ jwt }) => ({ jwt }),
    bad: [
      [[{ slotId: "s", member: MEMBER }], "url"],
      [[{ url: "u", member: MEMBER }], "slotId"],
      [[{ url: "u", slotId: "s" }], "member"],
      [[{ url: "u", slotId: "s", member: 5 }], "member"],
      [[{ url: "u", slotId: "s", member: MEMBER, roomId: "" }], "roomId"],
      [[{ url: "u", slotId: "s", member: MEMBER, serverName: 5 }], "serverName"],
    ],
  },
  {
    action: "org.matrix.msc4533.rtc_livekit_delegate_delayed_leave",
    name: "a scheduled leave is handed over",
    needs: ["org.matrix.msc4533.rtc_livekit_delegate_delayed_leave"],
    before: async ({ room }) => ({ delayId: await room.delay(room.key(), 60_000) }),
    after: ({ room, delayId }) => room.act(delayId, "cancel"),
    method: "delegateLeave",
    args: ({ delayId }) => [{ slotId: "m.call#", member: MEMBER, delayId }],
    data: ({ config, delayId }) => ({
      ...{ room_id: config.roomId, slot_id: "m.call#", member: MEMBER, delay_id: delayId },
    }),
    calls: ({ data }) => ({ delegateRtcLivekitDelayedLeave: [data] }),
    bad: [
      [[{ member: MEMBER, delayId: "d" }], "slotId"],
      [[{ slotId: "s", delayId: "d" }], "member"],
      [[{ slotId: "s", member: MEMBER }], "delayId"],
      [[{ slotId: "s", member: MEMBER, delayId: "" }], "delayId"],
    ],
  },
  {
    action: "m.sticker",
    name: "a sticker goes to the room",
    grants: ["m.sticker"],
    method: "sendSticker",
    before: ({ room }) => ({ key: room.key() }),
    args: ({ key }) => [
      { name: "Cat", description: key, content: { url: "mxc://example.org/cat", info: { w: 1 } } },
    ],
    data: ({ key }) => ({
      ...{ name: "Cat", description: key },
      content: { url: "mxc://example.org/cat", info: { w: 1 } },
    }),
    client: true,
    bad: [
      [[{ content: {} }], "name"],
      [[{ name: 5, content: {} }], "name"],
      [[{ name: "n" }], "content"],
      [[{ name: "n", content: "mxc://a/b" }], "content"],
      [[{ name: "n", description: 5, content: {} }], "description"],
    ],
  },
  {
    action: "set_always_on_screen",
    name: "the client keeps the widget on the screen",
    grants: ["m.always_on_screen"],
    method: "setAlwaysOnScreen",
    args: () => [true],
    data: () => ({ value: true }),
    client: true,
    result: () => true,
    bad: [
      [[], "value"],
      [["yes"], "value"],
      [[1], "value"],
    ],
  },
  ...["io.element.join", "im.vector.hangup", "io.element.close", "io.element.device_mute"].map((action) => ({
    ...{ action, name: "the client hears of it" },
    request: { audio_enabled: true },
    data: () => ({ audio_enabled: true }),
    client: true,
    result: () => ({}),
    bad: [],
  })),
];
