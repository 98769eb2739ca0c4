/**
 * The drop-in for matrix-widget-api against the original, on real hosts: the same script is run with both, and what it
 * ends with, what the page is told and what crossed have to be the same, but for what docs/compat.md lists.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compatWorld } from "./compat-world.mjs";
import { sleep } from "./harness.mjs";

const { config, room, openWidget } = await compatWorld();
const { roomId } = config;
const MEMBER = "org.matrix.msc3401.call.member";
const UPDATE = "org.matrix.msc4157.update_delayed_event";
const DELAYED = ["org.matrix.msc4157.send.delayed_event", UPDATE];
const CAPABILITIES = [
  `org.matrix.msc2762.send.state_event:${MEMBER}`,
  `org.matrix.msc2762.receive.state_event:${MEMBER}`,
  "org.matrix.msc2762.send.event:m.room.message",
  "org.matrix.msc2762.receive.event:m.room.message",
  "org.matrix.msc3819.send.to_device:m.test",
  "com.beeper.capabilities.receive.room_account_data:m.tag",
  "org.matrix.msc4407.send.sticky_event",
  "org.matrix.msc4515.rtc_transports",
  "org.matrix.msc4533.rtc_livekit_get_token",
  "org.matrix.msc4039.upload_file",
  "org.matrix.msc4039.download_file",
  "org.matrix.msc2931.navigate",
  "town.robin.msc3846.turn_servers",
  "org.matrix.msc3973.user_directory_search",
  `org.matrix.msc2762.timeline:${roomId}`,
];

/** Without times and what others have in the room; ids are named in the order in which they come. */
function neutral(value, key) {
  const names = new Map();
  const name = (text) => {
    if (!names.has(text)) names.set(text, `id ${names.size + 1}`);
    return names.get(text);
  };
  const ids =
    /\$[\w+/=-]{6,}|mxc:\/\/[^"]+|syd_\w+|widgetapi-\d+(?:-\d+)*|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:-\d+)?/g;
  const text = JSON.stringify(value, (member, inside) => {
    if (["origin_server_ts", "unsigned"].includes(member)) return undefined;
    return member === "state" && Array.isArray(inside) ? "as it is" : inside;
  });
  return JSON.parse(
    text
      .replaceAll(key, "its key")
      .replaceAll(ids, name)
      .replaceAll(/column \d+/g, "column n"),
  );
}

/** What comes when the host gets to it, or before ours, which does not wait for it with its capabilities. */
const ASIDE = ["supported_api_versions", "content_loaded", "update_state"];
/** Those come first, and once: how often a host asks depends on who is sooner. */
const aside = (messages) => {
  const of = (wanted) => messages.filter(({ action }) => action === wanted);
  const once = ({ api }, place, list) => list.findIndex((other) => other.api === api) === place;
  const byApi = (a, b) => (a.api ?? "").localeCompare(b.api ?? "");
  return ASIDE.flatMap((action) => of(action).filter(once).sort(byApi)).concat(
    messages.filter(({ action }) => !ASIDE.includes(action)),
  );
};

/** What crossed in one direction, without ids and without what ours asks beside the original. */
function crossed(wire, wanted) {
  let versions = 0;
  const messages = wire
    .filter(({ direction }) => direction === wanted)
    .map(({ message: { requestId, ...message } }) => message)
    .filter(({ action, data, api }) => {
      if (/^probe\./.test(action) || (action === UPDATE && data.delay_id === "")) return false;
      return action !== "supported_api_versions" || api === "toWidget" || ++versions === 1;
    });
  return aside(messages);
}

/** Runs the script with the original and with ours, each in a host of its own, and compares. */
async function same(options, script) {
  const ends = {};
  for (const api of ["original", "ours"]) {
    const handle = await openWidget({ api, capabilities: CAPABILITIES, ...options });
    await handle.widget.ready();
    const key = room.key();
    const value = await script({ ...handle, key });
    await handle.widget.call("getClientVersions");
    await handle.widget.send("supported_api_versions"); // the host has then handled all
    const late = async ({ action }) =>
      !(await handle.widget.seen()).some((message) => message.action === action);
    const expected = ends.original?.seen.filter(({ action }) => ASIDE.includes(action)) ?? [];
    for (let tries = 0; tries < 60 && (await Promise.all(expected.map(late))).includes(true); tries++)
      await sleep(50); // it pushes the state of rooms when it gets to it
    const wire = await handle.host.wire();
    ends[api] = {
      value: neutral(value, key),
      seen: neutral(aside(await handle.widget.seen()), key),
      asked: neutral(crossed(wire, "widget>host"), key),
      told: neutral(crossed(wire, "host>widget"), key),
      driver: neutral(
        (await handle.host.driverCalls()).filter(({ args }) => args[0] !== ""), // a probe: rust hosts pass it on
        key,
      ),
    };
    await handle.page.close();
  }
  for (const part of ["value", "seen", "asked", "told", "driver"])
    assert.deepEqual(ends.ours[part], ends.original[part], part);
  return ends.ours.value;
}

const HOSTS = ["mwa-1.6.0", "mwa-1.8.2", "mwa-1.13.1", "mwa-1.19.0", "rust-style"];

for (const lib of HOSTS) {
  for (const wait of ["content", "load"]) {
    test(`${lib}, the host begins ${wait === "load" ? "by itself" : "when told"}: events go out and are read as with the original`, async () => {
      await same({ lib, wait }, async ({ widget, key }) => {
        const ends = [];
        for (const call of [
          ["getClientVersions"],
          ["hasCapability", CAPABILITIES[0]],
          ["hasCapability", "org.example.other"],
          ["sendStateEvent", MEMBER, key, { n: 1 }, roomId],
          ["sendStateEvent", MEMBER, key, { n: 2 }],
          ["sendRoomEvent", "m.room.message", { msgtype: "m.text", body: key }, roomId],
          ["sendRoomEvent", "m.other", {}, roomId],
          ["sendStateEvent", "m.other", "", {}, roomId],
          ["readStateEvents", MEMBER, 1, key, [roomId]],
          ["readRoomEvents", "m.room.message", 1, undefined, [roomId]],
          ["readRoomEvents", "m.other"],
        ])
          ends.push(await widget.call(...call));
        ends.push(await widget.send("org.example.unknown", { a: 1 }));
        return ends;
      });
    });
  }
}

test("mwa-1.19.0: everything else that a widget may ask its host for ends as with the original", async () => {
  await same({ lib: "mwa-1.19.0" }, async ({ host, page, widget }) => {
    await host.set({
      people: [{ userId: "@ann:x", displayName: "Ann" }],
      accountData: [{ type: "m.tag", room_id: roomId, content: { a: 1 } }],
      rtc: { transports: [{ type: "livekit", url: "u" }] },
      media: { limit: 1000 },
    });
    const ends = [];
    for (const call of [
      ["sendToDevice", "m.test", false, { "@ann:x": { "*": { a: 1 } } }],
      ["readRoomAccountData", "m.tag", [roomId]],
      ["searchUserDirectory", "ann", 5],
      ["getMediaConfig"],
      ["uploadFile", { file: "what is in it" }],
      ["getRtcTransports"],
      [
        "getRtcLivekitToken",
        { server_name: "s", url: "u", room_id: roomId, slot_id: "m", member: { id: "i" } },
      ],
      [
        "delegateRtcLivekitDelayedLeave",
        { room_id: roomId, slot_id: "m", member: { id: "i" }, delay_id: "none" },
      ],
      ["navigateTo", `https://matrix.to/#/${roomId}`],
      ["setAlwaysOnScreen", true],
      ["sendSticker", { name: "n", content: { url: "mxc://a/b" } }],
    ])
      ends.push(await widget.call(...call));
    ends.push(await widget.call("downloadFile", ends[4].value.content_uri));
    ends.push(await widget.call("downloadFile", "mxc://x/none"));
    const [sent] = (await widget.call("readRoomEvents", "m.room.message", 1)).value;
    ends.push(await widget.call("readEventRelations", sent.event_id, roomId, "m.thread"));
    const first = { uris: ["turn:1"], username: "u", password: "p" };
    await host.set({ turn: { first } });
    ends.push(await widget.turnServers(1));
    for (const manner of ["allowed", "blocked"]) {
      await host.set({ openId: { manner } });
      ends.push(await widget.call("requestOpenIDConnectToken"));
    }
    for (const yes of [true, false]) {
      await host.set({ openId: { manner: "ask" } });
      const token = widget.call("requestOpenIDConnectToken");
      await page.evaluate((yes) => window.services.openId.decide(yes), yes);
      ends.push(await token);
    }
    // Tokens are drawn anew each time.
    return JSON.parse(
      JSON.stringify(ends, (name, member) => (/token$|jwt/.test(name) ? typeof member : member)),
    );
  });
});

test("mwa-1.19.0: what the host tells and asks reaches the page and is answered as with the original", async () => {
  await same({ lib: "mwa-1.19.0" }, async ({ host, widget }) => {
    const ends = [];
    await widget.answer("theme_change", {});
    await widget.answer("org.example.asked", { got: 1 });
    ends.push(await host.tell("updateTheme", { name: "dark" }));
    ends.push(await host.tell("updateLanguage", "de"));
    ends.push(await host.tell("updateVisibility", true));
    ends.push(await host.ask("org.example.asked", { n: 1 }));
    ends.push(await host.ask("org.example.unknown", {}));
    ends.push(await host.ask("supported_api_versions", {}));
    return ends;
  });
});

for (const lib of ["mwa-1.8.2", "mwa-1.13.1", "mwa-1.19.0", "rust-style"]) {
  test(`${lib}: a delayed event is scheduled, restarted and sent as with the original`, async () => {
    const options = { lib, capabilities: [...CAPABILITIES, ...DELAYED] };
    const ends = await same(options, async ({ widget, key }) => {
      const ends = [await widget.call("sendStateEvent", MEMBER, key, { left: true }, roomId, 60_000)];
      const { delay_id: id } = ends[0].value;
      ends.push(await widget.call("sendStateEvent", MEMBER, key, { joined: true }, roomId));
      for (const verb of ["restart", "send", "restart"])
        ends.push(await widget.call(`${verb}ScheduledDelayedEvent`, id));
      ends.push(await widget.call("cancelScheduledDelayedEvent", "no such id"));
      const contents = (await room.eventsWithKey(key)).map(({ content }) => content);
      assert.deepEqual(contents, [{ joined: true }, { left: true }]);
      return ends;
    });
    assert.deepEqual(
      ends.map(({ error }) => error?.isRefusal),
      [undefined, undefined, undefined, undefined, true, true],
    );
  });
}

for (const lib of ["mwa-1.6.0", "replay-1.7.0", "replay-first-draft"]) {
  test(`${lib}: where a delay would be ignored it is refused, and nothing reaches the room`, async () => {
    const key = room.key();
    const { widget, host } = await openWidget({
      api: "ours",
      lib,
      capabilities: [...CAPABILITIES, ...DELAYED],
    });
    await widget.ready();
    const { error } = await widget.call("sendStateEvent", MEMBER, key, { left: true }, roomId, 60_000);
    assert.deepEqual([error.isRefusal, error.data, error.because], [true, {}, "unsupported"]);
    assert.deepEqual(await host.requests("send_event"), []);
    assert.deepEqual(await room.eventsWithKey(key), []);
  });
}

test("mwa-1.19.0: a delay without its capability is refused before anything is posted", async () => {
  const { widget, host } = await openWidget({ api: "ours", lib: "mwa-1.19.0", capabilities: CAPABILITIES });
  await widget.ready();
  const { error } = await widget.call("sendStateEvent", MEMBER, room.key(), {}, roomId, 60_000);
  assert.deepEqual([error.isRefusal, error.because], [true, "capability"]);
  assert.deepEqual(await host.requests("send_event"), []);
});

test("mwa-1.19.0: ours logs nothing of what crosses, and the original logs all of it", async () => {
  for (const [api, logs] of [
    ["original", true],
    ["ours", false],
  ]) {
    const { widget, console } = await openWidget({ api, lib: "mwa-1.19.0", capabilities: CAPABILITIES });
    await widget.ready();
    await widget.call("sendRoomEvent", "m.room.message", { msgtype: "m.text", body: "word of mine" }, roomId);
    const own = console.filter((message) => message.location().url.startsWith(config.widget));
    assert.equal(own.length > 0, logs, api);
  }
});
