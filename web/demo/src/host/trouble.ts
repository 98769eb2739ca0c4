/** What a person can do on the host page to make the widget's life hard, and how it is undone. */
import { CALL_MEMBER } from "../shared/call-member.js";
import type { Connection } from "./connection.js";
import { element, fillSelect, sentence, setStatus } from "./dom.js";
import type { Link } from "./host.js";
import type { SlotState, WidgetSlot } from "./slot.js";

/** How long trouble lasts that ends by itself; `?seconds=` makes it shorter or longer. */
export const TROUBLE_SECONDS = Number(new URLSearchParams(location.search).get("seconds")) || 15;

/** The choices of the way between host and widget. */
const LINKS: readonly (readonly [name: string, words: string, link: Link])[] = [
  ["good", "all arrive", { loss: 0, lateMs: 0 }],
  ["lossy", "3 in 10 get lost", { loss: 0.3, lateMs: 0 }],
  ["slow", "those to the widget come 3 s late", { loss: 0, lateMs: 3000 }],
  ["cut", "none arrives", { loss: 1, lateMs: 0 }],
];

/** Does what a button asks for; what goes wrong is told as a sentence. */
export function onPress(id: string, work: () => unknown): void {
  element(id).onclick = async () => {
    try {
      await work();
    } catch (error) {
      setStatus(sentence(error));
    }
  };
}

export interface Trouble {
  /** Offers only what can happen to the widget as it is. */
  slotIs(state: SlotState): void;
  /** There may be no moderator at another homeserver. */
  connected(connection: Connection): void;
}

export function offerTrouble(slot: WidgetSlot): Trouble {
  let connection: Connection | undefined;
  let frozen = false;
  let state: SlotState = "none";
  const offer = () => {
    const alive = state === "ready" || state === "loading";
    enable(["crash", alive], ["freeze", alive && !frozen], ["remove", state !== "none"]);
    enable(["away", alive], ["reload", alive], ["back", state === "away"]);
    enable(["kick", connection?.moderator !== undefined]);
  };

  element("freeze").textContent = `Freeze it ${TROUBLE_SECONDS} s`;
  onPress("remove", () => slot.remove());
  onPress("crash", () => slot.crash());
  onPress("away", () => slot.navigateAway());
  onPress("back", () => slot.reload());
  onPress("reload", () => slot.reload());
  onPress("freeze", async () => {
    frozen = true;
    offer();
    await slot.freeze(1000 * TROUBLE_SECONDS);
    frozen = false;
    offer();
    if (state === "ready") setStatus("The widget is awake again.");
  });
  onPress("kick", async () => {
    const { moderator, roomId, userId, deviceId } = connection ?? {};
    if (!moderator || !roomId) return;
    await moderator.sendEvent(
      roomId,
      CALL_MEMBER,
      { reason: "ended by the moderator" },
      `_${userId}_${deviceId}`,
    );
    setStatus("The moderator has ended the membership.");
  });
  const links = fillSelect(
    "link",
    LINKS.map(([name, words]) => [name, words] as const),
  );
  links.onchange = () => {
    const [, words, link] = LINKS[links.selectedIndex] ?? [];
    Object.assign(slot.link, link);
    setStatus(`Of the messages between widget and client: ${words}.`);
  };
  return {
    slotIs(now) {
      state = now;
      offer();
    },
    connected(now) {
      connection = now;
      offer();
    },
  };
}

function enable(...states: [id: string, enabled: boolean][]): void {
  for (const [id, enabled] of states) element<HTMLButtonElement>(id).disabled = !enabled;
}
