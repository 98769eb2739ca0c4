/** What a person can do on the host page to make the widget's life hard. */
import type { HomeserverClient } from "./homeserver-client.js";
import type { Link } from "./host.js";
import type { Config, WidgetSlot } from "./slot.js";
import { element, setStatus } from "./views.js";

export const CALL_MEMBER = "org.matrix.msc3401.call.member";

/** How long trouble lasts that ends by itself; `?seconds=` makes it shorter or longer. */
const seconds = Number(new URLSearchParams(location.search).get("seconds"));
const FREEZE_MS = 1000 * (seconds || 15);
const DOWN_MS = 1000 * (seconds || 20);

/** The choices of the way between host and widget. */
const LINKS: Record<string, Link> = {
  good: { loss: 0, lateMs: 0 },
  lossy: { loss: 0.3, lateMs: 0 },
  slow: { loss: 0, lateMs: 3000 },
  cut: { loss: 1, lateMs: 0 },
};

export interface Trouble {
  /** Whether the page itself has switched the homeserver off. */
  readonly homeserverDown: boolean;
}

export function offerTrouble(config: Config, slot: WidgetSlot, moderator: HomeserverClient): Trouble {
  let downUntil = 0;
  const trouble = {
    get homeserverDown() {
      return Date.now() < downUntil;
    },
  };
  const on = (id: string, work: () => unknown) => {
    element(id).onclick = async () => {
      try {
        await work();
      } catch (error) {
        setStatus(error instanceof Error ? error.message : String(error));
      }
    };
  };

  element("freeze").textContent = `Freeze it ${FREEZE_MS / 1000} s`;
  element("down").textContent = `Homeserver down ${DOWN_MS / 1000} s`;
  on("remove", () => slot.remove());
  on("crash", () => slot.crash());
  on("freeze", async () => {
    const button = element<HTMLButtonElement>("freeze");
    button.disabled = true;
    await slot.freeze(FREEZE_MS);
    button.disabled = false;
    setStatus("The widget is awake again.");
  });
  on("kick", async () => {
    await moderator.sendEvent(
      config.roomId,
      CALL_MEMBER,
      { reason: "ended by the moderator" },
      `_${config.userId}_${config.deviceId}`,
    );
    setStatus("The moderator has ended alice's membership.");
  });
  on("down", async () => {
    await administer({ faults: { down: "abort", forMs: DOWN_MS } });
    downUntil = Date.now() + DOWN_MS;
    countDown(downUntil);
  });
  on("forget", async () => {
    await administer({ forget: true });
    setStatus("The homeserver has forgotten what was scheduled.");
  });
  const choice = element<HTMLSelectElement>("link");
  choice.onchange = () => {
    Object.assign(slot.link, LINKS[choice.value]);
    setStatus(`The way to the widget: ${choice.selectedOptions[0]?.textContent}.`);
  };
  return trouble;
}

/** The switches of the embedded homeserver, which the demo server has on the host's own origin. */
async function administer(change: object): Promise<void> {
  const response = await fetch("homeserver", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(change),
  });
  if (!response.ok) throw new Error(`The homeserver's switches answered ${response.status}.`);
}

function countDown(until: number): void {
  const left = Math.ceil((until - Date.now()) / 1000);
  element<HTMLButtonElement>("down").disabled = left > 0;
  setStatus(left > 0 ? `The homeserver is down for another ${left} s.` : "The homeserver is back.");
  if (left > 0) setTimeout(() => countDown(until), 1000);
}
