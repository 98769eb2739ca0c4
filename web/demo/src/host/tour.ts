/**
 * The guided first minute. Which step is the current one comes from what really happens: who is in the call, what is
 * scheduled, and how it ended.
 */
import { CALL_MEMBER } from "../shared/call-member.js";
import { element, setText } from "./dom.js";
import type { Life, LifeListener } from "./life.js";
import type { SlotState } from "./slot.js";

/** So often must the bar have jumped back, by so much of its length, before a person can have seen it. */
const JUMPS = 2;
const VISIBLE_SHARE = 0.1;
const HIDDEN = "guide-hidden";

type Step = 1 | 2 | 3 | "fired";

export class Tour {
  private inCall = false;
  private ownKey = "";
  private slot: SlotState = "none";
  /** The leave that is scheduled now. */
  private leave: Life | undefined;
  private startedAt = 0;
  private jumps = 0;
  /** The leave went out by itself, with nobody there to send it. */
  private fired = false;

  constructor(actions: { crash: () => unknown; again: () => unknown }) {
    element("tour-crash").onclick = actions.crash;
    element("tour-again").onclick = actions.again;
    element("tour-hide").onclick = () => this.hide(true);
    element("tour-show").onclick = () => this.hide(false);
    this.hide(sessionStorage.getItem(HIDDEN) !== null, true);
    this.show();
  }

  /** Another person is in the page, or another room. */
  startFor(ownKey: string): void {
    this.ownKey = ownKey;
    this.inCall = this.fired = false;
    this.leave = undefined;
    this.show();
  }

  readonly listener: LifeListener = (what, life) => {
    const { type, stateKey, delayMs, runningSince } = life.future;
    if (type !== CALL_MEMBER || stateKey !== this.ownKey || delayMs === undefined) return;
    if (what === "scheduled") {
      this.leave = life;
      this.startedAt = runningSince;
    } else if (what === "restarted") {
      if (runningSince - this.startedAt > VISIBLE_SHARE * delayMs) this.jumps++;
      this.startedAt = runningSince;
    } else if (what === "ended" && life === this.leave) {
      this.fired = life.end?.how === "fired" && this.slot === "none";
      this.leave = undefined;
    }
    this.show();
  };

  membershipIs(inCall: boolean): void {
    if (inCall && !this.inCall) {
      this.fired = false;
      this.jumps = 0;
    }
    this.inCall = inCall;
    this.show();
  }

  slotIs(state: SlotState): void {
    this.slot = state;
    this.show();
  }

  private step(): Step {
    if (this.fired) return "fired";
    if (!this.inCall || !this.leave) return 1;
    return this.jumps < JUMPS && this.slot !== "none" ? 2 : 3;
  }

  private show(): void {
    const step = this.step();
    const reached = step === "fired" ? 4 : step;
    for (const item of element("tour").querySelectorAll<HTMLElement>("[data-step]")) {
      const own = Number(item.dataset.step);
      item.dataset.is = own < reached ? "done" : own === reached ? "now" : "later";
      if (own === reached) item.setAttribute("aria-current", "step");
      else item.removeAttribute("aria-current");
    }
    const alone = this.slot === "none";
    element<HTMLButtonElement>("tour-crash").disabled = step !== 3 || alone;
    element<HTMLButtonElement>("tour-again").disabled = !alone;
    setText(element("tour-told"), this.words(step, alone));
  }

  private words(step: Step, alone: boolean): string {
    switch (step) {
      case "fired":
        return "That was a future: the widget was dead, and the homeserver sent its leave. Nobody is in the call.";
      case 1:
        return alone ? "There is no widget now: start again." : "Now: join the call in the widget.";
      case 2:
        return "Now: watch the bar of “Leave the call” run out, and jump back before it is empty.";
      case 3:
        return alone
          ? "Now: watch the bar. Nobody pushes it back any more."
          : "Now: crash the widget, as when a browser dies.";
    }
  }

  private hide(hidden: boolean, atStart = false): void {
    element("tour").hidden = hidden;
    element("tour-show").hidden = !hidden;
    if (hidden) sessionStorage.setItem(HIDDEN, "yes");
    else sessionStorage.removeItem(HIDDEN);
    if (!atStart) element(hidden ? "tour-show" : "tour-hide").focus();
  }
}
