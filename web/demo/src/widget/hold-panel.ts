/** The panel that holds a membership: what a MatrixRTC client does when a person joins a call, and what they see of it. */
import type { Hold, HoldStatus, WidgetClient } from "/widget-futures/index.js";
import {
  attempt,
  CALL_MEMBER,
  element,
  enable,
  ownKey,
  params,
  secondsUntil,
  sentence,
  show,
} from "./page.js";

type Mood = "none" | "good" | "warn" | "bad";

const WORDS: Record<HoldStatus, [Mood, string]> = {
  starting: ["none", "Scheduling the leave, then joining …"],
  held: ["good", "In the call. Its leave is scheduled, and kept from going out while this page lives."],
  atRisk: ["warn", "A refresh got no answer in time. There is room for more."],
  maybeExpired: [
    "warn",
    "Nothing was answered and the leave's time is over: the homeserver may have sent it.",
  ],
  lost: ["warn", "The homeserver has no leave any more: scheduling a new one."],
  failed: ["bad", "It cannot be held any longer."],
  displaced: ["bad", "Somebody else ended this membership; nobody is fought over it."],
  released: ["none", "Left: the leave is in the room."],
};
const FINAL: readonly HoldStatus[] = ["failed", "displaced", "released"];

const membership = (hand?: string) => ({
  application: "m.call",
  call_id: "",
  device_id: params.get("deviceId"),
  scope: "m.room",
  ...(hand ? { hand } : {}),
});

export class HoldPanel {
  private hold: Hold | undefined;
  private giveUp: AbortController | undefined;
  private rearmed = 0;
  private handIsUp = false;

  constructor(private readonly client: WidgetClient) {
    element("join").onclick = () => attempt(() => this.join());
    element("update").onclick = () => attempt(() => this.update());
    element("release").onclick = () => attempt(() => this.release());
  }

  /** The client is ready: people may join. */
  offer(): void {
    enable(["join", true]);
  }

  private async join(): Promise<void> {
    this.hold = undefined;
    this.rearmed = 0;
    this.handIsUp = false;
    this.giveUp = new AbortController();
    this.become("starting");
    try {
      const hold = await this.client.holdState(
        {
          type: CALL_MEMBER,
          stateKey: ownKey,
          content: membership(),
          timeoutMs: Number(element("hold-timeout").value),
        },
        { signal: this.giveUp.signal },
      );
      this.hold = hold;
      hold.addEventListener("statuschange", () => this.become(hold.status));
      hold.addEventListener("rearmed", () => {
        this.rearmed++;
        this.tick();
      });
      this.become(hold.status);
    } catch (error) {
      this.become("failed");
      if (!this.giveUp.signal.aborted) throw error;
      show("hold-status", "not in the call");
      show("hold-text", "You gave up joining.");
    }
  }

  private async update(): Promise<void> {
    const hand = this.handIsUp ? undefined : "raised";
    await this.hold?.update(membership(hand));
    this.handIsUp = hand !== undefined;
    show("update", this.handIsUp ? "Lower hand" : "Raise hand");
  }

  /** Leaves, or gives up joining. */
  private async release(): Promise<void> {
    if (this.hold) await this.hold.release();
    else this.giveUp?.abort();
  }

  private become(status: HoldStatus): void {
    const [mood, words] = WORDS[status];
    const { hold } = this;
    element("hold").dataset.mood = mood;
    show("hold-status", status);
    show("hold-text", hold?.error ? `${words} ${sentence(hold.error)}` : words);
    const over = FINAL.includes(status);
    enable(
      ["join", over],
      ["update", !over && hold !== undefined],
      ["release", !over || hold?.status === "failed"],
    );
    if (over) show("update", "Raise hand");
    this.tick();
  }

  /** Shows the time that is left: the bar runs out, and jumps back at each refresh that was answered. */
  tick(): void {
    const { hold } = this;
    show("hold-rearmed", `scheduled anew ${this.rearmed} ×`);
    const at = hold && !FINAL.includes(hold.status) ? hold.expiresAt : undefined;
    if (!hold || at === undefined) {
      show("hold-clock", "No leave is scheduled.");
      element("hold-bar").style.width = "0";
      return;
    }
    const left = secondsUntil(at);
    show("hold-clock", left > 0 ? `The leave would go out in ${left} s` : "The leave's time is over");
    const share = Math.min(1, Math.max(0, (at - Date.now()) / hold.timeoutMs));
    element("hold-bar").style.width = `${(100 * share).toFixed(1)}%`;
  }
}
