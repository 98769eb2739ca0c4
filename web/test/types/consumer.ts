// Compiled by test/unit/types.test.mjs against the built declarations, with library checks on, as a widget's author
// compiles against the package. It is never run.
import {
  capability,
  connect,
  type Future,
  type Hold,
  type HoldSpec,
  type HoldStatus,
  type KeepAlive,
  type KeepAliveOptions,
  type KeepStatus,
  type SavedFuture,
  WidgetCapabilityError,
  WidgetError,
  WidgetMatrixError,
  WidgetSentImmediatelyError,
} from "widget-futures";

interface Membership {
  application: string;
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
  client.addEventListener("action:theme_change", (event) => event.reply({ ok: event.detail !== null }));
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
