/**
 * The demo's widget page: schedules futures, shows them with their countdown, and has a button for each verb. "Join
 * call" does what a MatrixRTC client does: it schedules its own leave first and announces itself only then.
 */
import { capability, connect, type Future, WidgetError } from "/widget-futures/index.js";

const CALL_MEMBER = "org.matrix.msc3401.call.member";
const TICK_MS = 250;

const params = new URLSearchParams(location.search);
const roomId = params.get("roomId") ?? undefined;
const ownKey = `_${params.get("userId")}_${params.get("deviceId")}`;

const client = connect({
  roomId,
  homeserverUrl: params.get("baseUrl") ?? undefined,
  dialect: (params.get("dialect") as "auto" | "futures" | null) ?? "auto",
  capabilities: [capability.sendState(CALL_MEMBER, ownKey), capability.sendEvent("m.room.message")],
});

function element<T extends HTMLElement = HTMLInputElement>(id: string): T {
  return document.getElementById(id) as T;
}

// ---------------------------------------------------------------- scheduling

interface EventFields {
  type: string;
  content: Record<string, unknown>;
  stateKey?: string;
}

function eventFromForm(): EventFields {
  const key = element("key").value;
  return {
    type: element("type").value.trim(),
    content: parse(element<HTMLTextAreaElement>("content").value),
    ...(key === "" ? {} : { stateKey: key }),
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`The content is not JSON: ${(error as Error).message}`);
  }
}

/** Any type may be typed into the form, so permission for it is asked for when it is first needed. */
async function askFor({ type, stateKey }: EventFields): Promise<void> {
  const needed = stateKey === undefined ? capability.sendEvent(type) : capability.sendState(type, stateKey);
  if (type !== "" && !client.approvedCapabilities.has(needed)) await client.requestCapabilities([needed]);
}

async function schedule(event: EventFields): Promise<Future> {
  await askFor(event);
  const future = await client.sendFuture({
    ...event,
    timeoutMs: Number(element("timeout").value),
    allowUnencrypted: element("unencrypted").checked,
  });
  addRow(future, `${event.type}${event.stateKey === undefined ? "" : ` · ${event.stateKey}`}`);
  return future;
}

async function join(): Promise<void> {
  let leave = await schedule({ type: CALL_MEMBER, stateKey: ownKey, content: {} });
  const membership = {
    application: "m.call",
    call_id: "",
    device_id: params.get("deviceId"),
    scope: "m.room",
  };
  await client.sendEvent({ type: CALL_MEMBER, stateKey: ownKey, content: membership });
  if (leave.sendToken === undefined) {
    await leave.refresh();
  } else {
    // In the draft of June 2024 any new state of that key, our own join too, takes the leave with it.
    finish(leave, "replaced by the join");
    leave = await schedule({ type: CALL_MEMBER, stateKey: ownKey, content: {} });
  }
  if (element("keep").checked) keepWhilePageLives(leave);
}

function keepWhilePageLives(future: Future): void {
  const timer = setInterval(
    () => {
      if (row(future)?.outcome) clearInterval(timer);
      else verb(future, "refresh").catch(showError);
    },
    (future.timeoutMs ?? 10_000) / 3,
  );
}

// ------------------------------------------------------------------- the list

type Verb = "refresh" | "send" | "cancel";
const DONE: Record<Verb, string | undefined> = { refresh: undefined, send: "sent", cancel: "cancelled" };

interface Row {
  future: Future;
  entry: HTMLLIElement;
  clock: HTMLElement;
  outcome: string | undefined;
}
const rows: Row[] = [];
const row = (future: Future) => rows.find((candidate) => candidate.future === future);

function addRow(future: Future, title: string): void {
  const entry = document.createElement("li");
  const clock = document.createElement("span");
  clock.className = "clock";
  const verbs = document.createElement("div");
  verbs.className = "verbs";
  for (const name of ["refresh", "send", "cancel"] as const) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = name[0]?.toUpperCase() + name.slice(1);
    button.onclick = () => attempt(() => verb(future, name));
    verbs.append(button);
  }
  entry.append(clock, title, verbs);
  if (rows.length === 0) element("futures").replaceChildren();
  element("futures").prepend(entry);
  rows.unshift({ future, entry, clock, outcome: undefined });
  tick();
}

async function verb(future: Future, name: Verb): Promise<void> {
  try {
    await future[name]();
    finish(future, DONE[name]);
  } catch (error) {
    if (error instanceof WidgetError && error.code === "spent") finish(future, "gone");
    throw error;
  } finally {
    tick();
  }
}

function finish(future: Future, outcome: string | undefined): void {
  const found = row(future);
  if (!found || outcome === undefined || found.outcome) return;
  found.outcome = outcome;
  for (const button of found.entry.querySelectorAll("button")) button.disabled = true;
}

function tick(): void {
  for (const { future, clock, outcome } of rows) clock.textContent = outcome ?? countdown(future);
}

function countdown({ expiresAt }: Future): string {
  if (expiresAt === undefined) return "on request";
  const left = Math.ceil((expiresAt - Date.now()) / 1000);
  return left > 0 ? `in ${left} s` : "time is up";
}

// --------------------------------------------------------------------- the page

async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    element("error").textContent = "";
    await work();
  } catch (error) {
    showError(error);
  }
}

function showError(error: unknown): void {
  const code = error instanceof WidgetError ? ` (${error.code})` : "";
  element("error").textContent = `${error instanceof Error ? error.message : String(error)}${code}`;
}

element("key").value = ownKey;
element("join").onclick = () => attempt(join);
element("now").onclick = () =>
  attempt(async () => {
    const event = eventFromForm();
    await askFor(event);
    await client.sendEvent(event);
  });
element<HTMLFormElement>("form").onsubmit = (event) => {
  event.preventDefault();
  attempt(() => schedule(eventFromForm()));
};
client.addEventListener("sentimmediately", (event) => {
  showError(new Error(`This host sent the future at once, as event ${event.detail.eventId}.`));
});

client.ready.then(
  () => {
    element("status").textContent = `Connected; futures are asked for in the dialect "${client.dialect}".`;
    for (const id of ["join", "schedule", "now"]) element<HTMLButtonElement>(id).disabled = false;
  },
  (error) => {
    element("status").textContent = "Not connected.";
    showError(error);
  },
);
setInterval(tick, TICK_MS);
