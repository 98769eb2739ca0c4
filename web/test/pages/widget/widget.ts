/**
 * The widget under test. With `?auto=1` it connects while its script first runs, as a widget should, with the options
 * given as JSON in `?options=`, and answers the actions in `?listen=`; otherwise a test calls `window.start(options)`. What a test cannot carry out of the page
 * (futures, errors) stays here behind a name or is turned into plain data.
 */
import * as wf from "/widget-futures/index.js";
import { inspect } from "../../inspect.js";

type Outcome = { ok: true; value?: unknown } | ({ ok: false } & Record<string, unknown>);

const EVENTS = ["statuschange", "capabilities", "sentimmediately", "orphaned", "closed"];
const ERROR_FIELDS = [
  "name code message hint action requestId missing errcode httpStatus retryAfterMs maxDelayMs body",
  "eventId roomId deadlineMs",
]
  .join(" ")
  .split(" ");

/** The error classes; a subclass is told by `instanceof`. */
const classes = {
  WidgetError: wf.WidgetError,
  WidgetMatrixError: wf.WidgetMatrixError,
  WidgetHostError: wf.WidgetHostError,
  WidgetCapabilityError: wf.WidgetCapabilityError,
  WidgetUnsupportedError: wf.WidgetUnsupportedError,
  WidgetSentImmediatelyError: wf.WidgetSentImmediatelyError,
  WidgetSpentError: wf.WidgetSpentError,
  WidgetTimeoutError: wf.WidgetTimeoutError,
};

const seen: unknown[] = [];
const futures: Record<string, wf.Future> = {};
const keeps: Record<string, wf.KeepAlive> = {};
const holds: Record<string, wf.Hold> = {};
/** What every keepAlive and hold has told, with the time of the page's wall clock. */
const kept: { at: number; name: string; event: string; detail: unknown; error?: unknown }[] = [];
const params = new URLSearchParams(location.search);
let client: wf.WidgetClient;

function start(options: wf.ConnectOptions = {}): void {
  client = wf.connect(options);
  for (const name of EVENTS)
    client.addEventListener(name, (event) => record(name, (event as CustomEvent).detail));
  Object.assign(window, { client });
  for (const action of params.get("listen")?.split(" ") ?? []) listen(action, {});
}

function record(name: string, detail: unknown): void {
  if (name === "orphaned") {
    const { future } = detail as { future: wf.Future };
    futures.orphan = future;
    seen.push({ name, detail: describeFuture(future) });
    return;
  }
  seen.push({ name, detail: plain(detail) });
}

/** Listens to requests of the host for one action; answers them with `reply` if there is one. */
function listen(action: string, reply?: object): void {
  client.addEventListener(`action:${action}`, (event) => {
    seen.push({ name: `action:${action}`, detail: plain(event.detail) });
    if (reply !== undefined) event.reply(reply);
  });
}

async function outcome(work: () => unknown): Promise<Outcome> {
  try {
    return { ok: true, value: plain(await work()) };
  } catch (error) {
    return { ok: false, ...describeError(error) };
  }
}

const ready = () => outcome(() => client.ready);

/** Calls a method of the client by its name. */
function call(method: string, ...args: unknown[]): Promise<Outcome> {
  return outcome(() =>
    (client as unknown as Record<string, (...args: unknown[]) => unknown>)[method]?.(...args),
  );
}

/** Schedules a future and keeps it under a name. */
function schedule(name: string, spec: wf.FutureSpec, opts?: wf.CallOptions): Promise<Outcome> {
  return outcome(async () => {
    futures[name] = await client.sendFuture(spec, opts);
    return describeFuture(futures[name]);
  });
}

function verb(name: string, method: "refresh" | "cancel" | "send"): Promise<Outcome> {
  return outcome(() => future(name)[method]());
}

/** Keeps a future alive that is known by its name; the keepAlive has the same one. */
function keep(name: string, opts?: wf.KeepAliveOptions): Promise<Outcome> {
  return outcome(() => {
    const keepAlive = future(name).keepAlive(opts);
    keeps[name] = keepAlive;
    keepAlive.addEventListener("statuschange", ({ detail }) =>
      logKept(name, "statuschange", detail, keepAlive),
    );
    return describeKeep(keepAlive);
  });
}

function stop(name: string): Promise<Outcome> {
  return outcome(() => {
    const keepAlive = named(keeps, name);
    keepAlive.stop();
    return describeKeep(keepAlive);
  });
}

/** Holds a state under a name; `futures[name]` is its leave as it is now. */
function hold(name: string, spec: wf.HoldSpec, opts?: wf.CallOptions): Promise<Outcome> {
  return outcome(async () => {
    const held = await client.holdState(spec, opts);
    holds[name] = held;
    const show = () => {
      if (held.future) futures[name] = held.future;
    };
    held.addEventListener("statuschange", ({ detail }) => logKept(name, "statuschange", detail, held));
    held.addEventListener("rearmed", ({ detail }) => {
      show();
      logKept(name, "rearmed", describeFuture(detail), held);
    });
    show();
    return describeHold(held);
  });
}

function holdVerb(
  name: string,
  method: "update" | "release",
  ...args: [wf.CallOptions?] | [Record<string, unknown>, wf.CallOptions?]
): Promise<Outcome> {
  return outcome(() => {
    const held = named(holds, name);
    return method === "update"
      ? held.update(args[0] as Record<string, unknown>, args[1])
      : held.release(args[0] as wf.CallOptions);
  });
}

function logKept(name: string, event: string, detail: unknown, { error }: { error?: unknown }): void {
  kept.push({ at: Date.now(), name, event, detail, error: error && describeError(error) });
}

function describeKeep({ status, expiresAt, error }: wf.KeepAlive) {
  return { status, expiresAt, error: error && describeError(error) };
}

function describeHold({ status, expiresAt, timeoutMs, error, future }: wf.Hold) {
  return {
    ...{ status, expiresAt, timeoutMs, error: error && describeError(error) },
    future: future && describeFuture(future),
  };
}

function save(name: string): unknown {
  return plain(future(name).save());
}

function resume(name: string, saved: wf.SavedFuture): Promise<Outcome> {
  return outcome(() => {
    futures[name] = client.resumeFuture(saved);
    return describeFuture(futures[name]);
  });
}

const future = (name: string) => named(futures, name);

function named<T>(things: Record<string, T>, name: string): T {
  const found = things[name];
  if (!found) throw new Error(`the test has made nothing of the name "${name}"`);
  return found;
}

/** With its secrets: a test compares them with what the homeserver and the wire know. */
function describeFuture(future: wf.Future) {
  const { roomId, groupId, delayId, sendToken, cancelToken, refreshToken, timeoutMs, dialect, expiresAt } =
    future;
  return { roomId, groupId, delayId, sendToken, cancelToken, refreshToken, timeoutMs, dialect, expiresAt };
}

function describeError(error: unknown): Record<string, unknown> {
  const fields = error as Record<string, unknown>;
  const known = Object.fromEntries(ERROR_FIELDS.map((name) => [name, plain(fields?.[name])]));
  const matching = Object.entries(classes).filter(([, Class]) => error instanceof Class);
  return { ...known, classes: matching.map(([name]) => name) };
}

function plain(value: unknown): unknown {
  if (value instanceof Set) return [...value];
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

const own = {
  wf,
  inspect: () => inspect(wf.__debug, client),
  start,
  seen,
  futures,
  keeps,
  holds,
  kept,
  listen,
  outcome,
  ready,
  call,
  schedule,
  verb,
  keep,
  stop,
  hold,
  holdVerb,
  describeKeep,
  describeHold,
  save,
  resume,
  describeFuture,
};
Object.assign(window, own, { ownNames: [...Object.keys(own), "ownNames", "client"] });

if (params.get("auto") === "1") start(JSON.parse(params.get("options") ?? "{}"));
