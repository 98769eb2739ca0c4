/**
 * A widget that is matrix-js-sdk as npm has it, set up as Element Call does, around the `matrix-widget-api` that it was
 * bundled with: the original, or ours in its place. What js-sdk says of itself is written down; what a test cannot carry
 * out of the page (errors, sessions) stays here or is turned into plain data.
 */
import * as sdk from "matrix-js-sdk";
import {
  type JoinSessionConfig,
  type MatrixRTCSession,
  MatrixRTCSessionEvent,
  MembershipManagerEvent,
} from "matrix-js-sdk/lib/matrixrtc/index.js";
import * as widgetApi from "matrix-widget-api";

interface Options {
  roomId: string;
  userId: string;
  deviceId: string;
  baseUrl: string;
  /** Capabilities in place of Element Call's, by their names in js-sdk. */
  capabilities?: sdk.ICapabilities;
  /** Whether js-sdk says `content_loaded`. */
  contentLoaded: boolean;
  timeoutSeconds?: number;
}

type Outcome = { ok: true; value?: unknown } | ({ ok: false } & ErrorFields);

interface ErrorFields {
  name: string;
  message: string;
  /** The classes it is an instance of, of those that js-sdk decides by. */
  classes: string[];
  errcode?: string;
  httpStatus?: number;
  retryAfterMs?: number | null;
  data?: unknown;
  cause?: ErrorFields;
}

const classes = {
  MatrixError: sdk.MatrixError,
  HTTPError: sdk.HTTPError,
  ConnectionError: sdk.ConnectionError,
  UnsupportedDelayedEventsEndpointError: sdk.UnsupportedDelayedEventsEndpointError,
  UnsupportedStickyEventsEndpointError: sdk.UnsupportedStickyEventsEndpointError,
  WidgetApiResponseError: widgetApi.WidgetApiResponseError,
};

const query = new URLSearchParams(location.search);
const options: Options = JSON.parse(query.get("options") ?? "{}");
const { roomId, userId, deviceId } = options;
const log: { t: number; what: string; detail: unknown }[] = [];

function write(what: string, detail: unknown): void {
  log.push({
    t: Date.now(),
    what,
    detail: detail === undefined ? undefined : JSON.parse(JSON.stringify(detail)),
  });
}

/** What Element Call asks for. */
const elementCall: sdk.ICapabilities = {
  sendEvent: ["org.matrix.msc4075.rtc.notification"],
  receiveEvent: ["io.element.call.reaction", "m.reaction", "org.matrix.msc4143.rtc.member"],
  sendState: [userId, `_${userId}_${deviceId}_m.call`, `${userId}_${deviceId}_m.call`].map((stateKey) => ({
    eventType: "org.matrix.msc3401.call.member",
    stateKey,
  })),
  receiveState: [
    { eventType: "m.room.create" },
    { eventType: "m.room.name" },
    { eventType: "m.room.member" },
    { eventType: "m.room.encryption" },
    { eventType: "org.matrix.msc3401.call.member" },
  ],
  sendToDevice: ["io.element.call.encryption_keys"],
  receiveToDevice: ["io.element.call.encryption_keys"],
  turnServers: false,
  sendDelayedEvents: true,
  updateDelayedEvents: true,
};

// Where the wasm is: that alone a page has to say that puts ours in the place of the original.
if ("configure" in widgetApi)
  (widgetApi.configure as (options: object) => void)({ wasm: "/widget-futures/widget-futures.wasm" });

const api = new widgetApi.WidgetApi(query.get("widgetId"), new URL(query.get("parentUrl") ?? "").origin);
if (options.timeoutSeconds !== undefined) api.transport.timeoutSeconds = options.timeoutSeconds;
api.on("ready", () => write("ready", undefined));
const untouched = { send: api.transport.send, sendComplete: api.transport.sendComplete };

const client = sdk.createRoomWidgetClient(
  api,
  { ...elementCall, ...options.capabilities },
  roomId,
  {
    ...{ baseUrl: options.baseUrl, userId, deviceId, timelineSupport: true, useE2eForGroupCall: true },
    // The default one reads localStorage, which throws in a frame of another site where those are kept apart.
    store: new sdk.MemoryStore(),
  },
  options.contentLoaded,
);
client.on(sdk.ClientEvent.Sync, (state) => write("sync", state));
client.on(sdk.ClientEvent.Event, (event) => write("event", event.event));
client.on(sdk.RoomStateEvent.Events, (event) => write("state", event.event));
client.on(sdk.ClientEvent.ToDeviceEvent, (event) => write("toDevice", event.event));
client.on(sdk.ClientEvent.TurnServers, (servers) => write("turnServers", servers));

const starting = outcome(() => client.startClient());
const started = () => starting;
let session: MatrixRTCSession | undefined;

/** The session of the room; what it says is written down from the first time on. */
function theSession(): MatrixRTCSession {
  if (session) return session;
  const room = client.getRoom(roomId);
  if (!room) throw new Error("js-sdk does not know the room yet");
  session = client.matrixRTC.getRoomSession(room);
  session.on(MatrixRTCSessionEvent.MembershipsChanged, () => write("memberships", members()));
  session.on(MatrixRTCSessionEvent.JoinStateChanged, (joined) => write("joined", joined));
  session.on(MatrixRTCSessionEvent.EncryptionKeyChanged, (_key, index, { userId, deviceId }) =>
    write("key", { index, userId, deviceId }),
  );
  session.on(MatrixRTCSessionEvent.MembershipManagerError, (error) => write("failed", describe(error)));
  session.on(MatrixRTCSessionEvent.DidSendCallNotification, (content) => write("notified", content));
  session.on(MembershipManagerEvent.StatusChanged, (_old, status) => write("status", status));
  session.on(MembershipManagerEvent.ProbablyLeft, (left) => write("probablyLeft", left));
  session.on(MembershipManagerEvent.DelayIdChanged, (id) => write("delayId", id));
  return session;
}

/** Who js-sdk believes to be in the session. */
function members(): string[] {
  return theSession().memberships.map(({ userId, deviceId }) => `${userId}:${deviceId}`);
}

/** Joins as Element Call does: where memberships are sticky events, each member names its own transport. */
function join(config: JoinSessionConfig): Promise<Outcome> {
  const transport = {
    type: "livekit",
    livekit_service_url: "https://sfu.example.org",
    livekit_alias: roomId,
  };
  const me = { userId, deviceId, memberId: `${userId}:${deviceId}` };
  const transports = config.unstableSendStickyEvents
    ? ([[], transport] as const)
    : ([[transport], undefined] as const);
  return outcome(() => theSession().joinRTCSession(me, [...transports[0]], transports[1], config));
}

function leave(timeoutMs?: number): Promise<Outcome> {
  return outcome(() => theSession().leaveRoomSession(timeoutMs));
}

/** Calls a method of js-sdk's client, or of the WidgetApi below it, by its name. */
function call(target: "client" | "api", method: string, ...args: unknown[]): Promise<Outcome> {
  const object = { client, api }[target] as unknown as Record<string, (...args: unknown[]) => unknown>;
  return outcome(() => object[method]?.(...args));
}

/** The state of the room as js-sdk has it, of one type. */
function state(type: string): unknown[] {
  const events = client.getRoom(roomId)?.currentState.getStateEvents(type) ?? [];
  return events.map(({ event }) => event);
}

async function outcome(work: () => unknown): Promise<Outcome> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, ...describe(error) };
  }
}

function describe(error: unknown): ErrorFields {
  const { name, message, errcode, httpStatus, data, cause } = error as Record<string, never>;
  return {
    name,
    message,
    classes: Object.entries(classes).flatMap(([name, type]) => (error instanceof type ? [name] : [])),
    errcode,
    httpStatus,
    retryAfterMs: error instanceof sdk.MatrixError ? error.getRetryAfterMs() : undefined,
    data,
    cause: cause && describe(cause),
  };
}

Object.assign(window, {
  jsSdk: {
    api,
    client,
    log,
    started,
    members,
    join,
    leave,
    call,
    state,
    untouched,
    stop: () => client.stopClient(),
  },
});
