/**
 * What hosts ask of a page: `tell` is the method of ClientWidgetApi and its arguments, `ask` the data where no method asks just
 * that; `detail` what the page hears of it. `refused` where the host gets an error if the page does not answer, else it is
 * `{}`. With `answer: "nothing"` the method keeps the answer to itself.
 */
const event = (extra) => ({
  ...{ event_id: "$fed", room_id: "", sender: "@erin:example.org", origin_server_ts: 1, content: { n: 1 } },
  ...extra,
});
const FED = event({ type: "org.example.read" });
const STATE = event({ type: "org.example.read", state_key: "k" });
const LETTER = { type: "org.example.letter", sender: "@erin:example.org", content: { n: 1 } };
const THEME = { name: "dark", accent: "#0DBD8B" };
const CONFIG = { type: "m.custom", url: "https://example.org/", name: "N", data: { a: 1 } };

export const TOLD = [
  { action: "visibility", tell: ["updateVisibility", false], detail: { visible: false } },
  { action: "theme_change", tell: ["updateTheme", THEME], detail: THEME },
  { action: "language_change", tell: ["updateLanguage", "de-CH"], detail: { lang: "de-CH" } },
  { action: "widget_config", tell: ["sendWidgetConfig", CONFIG], detail: CONFIG },
  {
    ...{ action: "button_clicked", tell: ["notifyModalWidgetButtonClicked", "ok"] },
    ...{ detail: { id: "ok" }, refused: true },
  },
  {
    ...{ action: "close_modal", tell: ["notifyModalWidgetClose", { a: 1 }] },
    ...{ detail: { a: 1 }, refused: true },
  },
  { action: "screenshot", tell: ["takeScreenshot"], detail: {}, refused: true },
  { action: "send_event", tell: ["feedEvent", FED], detail: FED, answer: "nothing" },
  { action: "update_state", tell: ["feedStateUpdate", STATE], detail: { state: [STATE] }, answer: "nothing" },
  {
    ...{ action: "send_to_device", tell: ["feedToDevice", LETTER, true], answer: "nothing" },
    detail: { ...LETTER, encrypted: true },
  },
  {
    action: "openid_credentials",
    ask: { state: "blocked", original_request_id: "another's" },
    ...{ detail: { state: "blocked", original_request_id: "another's" }, refused: true },
  },
  {
    action: "update_turn_servers",
    ask: { uris: [], username: "u", password: "p" },
    ...{ detail: { uris: [], username: "u", password: "p" }, refused: true },
  },
  {
    action: "io.element.device_mute",
    ask: { audio_enabled: false },
    detail: { audio_enabled: false },
    refused: true,
  },
  { action: "org.example.unknown", ask: { a: [1] }, detail: { a: [1] }, refused: true },
];
