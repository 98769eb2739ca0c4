// What `widget-futures/compat` has beside its WidgetApi, against the original: the same inputs go through both.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { chance } from "../chance.mjs";

const require = createRequire(import.meta.url);
const original = require("matrix-widget-api");
const ours = await import("../../dist/compat.js");
const { capability } = await import("../../dist/index.js");

/** What came of a call: its value with its class, or the error. Engines word a TypeError, not we. */
function outcome(call) {
  try {
    return { value: plain(call()) };
  } catch (error) {
    return { threw: error.constructor.name, ...(error.constructor === Error && { message: error.message }) };
  }
}

/** Instances of both packages' classes become comparable: their members, and what their getters give. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain);
  const kind = value?.constructor?.name;
  if (typeof value !== "object" || value === null || kind === "Object") return value;
  const proto = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(value));
  const getters = Object.keys(proto).filter((key) => proto[key].get);
  const read = Object.fromEntries(getters.sort().map((key) => [key, outcome(() => value[key])]));
  return { ...value, ...read };
}

/** Runs a call with both packages and compares what came of it. Returns it. */
function same(call, ...args) {
  const want = outcome(() => call(original, ...args));
  assert.deepEqual(
    outcome(() => call(ours, ...args)),
    want,
    `${call} with ${JSON.stringify(args)}`,
  );
  return want;
}

const DIRECTIONS = ["send", "receive"];
const PREFIXES = [
  "org.matrix.msc2762.send.event:",
  "org.matrix.msc2762.receive.event:",
  "org.matrix.msc2762.send.state_event:",
  "org.matrix.msc2762.receive.state_event:",
  "org.matrix.msc3819.send.to_device:",
  "org.matrix.msc3819.receive.to_device:",
  "com.beeper.capabilities.receive.room_account_data:",
  "com.beeper.capabilities.send.room_account_data:",
  "org.matrix.msc2762.timeline:",
  "m.sticker",
  "",
];

test("directions are inverted, and what is none is refused", () => {
  for (const dir of ["toWidget", "fromWidget", "", undefined, null, "towidget"])
    same((api) => api.invertedDirection(dir));
});

test("timeline capabilities are told apart", () => {
  const { pick, text } = chance(1);
  const strings = [undefined, null, "*", "no colon", ...PREFIXES];
  for (let round = 0; round < 500; round++) strings.push(pick(PREFIXES) + text());
  for (const string of strings) {
    same((api) => api.isTimelineCapability(string));
    same((api) => api.getTimelineRoomIDFromCapability(string));
    for (const room of ["", "*", "!r:hs", string?.slice(28)])
      same((api) => api.isTimelineCapabilityFor(string, room));
  }
});

test("every capability that has a name is one that the core knows", () => {
  const helpers = Object.keys(capability).map((name) => capability[name]("x"));
  const whole = helpers.filter((string) => !string.endsWith(":x"));
  for (const string of Object.values(ours.MatrixCapabilities)) assert.ok(whole.includes(string), string);
});

test("capabilities of events are made as the original makes them", () => {
  const { pick, text } = chance(2);
  const types = ["m.room.message", "m.room.message#", "", undefined, null, "a#b", "a\\#b", "a\\", "#", "\\"];
  const keys = [undefined, null, "", "k", "#", "#k#", "\\"];
  let made = 0;
  const makes = [
    "forStateEvent",
    "forToDeviceEvent",
    "forRoomEvent",
    "forRoomMessageEvent",
    "forRoomAccountData",
  ];
  for (let round = 0; round < 5_000; round++) {
    const args = [pick([...DIRECTIONS, undefined]), pick([pick(types), text()]), pick([pick(keys), text()])];
    const make = pick(makes);
    if (same((api) => api.WidgetEventCapability[make](...args)).value) made++;
  }
  assert.ok(made > 2_000, `only ${made} were made`);
});

test("capabilities of events are read as the original reads them", () => {
  const { pick, text } = chance(3);
  for (let round = 0; round < 20_000; round++) {
    const rest =
      pick(["", "m.room.message", "m.room.message#"]) + text() + pick(["", "#", "\\#", "\\"]) + text();
    const list = [pick(PREFIXES) + rest, pick(PREFIXES) + text()];
    same((api) => api.WidgetEventCapability.findEventCapabilities(list));
    same((api) => api.WidgetEventCapability.findEventCapabilities(new Set(list)));
  }
});

test("a capability of an event matches what the original's matches", () => {
  const { pick, text } = chance(4);
  const types = ["m.room.message", "m.room.topic", "a#b", ""];
  const keys = [undefined, null, "", "m.text", "@u:hs"];
  const matchers = [
    "matchesAsStateEvent",
    "matchesAsToDeviceEvent",
    "matchesAsRoomEvent",
    "matchesAsRoomAccountData",
  ];
  const matched = new Set();
  for (let round = 0; round < 20_000; round++) {
    const string =
      pick(PREFIXES) + pick(types).replace("#", "\\#") + pick(["", "#", "#m.text", `#${text()}`]);
    const args = [pick(DIRECTIONS), pick(types), pick(keys)];
    const matcher = pick(matchers);
    const { value } = same((api) =>
      api.WidgetEventCapability.findEventCapabilities([string]).map((one) => one[matcher](...args)),
    );
    if (value[0]) matched.add(matcher);
  }
  assert.deepEqual([...matched].sort(), [...matchers].sort());
});

const USER = "@u:example.org";
const FULL = {
  id: "w",
  creatorUserId: USER,
  name: "Name",
  type: "m.custom",
  url: "https://w.example.org/a?u=$matrix_user_id#/$x",
  waitForIframeLoad: false,
  data: { title: "Title", x: "a b", domain: "d" },
};

/** The definition with some members gone or odd. */
function oddly({ random, pick }, full) {
  const definition = {};
  for (const [key, value] of Object.entries(full)) {
    if (random() < 0.8) definition[key] = value;
    else if (random() < 0.5) definition[key] = pick([undefined, null, "", 0, false, true, "odd", {}]);
  }
  return definition;
}

test("a widget tells what the original's tells, and refuses the same definitions", () => {
  const random = chance(5);
  let made = 0;
  for (const definition of [undefined, null, {}, FULL]) same((api) => new api.Widget(definition));
  for (let round = 0; round < 3_000; round++) {
    const definition = oddly(random, FULL);
    if (same((api) => new api.Widget(definition)).value) made++;
    same((api) => JSON.stringify(new api.Widget(definition)));
  }
  assert.ok(made > 500, `only ${made} were made`);
});

test("the URL of a widget is put together as the original does it", () => {
  const random = chance(6);
  const { pick, text } = random;
  const params = {
    ...{
      widgetRoomId: "!r:hs",
      currentUserId: USER,
      userDisplayName: "U & I",
      userHttpAvatarUrl: "https://a",
    },
    ...{
      clientId: "c",
      clientTheme: "dark",
      clientLanguage: "de",
      deviceId: "D$&",
      baseUrl: "https://hs/$x",
    },
  };
  const variables = [
    ..."matrix_room_id matrix_user_id matrix_display_name matrix_avatar_url matrix_widget_id".split(" "),
    ...["client_id", "client_theme", "client_language"].map((name) => `org.matrix.msc2873.${name}`),
    ...[
      "org.matrix.msc3819.matrix_device_id",
      "org.matrix.msc4039.matrix_base_url",
      "x",
      "title",
      "a.b*",
      "missing",
    ],
  ];
  const lies = {
    matrix_user_id: "@liar:hs",
    matrix_room_id: "!liar:hs",
    "org.matrix.msc2873.client_id": "liar",
  };
  for (let round = 0; round < 5_000; round++) {
    const url = Array.from({ length: 5 }, () => `${text()}$${pick(variables)}`).join("/");
    const data = {
      ...FULL.data,
      "a.b*": pick([text(), null, undefined, 5, ["l"]]),
      ...lies,
    };
    const definition = { ...FULL, url, data: pick([data, undefined, oddly(random, data)]) };
    const given = { currentUserId: USER, ...oddly(random, params) };
    same((api) => api.runTemplate(url, definition, given));
    same((api) => new api.Widget(definition).getCompleteUrl(given));
  }
});

test("anything becomes the text that the original makes of it", () => {
  for (const value of [
    undefined,
    null,
    "",
    "t",
    0,
    -0,
    1.5,
    Number.NaN,
    5n,
    true,
    {},
    [1, [2]],
    Symbol("s"),
    () => 1,
  ])
    same((api) => api.toString(value));
  same((api) => api.toString(Object.create(null)));
});

test("a member that is missing or empty is refused in the original's words", () => {
  for (const value of [undefined, null, "", 0, false, "v", {}, []])
    same((api) => api.assertPresent({ member: value }, "member"));
  same((api) => api.assertPresent(null, "member"));
});

test("http and https URLs are valid, which the original denies of every one", () => {
  const valid = ["https://example.org", "http://127.0.0.1:8008/a?b#c", "HTTPS://EXAMPLE.org"];
  const bad = [
    "",
    undefined,
    null,
    "example.org",
    "/path",
    "ftp://example.org",
    "javascript:alert(1)",
    "https://",
    {},
  ];
  for (const url of valid) assert.equal(ours.isValidUrl(url), true, url);
  for (const url of bad) assert.equal(ours.isValidUrl(url), false, String(url));
  for (const url of [...valid, ...bad])
    assert.equal(original.isValidUrl(url), false, "the original was mended");
});

test("widgets are found where the original finds them once its check of URLs is ours", () => {
  const urls = require("matrix-widget-api/lib/models/validation/url.js");
  const { isValidUrl } = urls;
  urls.isValidUrl = ours.isValidUrl;
  try {
    const random = chance(7);
    const { pick } = random;
    const types = ["m.widget", "im.vector.modular.widgets", "m.room.topic"];
    let found = 0;
    const event = () => {
      const full = { type: pick(types), state_key: "w", sender: USER, content: oddly(random, FULL) };
      return pick([oddly(random, full), full, full, undefined]);
    };
    for (let round = 0; round < 5_000; round++) {
      const state = [event(), event(), event()];
      found += same((api) => api.WidgetParser.parseWidgetsFromRoomState(state)).value.length;
      same((api) => api.WidgetParser.parseRoomWidget(state[0]));
      const mine = {
        w: event(),
        [pick(["w2", "odd"])]: { ...event(), id: "w2", state_key: pick(["w2", ""]) },
      };
      found += same((api) => api.WidgetParser.parseAccountData(mine)).value.length;
    }
    assert.ok(found > 2_000, `only ${found} were found`);
    for (const nothing of [undefined, null, {}, []]) {
      same((api) => api.WidgetParser.parseAccountData(nothing));
      if (!nothing || Array.isArray(nothing))
        same((api) => api.WidgetParser.parseWidgetsFromRoomState(nothing));
      same((api) => api.WidgetParser.parseRoomWidget(nothing));
    }
  } finally {
    urls.isValidUrl = isValidUrl;
  }
});

test("an observable tells whom the original tells, and in its order", () => {
  const script = (play) =>
    same((api) => {
      const heard = [];
      play(
        (first) => new api.SimpleObservable(first),
        (name) => (value) => heard.push([name, value]),
      );
      return heard;
    });
  script((make, hear) => {
    const observable = make(hear("a"));
    observable.update(1);
    observable.onUpdate(hear("b"));
    observable.onUpdate(hear("a"));
    observable.update(2);
    observable.close();
    observable.update(3);
    observable.onUpdate(hear("c"));
    observable.update(4);
  });
  const told = script((make, hear) => {
    const observable = make();
    observable.onUpdate((value) => {
      hear("adds")(value);
      if (value === 1) observable.onUpdate(hear("added"));
      if (value === 2) observable.close();
    });
    for (const value of [1, 2, 3]) observable.update(value);
  });
  assert.equal(told.value.length, 4);
  script((make, hear) => {
    const observable = make(hear("a"));
    observable.onUpdate(() => {
      throw new Error("a listener's own");
    });
    observable.onUpdate(hear("never"));
    observable.update(1);
  });
});
