/**
 * The demo's widget page: holds a call membership as a MatrixRTC client does, schedules any other event by hand, and shows
 * in sentences what the client tells it.
 */
import { connect, type Dialect } from "/widget-futures/index.js";
import { ByHand } from "./by-hand.js";
import { wanted } from "./capabilities.js";
import { HoldPanel } from "./hold-panel.js";
import { takeOrders } from "./orders.js";
import { element, enable, params, show } from "./page.js";
import { Permission } from "./permission.js";
import { reloadWith, takeOver } from "./reload.js";
import { tell, tellEvents } from "./told.js";
import { sentence } from "./trouble.js";

const TICK_MS = 250;

takeOrders();
const client = connect({
  roomId: params.get("roomId") ?? undefined,
  homeserverUrl: params.get("baseUrl") ?? undefined,
  dialect: (params.get("dialect") as Dialect | null) ?? "auto",
  capabilities: wanted,
});
tellEvents(client);
const permission = new Permission(client);
const panel = new HoldPanel(client);
const byHand = new ByHand(client, permission);

const saved = takeOver();
byHand.resume(saved);
if (saved.length > 0)
  tell(
    `After the reload: ${saved.length === 1 ? "a future was" : `${saved.length} futures were`} taken over.`,
  );

element("reload").onclick = () => reloadWith(byHand.save());
element("close").onclick = async () => {
  enable(["close", false]);
  await client.close();
};
client.ready.catch((error) => show("status", sentence(error)));
setInterval(() => {
  permission.tick();
  panel.tick();
  byHand.tick();
}, TICK_MS);
