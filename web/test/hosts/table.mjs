/**
 * What every host is expected to do, in the words in which the scenes tell what they saw. `hosts.test.mjs` plays the
 * scenes and compares; `render.mjs` turns what was seen into web/docs/hosts.md.
 *
 * A row is known by its `lib`, the parameter of pages/host/host.ts. `kind` says what it is: the real library, a replay of
 * what the real one was recorded doing, or a fake. `scenes` names those that are played with it; left out, all are. A
 * row has a cell for each thing that its scenes tell, and no other.
 */

const readyLate = "ready; the early event done, the early future done";

/** matrix-widget-api 1.6.0. It approves what its driver approves, but no future ever reaches the driver. */
const unaware = {
  auto: "`unsupported`, nothing posted",
  delayed: "`unsupported`, nothing posted",
  "delayed-dotted": "`unsupported`, nothing posted",
  futures: "`sent_immediately` with its event id, then `unsupported`",
  "futures-prefixed": "`sent_immediately` with its event id, then `unsupported`",
  none: "`unsupported`, nothing posted",
  sticky: "`unsupported`",
  denied: "`capability`, nothing posted",
  unreachable: "`host`",
  unknown: "`host`",
  later: "done",
  start: "nothing",
  hears: "`send_event`",
  loadedAgain: "no answer; an error on the host's console",
  "late 3000 load": "ready; the early event done, the early future `unsupported`",
  "late 3000 content": "ready; the early event done, the early future `unsupported`",
  "late 11000 load": "`timeout`: the host has given up",
  "late 11000 content": "ready; the early event done, the early future `unsupported`",
};

/** Since 1.8.2: delayed events under today's names. */
const delayed = {
  ...unaware,
  auto: "scheduled (`delayed`)",
  delayed: "scheduled",
  receipt: "`room_id`, `delay_id`",
  alone: "in the room once, not early",
  refresh: "done, in the room once, not early",
  cancel: "done, never sent",
  send: "done, in the room at once",
  again: "`spent`",
  gone: "`host`",
  kept: "`maybeExpired`",
  sticky: "scheduled, but **not as a sticky one**",
  tooLong: "`host`",
  holdTooLong: "`host`",
  "late 3000 load": readyLate,
  "late 3000 content": readyLate,
  "late 11000 content": readyLate,
};

/** Since 1.10.0: what the homeserver answered is passed on, as `matrix_api_error`. */
const relaying = {
  ...{ ...delayed, gone: "`spent`", kept: "`lost`" },
  ...{ tooLong: "`matrix` 403 M_FORBIDDEN", holdTooLong: "done, with a shorter one" },
};

/** Since 1.13.1: the state of the room is pushed, at the start and whenever it changes. */
const pushing = { ...relaying, start: "`update_state`", hears: "`send_event`, `update_state`" };

/** Since 1.16.1: sticky events under today's name. */
const sticky = { ...pushing, sticky: "scheduled, as a sticky one" };

/** What was not recorded of a host is not told of its replay. */
const { auto: unsupported, futures: atOnce } = unaware;
const replayed = {
  ...{ auto: unsupported, dotted: unsupported, delayed: unsupported, "delayed-dotted": unsupported },
  ...{ futures: "not recorded", "futures-prefixed": atOnce },
};
const dotted = {
  ...{ ...replayed, dotted: "scheduled (`delayed-dotted`)", "delayed-dotted": "scheduled" },
  receipt: "`room_id`, `delay_id`",
};
const tokens = "`send_token`, `cancel_token`, `refresh_token`";

/** matrix-rust-sdk's machine; what a page asks of no other host is in rust-host.test.mjs. */
const rust = {
  ...relaying,
  "delayed-dotted": "`capability`, nothing posted",
  receipt: "`room_id`, `event_id`, `delay_id`",
};
const untold = ["sticky", "later", "start", "hears", "loadedAgain", "late 11000 load", "late 11000 content"];
for (const cell of untold) delete rust[cell];

const real = (label, cells, means) => ({ kind: "real", label, cells, means });
const replay = (label, cells, means) => ({
  ...{ kind: "replay", label, cells, means },
  scenes: ["what was recorded"],
});

export const HOSTS = {
  "mwa-1.6.0": real(
    "1.6.0",
    unaware,
    "Knows no futures, and yet approves their capabilities where the client allows them. It ignores every field that " +
      "it does not know and sends at once. In `auto` a probe finds that out beforehand, so nothing is posted.",
  ),
  "mwa-1.8.2": real(
    "1.8.2",
    delayed,
    "The first with today's names. It keeps the homeserver's answer to itself: a future that is gone is a bare `host` " +
      "error, so a keepAlive notices that only when the time is up, and a hold cannot shorten a delay that is too long.",
  ),
  "mwa-1.9.0": real("1.9.0", delayed, "As 1.8.2."),
  "mwa-1.10.0": real(
    "1.10.0",
    relaying,
    "Passes the homeserver's errors on: a future that is gone is `spent` or `lost` at once, a refusal is `matrix` with " +
      "its errcode and status.",
  ),
  "mwa-1.13.1": real(
    "1.13.1",
    pushing,
    "Pushes the state of the room that the page may receive, at the start and when it changes.",
  ),
  "mwa-1.14.0": real("1.14.0", pushing, "As 1.13.1; what changed concerns clients only."),
  "mwa-1.15.0": real(
    "1.15.0",
    { ...pushing, sticky: "`host`" },
    "Knows sticky events, under a capability of another name than later releases: a sticky future is refused.",
  ),
  "mwa-1.16.1": real("1.16.1", sticky, "Sticky futures, under the capability's name of today."),
  "mwa-1.17.0": real(
    "1.17.0",
    sticky,
    "As 1.16.1; its text for unknown actions changed, by which nothing here decides.",
  ),
  "mwa-1.18.0": real("1.18.0", sticky, "As 1.17.0."),
  "mwa-1.19.0": real("1.19.0", sticky, "As 1.17.0."),
  "replay-first-draft": replay(
    "first draft",
    {
      ...{ ...replayed, futures: "scheduled" },
      receipt: `\`room_id\`, \`event_id\` (empty), \`group_id\`, ${tokens}`,
    },
    "The branch of 2024 (d0f024d) that spoke the first draft. Nothing proves that a host is one: name the dialect " +
      "`futures`.",
  ),
  "replay-1.7.0": replay(
    "1.7.0",
    {
      ...{ ...replayed, "futures-prefixed": "scheduled" },
      receipt: `\`room_id\`, \`future_group_id\`, ${tokens}`,
    },
    "The tokens under prefixed names. Nothing proves that a host is one: name the dialect `futures-prefixed`.",
  ),
  "replay-1.8.0": replay("1.8.0", dotted, "As 1.8.1, whose recording this is: it spoke the same wire."),
  "replay-1.8.1": replay(
    "1.8.1",
    dotted,
    "Delayed events, managed by an action with a dotted name. In `auto` that is found out where the client grants " +
      "that name alone; a client that grants whatever it is asked for needs `delayed-dotted` named.",
  ),
  "rust-style": {
    ...{ kind: "fake", label: "matrix-rust-sdk's manners", cells: rust },
    scenes: [
      ...["a wasm that comes three seconds late", "the life of four futures", "everything denied", "errors"],
      ...["delayed", "delayed-dotted", "futures", "futures-prefixed", "none"].map(
        (name) => `dialect "${name}"`,
      ),
    ],
    noise: /Failed to load resource: .* 404/, // the probe reaches its homeserver
    means:
      "Answers no more than 15 requests at a time and none after ten seconds, nothing that it cannot read, and no event " +
      "before the negotiation: so no more than twelve requests are under way there. All capabilities have to be asked " +
      "for at the start. It uses the room that it is in, whichever is named.",
  },
};
