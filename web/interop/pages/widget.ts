/**
 * The widget of the interop cases: the one of the browser tests, and beside it what keeps futures and holds states under
 * a name and writes down, with the time, whatever the page was told about them.
 */
import type * as wf from "/widget-futures/index.js";
import "../../test/pages/widget/widget.js";

type Outcome = { ok: boolean; value?: unknown };

const base = window as unknown as {
  client: wf.WidgetClient;
  futures: Record<string, wf.Future>;
  outcome(work: () => unknown): Promise<Outcome>;
  describeFuture(future: wf.Future): object;
};

/** One thing the page was told. */
interface Entry {
  t: number;
  name: string;
  event: "statuschange" | "rearmed";
  status: string;
  expiresAt?: number;
  timeoutMs?: number;
  error?: { code: string; message: string; errcode?: string; httpStatus?: number };
}

const log: Entry[] = [];
const kept: Record<string, wf.KeepAlive> = {};
const holds: Record<string, wf.Hold> = {};

function write(name: string, event: Entry["event"], kept: wf.KeepAlive | wf.Hold): void {
  const { status, expiresAt } = kept;
  const error = kept.error as (wf.WidgetError & { errcode?: string; httpStatus?: number }) | undefined;
  log.push({
    t: Date.now(),
    name,
    event,
    status,
    expiresAt,
    timeoutMs: "timeoutMs" in kept ? kept.timeoutMs : undefined,
    error: error && {
      code: error.code,
      message: error.message,
      errcode: error.errcode,
      httpStatus: error.httpStatus,
    },
  });
}

/** Keeps a future of the page alive, under the future's name. */
function keep(name: string, options?: wf.KeepAliveOptions): Promise<Outcome> {
  return base.outcome(() => {
    const future = base.futures[name];
    if (!future) throw new Error(`the case has scheduled no future "${name}"`);
    kept[name] = future.keepAlive(options);
    kept[name].addEventListener("statuschange", () =>
      write(name, "statuschange", kept[name] as wf.KeepAlive),
    );
    write(name, "statuschange", kept[name]);
  });
}

/** Holds a state under a name; tells what the hold knows once it is held. */
function hold(name: string, spec: wf.HoldSpec, options?: wf.CallOptions): Promise<Outcome> {
  return base.outcome(async () => {
    const held = await base.client.holdState(spec, options);
    holds[name] = held;
    for (const event of ["statuschange", "rearmed"] as const)
      held.addEventListener(event, () => write(name, event, held));
    write(name, "statuschange", held);
    return describeHold(name);
  });
}

function describeHold(name: string) {
  const held = holds[name] as wf.Hold;
  const { status, timeoutMs, expiresAt, future } = held;
  return { status, timeoutMs, expiresAt, future: future && base.describeFuture(future) };
}

function describeKept(name: string) {
  const { status, expiresAt } = kept[name] as wf.KeepAlive;
  return { status, expiresAt };
}

function update(name: string, content: object): Promise<Outcome> {
  return base.outcome(() => holds[name]?.update(content as never));
}

function release(name: string, options?: wf.CallOptions): Promise<Outcome> {
  return base.outcome(() => holds[name]?.release(options));
}

function stop(name: string): void {
  kept[name]?.stop();
}

/** When this page ended, for a host that hears it. */
addEventListener("pagehide", () => parent.postMessage({ pagehide: Date.now() }, "*"));

Object.assign(window, { interop: { log, keep, hold, describeHold, describeKept, update, release, stop } });
