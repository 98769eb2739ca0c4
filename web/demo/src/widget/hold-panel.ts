/** The panel that holds a membership: what a MatrixRTC client does when a person joins a call, and what they see of it. */
import type { Hold, HoldStatus, WidgetClient } from "/widget-futures/index.js";
import { CALL_MEMBER } from "../shared/call-member.js";
import { element, enable, ownKey, params, secondsUntil, setBar, show } from "./page.js";
import { attempt, sentence } from "./trouble.js";

type Mood = "" | "good" | "warn" | "bad";

const WORDS: Record<HoldStatus, [Mood, string]> = {
  starting: ["", "Scheduling the leave, then joining …"],
  held: ["good", "You are in the call. The leave is scheduled, and this page keeps it from going out."],
  atRisk: ["warn", "A refresh got no answer in time. There is room for more of that."],
  maybeExpired: [
    "warn",
    "Nothing was answered and the leave's time is over: the homeserver may have sent it.",
  ],
  lost: ["warn", "The homeserver has no leave any more: scheduling a new one."],
  failed: ["bad", "It cannot be held."],
  displaced: ["bad", "Somebody else ended your membership. This page does not fight over it."],
  released: ["", "You have left: the leave is in the room."],
};
const FINAL: readonly HoldStatus[] = ["failed", "displaced", "released"];
const WITHOUT_LEAVE =
  "You are in the call, but no leave could be scheduled: if this page dies, you stay in it.";

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
    element("join").onclick = () => attempt("hold", () => this.join());
    element("update").onclick = () => attempt("hold", () => this.update());
    element("release").onclick = () => attempt("hold", () => this.release());
    client.ready.then(() => enable(["join", true])).catch(() => {});
    client.addEventListener("closed", () => enable(["join", false], ["update", false], ["release", false]));
  }

  private async join(): Promise<void> {
    const giveUp = new AbortController();
    this.hold = undefined;
    this.rearmed = 0;
    this.handIsUp = false;
    this.giveUp = giveUp;
    this.become("starting");
    try {
      const hold = await this.client.holdState(
        {
          type: CALL_MEMBER,
          stateKey: ownKey,
          content: membership(),
          timeoutMs: Number(element("hold-timeout").value),
          withoutFuture: element("hold-without").checked,
        },
        { signal: giveUp.signal },
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
      show("hold-status", "not in the call");
      show("hold-text", giveUp.signal.aborted ? "You gave up joining." : "You are not in the call.");
      if (!giveUp.signal.aborted) throw error;
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
    const without = status === "held" && !hold?.future;
    element("hold-status").dataset.mood = without ? "warn" : mood;
    show("hold-status", status);
    show("hold-text", without ? WITHOUT_LEAVE : hold?.error ? `${words} ${sentence(hold.error)}` : words);
    const over = FINAL.includes(status);
    const open = this.client.status !== "closed";
    enable(
      ["join", over && open],
      ["update", !over && hold !== undefined],
      ["release", !over || (hold?.status === "failed" && open)],
    );
    if (over) show("update", "Raise hand");
    this.tick();
  }

  /** Shows the time that is left: the bar runs out, and jumps back at each refresh that was answered. */
  tick(): void {
    const { hold } = this;
    show("hold-rearmed", `scheduled anew ${this.rearmed} ×`);
    const at = hold && !FINAL.includes(hold.status) ? hold.expiresAt : undefined;
    setBar(element("hold-bar"), at, hold?.timeoutMs);
    if (at === undefined) {
      show("hold-clock", "No leave is scheduled.");
      return;
    }
    const left = secondsUntil(at);
    show("hold-clock", left > 0 ? `The leave would go out in ${left} s` : "The leave's time is over");
  }
}
