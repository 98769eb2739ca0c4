/**
 * The demo's widget page: holds a call membership as a MatrixRTC client does, and schedules any other event by hand, with
 * its countdown and a button for each verb.
 */
import { capability, connect } from "/widget-futures/index.js";
import { HoldPanel } from "./hold-panel.js";
import { addRow, tickRows } from "./list.js";
import { takeOrders } from "./orders.js";
import { attempt, CALL_MEMBER, element, enable, ownKey, params, show, showError } from "./page.js";

const TICK_MS = 250;

takeOrders();
const client = connect({
  roomId: params.get("roomId") ?? undefined,
  homeserverUrl: params.get("baseUrl") ?? undefined,
  dialect: (params.get("dialect") as "auto" | "futures" | null) ?? "auto",
  capabilities: [
    capability.sendState(CALL_MEMBER, ownKey),
    capability.receiveState(CALL_MEMBER, ownKey), // so that a hold sees it when somebody else ends the membership
    capability.sendEvent("m.room.message"),
  ],
});
const panel = new HoldPanel(client);

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

async function schedule(event: EventFields): Promise<void> {
  await askFor(event);
  const future = await client.sendFuture({
    ...event,
    timeoutMs: Number(element("timeout").value),
    allowUnencrypted: element("unencrypted").checked,
  });
  addRow(future, `${event.type}${event.stateKey === undefined ? "" : ` · ${event.stateKey}`}`);
}

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
    show("status", `Connected; futures are asked for in the dialect "${client.dialect}".`);
    enable(["schedule", true], ["now", true]);
    panel.offer();
  },
  (error) => {
    show("status", "Not connected.");
    showError(error);
  },
);
setInterval(() => {
  panel.tick();
  tickRows();
}, TICK_MS);
