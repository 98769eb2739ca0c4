/**
 * Every action of the Widget API, once: what of it is a widget's to know. Cases and scenes beside this file play them;
 * unit/action-list.test.mjs finds those that none plays, and writes web/docs/actions.md from this.
 */
const SEND = "org.matrix.msc2762.send.event:… or …send.state_event:…";
const RECEIVE = "org.matrix.msc2762.receive.event:… or …receive.state_event:…";
const TURN = "town.robin.msc3846.turn_servers";
const UPLOAD = "org.matrix.msc4039.upload_file";
const DIRECTORY = "org.matrix.msc3973.user_directory_search";
const LIVEKIT = "org.matrix.msc4533.rtc_livekit";

/**
 * What a widget asks: the `method` of WidgetClient; the `capability` without which it is refused before it is posted, or
 * whose lack the `host` notices; `since` which of the releases its hosts know it, or that the `client` around them does;
 * the `version` of hosts that know it, where it is refused without; `rust`: true where matrix-rust-sdk's hosts know it, else
 * the code of the refusal there.
 */
export const FROM_WIDGET = {
  supported_api_versions: { method: "hostVersions", since: "1.6.0", rust: true },
  content_loaded: { method: "contentLoaded", since: "1.6.0", rust: true },
  "org.matrix.msc2974.request_capabilities": {
    ...{ method: "requestCapabilities", since: "1.6.0", version: "org.matrix.msc2974", rust: "unsupported" },
  },
  send_event: { method: "sendEvent, sendFuture, holdState", capability: SEND, since: "1.6.0", rust: true },
  "org.matrix.msc4157.update_delayed_event": {
    method: "Future: refresh, send, cancel",
    ...{ capability: "org.matrix.msc4157.update_delayed_event", since: "1.8.2", rust: true },
  },
  "org.matrix.msc2876.read_events": { method: "readEvents", capability: RECEIVE, since: "1.6.0", rust: true },
  "org.matrix.msc3869.read_relations": {
    ...{ method: "readRelations", host: RECEIVE, since: "1.6.0", rust: "host" },
  },
  "com.beeper.read_room_account_data": {
    method: "readAccountData",
    capability: "com.beeper.capabilities.receive.room_account_data:…",
    ...{ since: "1.6.0", rust: "capability" },
  },
  send_to_device: {
    ...{
      method: "sendToDevice",
      capability: "org.matrix.msc3819.send.to_device:…",
      since: "1.6.0",
      rust: true,
    },
  },
  get_openid: { method: "requestOpenId", since: "1.6.0", rust: true },
  watch_turn_servers: { method: "turnServers", capability: TURN, since: "1.6.0", rust: "capability" },
  unwatch_turn_servers: { method: "turnServers, left", capability: TURN, since: "1.6.0", rust: "capability" },
  "org.matrix.msc2931.navigate": {
    ...{ method: "navigate", capability: "org.matrix.msc2931.navigate", since: "1.6.0", rust: "capability" },
  },
  "org.matrix.msc3973.user_directory_search": {
    ...{ method: "searchUsers", capability: DIRECTORY, since: "1.6.0" },
    ...{ version: "org.matrix.msc3973", rust: "unsupported" },
  },
  "org.matrix.msc4039.get_media_config": {
    ...{ method: "mediaConfig", capability: UPLOAD, since: "1.6.0" },
    ...{ version: "org.matrix.msc4039", rust: "capability" },
  },
  "org.matrix.msc4039.upload_file": {
    ...{ method: "uploadFile", capability: UPLOAD, since: "1.6.0" },
    ...{ version: "org.matrix.msc4039", rust: "capability" },
  },
  "org.matrix.msc4039.download_file": {
    ...{ method: "downloadFile", capability: "org.matrix.msc4039.download_file", since: "1.9.0" },
    ...{ version: "org.matrix.msc4039", rust: true },
  },
  "org.matrix.msc4515.get_rtc_transports": {
    ...{ method: "rtcTransports", capability: "org.matrix.msc4515.rtc_transports", since: "1.18.0" },
    ...{ version: "org.matrix.msc4515", rust: true },
  },
  "org.matrix.msc4533.rtc_livekit_get_token": {
    ...{ method: "livekitToken", capability: `${LIVEKIT}_get_token`, since: "1.19.0" },
    ...{ version: "org.matrix.msc4533", rust: "unsupported" },
  },
  "org.matrix.msc4533.rtc_livekit_delegate_delayed_leave": {
    ...{ method: "delegateLeave", capability: `${LIVEKIT}_delegate_delayed_leave`, since: "1.19.0" },
    ...{ version: "org.matrix.msc4533", rust: "unsupported" },
  },
  "m.sticker": { method: "sendSticker", host: "m.sticker", client: true, rust: "host" },
  set_always_on_screen: {
    ...{ method: "setAlwaysOnScreen", host: "m.always_on_screen", client: true, rust: "host" },
  },
  open_modal: { method: "openModal", client: true, rust: "host" },
  close_modal: { method: "closeModal", client: true, rust: "host" },
  set_button_enabled: { method: "setModalButtonEnabled", client: true, rust: "host" },
  "io.element.join": { method: "request", client: true, rust: "host" },
  "im.vector.hangup": { method: "request", client: true, rust: "host" },
  "io.element.close": { method: "request", client: true, rust: "host" },
  "io.element.device_mute": { method: "request", client: true, rust: "host" },
};

/** What a host asks: its answer where the page does not give one, and whether the page hears of it (`event`). */
const acknowledged = { event: true, answer: "`{}`" };
const refused = { event: true, answer: "an error" };

export const TO_WIDGET = {
  supported_api_versions: { answer: "the versions that this module speaks" },
  capabilities: { answer: "what the page has asked for" },
  notify_capabilities: { answer: "`{}`" },
  visibility: acknowledged,
  theme_change: acknowledged,
  language_change: acknowledged,
  send_event: acknowledged,
  update_state: acknowledged,
  send_to_device: acknowledged,
  openid_credentials: { event: true, answer: "`{}` to those that were asked for, else an error" },
  update_turn_servers: { event: true, answer: "`{}` while they are watched, else an error" },
  widget_config: acknowledged,
  button_clicked: refused,
  close_modal: refused,
  screenshot: refused,
};
