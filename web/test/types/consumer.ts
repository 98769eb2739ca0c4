// Compiled by test/unit/types.test.mjs against the built declarations, with library checks on, as a widget's author
// compiles against the package. It is never run.
import {
  type CapabilityHelpers,
  capability,
  connect,
  type Future,
  type Hold,
  type HoldSpec,
  type HoldStatus,
  type HostRequests,
  type KeepAlive,
  type KeepAliveOptions,
  type KeepStatus,
  type OpenIdCredentials,
  type ParsedCapability,
  parseCapability,
  type RoomEvent,
  type SavedFuture,
  type TurnServer,
  WidgetCapabilityError,
  WidgetError,
  WidgetMatrixError,
  WidgetSentImmediatelyError,
} from "widget-futures";

interface Membership {
  application: string;
}

export function everyCapability(): string[] {
  const helpers: CapabilityHelpers = capability;
  const all: Record<keyof CapabilityHelpers, string> = {
    sendEvent: helpers.sendEvent("m.room.message", "m.text"),
    receiveEvent: helpers.receiveEvent("m.reaction"),
    sendState: helpers.sendState("m.room.topic", ""),
    receiveState: helpers.receiveState("m.room.topic"),
    sendToDevice: helpers.sendToDevice("m.x"),
    receiveToDevice: helpers.receiveToDevice("m.x"),
    receiveAccountData: helpers.receiveAccountData("m.x"),
    timeline: helpers.timeline("*"),
    sendDelayed: helpers.sendDelayed(),
    updateDelayed: helpers.updateDelayed(),
    sendSticky: helpers.sendSticky(),
    receiveSticky: helpers.receiveSticky(),
    rtcTransports: helpers.rtcTransports(),
    livekitToken: helpers.livekitToken(),
    delegateLeave: helpers.delegateLeave(),
    uploadFile: helpers.uploadFile(),
    downloadFile: helpers.downloadFile(),
    screenshot: helpers.screenshot(),
    sticker: helpers.sticker(),
    alwaysOnScreen: helpers.alwaysOnScreen(),
    requiresClient: helpers.requiresClient(),
    navigate: helpers.navigate(),
    turnServers: helpers.turnServers(),
    userDirectory: helpers.userDirectory(),
    visibility: helpers.visibility(),
  };
  // @ts-expect-error there is nothing to narrow a to-device message by
  helpers.sendToDevice("m.x", "key");
  // @ts-expect-error a room has an id
  helpers.timeline();
  // @ts-expect-error state keys are strings
  helpers.sendState("m.x", 5);
  return Object.values(all);
}

/** Each kind of capability tells what it has, and the compiler knows that there is no other. */
export function everyParsed(text: string): string | undefined {
  const parsed: ParsedCapability | undefined = parseCapability(text);
  switch (parsed?.kind) {
    case "event":
      return parsed.direction + parsed.type + (parsed.msgtype ?? "");
    case "state":
      return parsed.direction + parsed.type + (parsed.stateKey ?? "");
    case "toDevice":
    case "accountData":
      return parsed.direction + parsed.type;
    case "timeline":
      return parsed.roomId;
    case "delayed":
    case "sticky":
      return parsed.direction;
    case undefined:
      return undefined;
    case "updateDelayed":
    case "rtcTransports":
    case "livekitToken":
    case "delegateLeave":
    case "uploadFile":
    case "downloadFile":
    case "screenshot":
    case "sticker":
    case "alwaysOnScreen":
    case "requiresClient":
    case "navigate":
    case "turnServers":
    case "userDirectory":
    case "visibility": {
      // @ts-expect-error what is allowed as a whole has no type
      parsed.type;
      return parsed.kind;
    }
    default: {
      const none: never = parsed;
      return none;
    }
  }
}

export async function everyPublicCall(signal: AbortSignal): Promise<void> {
  const client = connect({
    widgetId: "w",
    hostOrigin: "https://client.example.org",
    roomId: "!r:example.org",
    homeserverUrl: "https://example.org",
    dialect: "auto",
    tokenPath: "/x/{token}",
    capabilities: new Set([capability.sendState("m.x", "key"), capability.timeline("*")]),
    contentLoaded: "manual",
    deadlineMs: 1,
    handshakeTimeoutMs: 1,
    maxInFlight: 1,
    wasm: new URL("https://example.org/x.wasm"),
    wasmIntegrity: "sha256-",
    signal,
  });
  await client.ready;
  client.addEventListener("capabilities", (event) => event.detail.has("x"));
  client.addEventListener("sentimmediately", (event) => event.detail.eventId.length);
  client.addEventListener("orphaned", (event) => event.detail.future.cancel());
  client.addEventListener("statuschange", (event) => event.detail === "ready");
  client.addEventListener("action:org.example.own", (event) => event.reply({ ok: event.detail !== null }));
  const sent = await client.sendEvent<Membership>(
    { type: "m.x", stateKey: "", content: { application: "m.call" } },
    { signal, deadlineMs: 5 },
  );
  const ids: [string, string] = [sent.roomId, sent.eventId];
  const future: Future = await client.sendFuture({
    type: "m.x",
    stateKey: ids[0],
    content: {},
    timeoutMs: 8000,
  });
  const until: number | undefined = future.expiresAt;
  await future.refresh({ signal });
  const saved: SavedFuture = future.save();
  await client.resumeFuture(saved).send();
  const options: KeepAliveOptions = { everyMs: 2000, attemptDeadlineMs: 1500, overlap: 3, signal };
  const kept: KeepAlive = future.keepAlive(options);
  kept.addEventListener("statuschange", (event) => event.detail === "atRisk");
  const status: KeepStatus = kept.status;
  kept.expiresAt?.toFixed();
  kept.error?.code.length;
  kept.stop();
  using stopped = future.keepAlive();
  stopped.toJSON().status.length;
  const spec: HoldSpec<Membership> = {
    type: "m.x",
    stateKey: "@u:example.org",
    content: { application: "m.call" },
    leaveContent: {},
    timeoutMs: 8000,
    refreshMs: 2000,
    roomId: "!r:example.org",
    leaveOnPageHide: true,
    withoutFuture: false,
  };
  const hold: Hold<Membership> = await client.holdState(spec, { signal, deadlineMs: 5 });
  hold.addEventListener("rearmed", (event) => event.detail.refresh());
  hold.addEventListener("statuschange", (event) => event.detail === "displaced");
  const stands: HoldStatus = hold.status;
  hold.future?.expiresAt?.toFixed();
  hold.error?.hint?.length;
  await hold.update({ application: status + stands }, { signal, deadlineMs: hold.timeoutMs });
  await hold.release({ deadlineMs: hold.expiresAt });
  await using released = await client.holdState({ type: "m.x", stateKey: "", content: {}, timeoutMs: 1 });
  released.toJSON().timeoutMs.toFixed();
  const approved: ReadonlySet<string> = await client.requestCapabilities(["x"]);
  const answer: unknown = await client.request("get_openid", { until, size: approved.size });
  await client.contentLoaded();
  await client.close();
  if (answer instanceof WidgetMatrixError) answer.retryAfterMs?.toFixed();
  if (answer instanceof WidgetCapabilityError) answer.missing.join();
  if (answer instanceof WidgetSentImmediatelyError) answer.eventId.length;
  if (answer instanceof WidgetError && answer.code === "spent") return;

  // @ts-expect-error an event needs a type
  await client.sendEvent({ content: {} });
  // @ts-expect-error durations are numbers
  await client.sendFuture({ type: "m.x", content: {}, timeoutMs: "8000" });
  // @ts-expect-error there is no such dialect
  connect({ dialect: "klingon" });
  // @ts-expect-error at most three refreshes overlap
  future.keepAlive({ overlap: 4 });
  // @ts-expect-error what is held is a state event
  await client.holdState({ type: "m.x", content: {}, timeoutMs: 1 });
  // @ts-expect-error the content stays of its type
  await hold.update({ app: "m.call" });
  // @ts-expect-error a keepAlive is never displaced
  kept.status === "displaced";
  // @ts-expect-error secrets are read-only
  future.delayId = "x";
}

/** The rest of the Widget API. */
export async function everyAction(signal: AbortSignal): Promise<void> {
  const client = connect();
  const options = { signal, deadlineMs: 5 };
  await client.sendEvent({ type: "m.x", content: {}, stickyDurationMs: 60_000 }, options);
  const events: RoomEvent[] = await client.readEvents(
    { type: "m.x", stateKey: true, msgtype: "m.text", limit: 5, roomIds: ["!r:hs"], since: "$e" },
    options,
  );
  const stickyMs: number | undefined = (events[0]?.sticky ?? events[0]?.msc4354_sticky)?.duration_ms;
  const {
    events: related,
    nextBatch,
    prevBatch,
  } = await client.readRelations(
    {
      eventId: "$e",
      roomId: "!r:hs",
      relType: "m.thread",
      eventType: "m.x",
      limit: stickyMs,
      direction: "b",
    },
    options,
  );
  await client.readRelations({ eventId: related[0]?.event_id ?? "", from: nextBatch, to: prevBatch });
  const data = await client.readAccountData({ type: "m.tag", roomIds: "*" }, options);
  data[0]?.room_id.length;
  const messages = { "@u:hs": { DEVICE: { any: "thing" } } };
  const { failures } = await client.sendToDevice({ type: "m.x", encrypted: true, messages }, options);
  failures?.["@u:hs"]?.join();
  const credentials: OpenIdCredentials = await client.requestOpenId(options);
  credentials.expiresInMs?.toFixed();
  const servers: AsyncGenerator<TurnServer, void> = client.turnServers(options);
  for await (const { uris, username, password } of servers) {
    new RTCPeerConnection({ iceServers: [{ urls: uris, username, credential: password }] });
    break;
  }
  (await servers.next()).done;
  await servers.return();
  await using disposed = client.turnServers();
  disposed.next();
  await client.navigate("https://matrix.to/#/!r:hs", options);
  await client.sendSticker(
    { name: "n", description: "d", content: { url: "mxc://hs/m", info: { w: 1 } } },
    options,
  );
  const onScreen: boolean = await client.setAlwaysOnScreen(true, options);
  const buttons = [{ id: "ok", label: "OK", kind: "m.primary", disabled: onScreen }];
  await client.openModal(
    { url: "https://hs", name: "n", type: "m.custom", buttons, data: { a: 1 } },
    options,
  );
  await client.closeModal({ picked: 1 }, options);
  await client.closeModal();
  await client.setModalButtonEnabled("ok", true, options);
  const { uploadSize } = await client.mediaConfig(options);
  const uri: string = await client.uploadFile(new Blob(["x".repeat(uploadSize ?? 1)]), options);
  const file = await client.downloadFile(uri, options);
  if (file instanceof Blob) file.size.toFixed();
  const { limited, results } = await client.searchUsers({ searchTerm: "a", limit: 5 }, options);
  if (limited) results[0]?.display_name?.length;
  const [transport] = await client.rtcTransports(options);
  transport?.type.length;
  const slot = { roomId: "!r:hs", slotId: "m.call#ROOM", member: { id: "m", claimed_device_id: "D" } };
  const { jwt } = await client.livekitToken({ serverName: "hs", url: "https://l", ...slot }, options);
  await client.delegateLeave({ ...slot, delayId: jwt }, options);

  // @ts-expect-error messages are by user and device
  await client.sendToDevice({ type: "m.x", messages: { "@u:hs": "hello" } });
  // @ts-expect-error forwards or backwards
  await client.readRelations({ eventId: "$e", direction: "up" });
  // @ts-expect-error a number is no file
  await client.uploadFile(5);
  // @ts-expect-error a call has a slot
  await client.livekitToken({ url: "https://l", member: { id: "m" } });
}

/** Every request of a host that has a name. */
export function everyHostRequest(client: ReturnType<typeof connect>): void {
  client.addEventListener("action:theme_change", (event) => event.detail.name?.length);
  client.addEventListener("action:language_change", (event) => event.detail.lang.length);
  client.addEventListener("action:visibility", (event) => event.detail.visible === true);
  client.addEventListener("action:update_state", (event) => event.detail.state[0]?.state_key?.length);
  client.addEventListener("action:send_event", (event) => event.detail.sticky?.duration_ms.toFixed());
  client.addEventListener("action:send_to_device", (event) => event.detail.encrypted === true);
  client.addEventListener("action:update_turn_servers", (event) => event.detail.uris.join());
  client.addEventListener("action:openid_credentials", (event) => event.detail.original_request_id.length);
  client.addEventListener("action:widget_config", (event) => event.detail.anything);
  client.addEventListener("action:button_clicked", (event) => event.detail.id.length);
  client.addEventListener("action:close_modal", (event) => event.reply({ taken: event.detail.picked }));
  client.addEventListener("action:screenshot", (event) => event.reply({ screenshot: new Blob() }));
  const rest: { [action in keyof HostRequests]?: true } = { visibility: true };
  Object.keys(rest);

  // @ts-expect-error a screenshot is wanted
  client.addEventListener("action:screenshot", (event) => event.reply());
  // @ts-expect-error it is a language
  client.addEventListener("action:language_change", (event) => event.detail.language);
}
