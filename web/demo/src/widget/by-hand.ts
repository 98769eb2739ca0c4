/** Futures by hand: schedules what the form says, alone, into a group, or a group at once, and sends events now. */
import { capability, type Future, type WidgetClient, WidgetUnsupportedError } from "/widget-futures/index.js";
import {
  type EventFields,
  eventFields,
  type FutureFields,
  futureFields,
  offerFields,
  offerGroups,
} from "./form.js";
import { FutureList } from "./list.js";
import { element, enable } from "./page.js";
import type { Permission } from "./permission.js";
import type { Saved } from "./reload.js";
import { attempt, FieldError } from "./trouble.js";

/** What a group for a question is made of: who does not press a button in time gets the last one. */
const ANSWERS = ["yes", "no"];
const NO_ANSWER = "nobody answered in time";

export class ByHand {
  private readonly list = new FutureList(() => offerGroups(this.list.openGroups));
  private giveUp: AbortController | undefined;

  constructor(
    private readonly client: WidgetClient,
    private readonly permission: Permission,
  ) {
    element<HTMLFormElement>("form").onsubmit = (event) => {
      event.preventDefault();
      this.run((signal) => this.schedule(eventFields(), futureFields(), signal));
    };
    element("schedule-group").onclick = () => this.run((signal) => this.scheduleGroup(signal));
    element("now").onclick = () => this.run((signal) => this.sendNow(signal));
    element("give-up").onclick = () =>
      this.giveUp?.abort(new Error("You gave up waiting. A late answer is told below."));
    client.addEventListener("orphaned", ({ detail: { future, type, stateKey } }) => {
      this.list.add(future, titleOf({ type, stateKey }), { note: "scheduled after its call was given up" });
    });
    client.addEventListener("capabilities", () => this.offer());
    client.addEventListener("statuschange", () => this.offer());
    offerGroups([]);
    this.offer();
  }

  /** Offers what can be done as things are. */
  private offer(): void {
    const { status, dialect } = this.client;
    const ready = status === "ready" && !this.giveUp;
    offerFields(dialect, this.permission.sticky);
    const groups = !element("group").disabled;
    enable(["schedule", ready], ["now", ready], ["schedule-group", ready && groups]);
  }

  /** One call at a time; while it waits it can be given up. */
  private async run(work: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    if (this.giveUp) return;
    const giveUp = new AbortController();
    this.giveUp = giveUp;
    const button = element<HTMLButtonElement>("give-up");
    const before = document.activeElement as HTMLElement | null;
    const slow = setTimeout(() => {
      button.hidden = false;
    }, 500);
    await attempt("form", () => work(giveUp.signal));
    clearTimeout(slow);
    this.giveUp = undefined;
    const wasThere = document.activeElement === button;
    button.hidden = true;
    this.offer();
    if (wasThere) (before ?? element("schedule")).focus();
  }

  /** Any type may be typed into the form, so permission for it is asked for when it is first needed. */
  private async askFor({ type, stateKey }: EventFields, signal: AbortSignal): Promise<void> {
    const needed = stateKey === undefined ? capability.sendEvent(type) : capability.sendState(type, stateKey);
    if (type === "" || this.client.approvedCapabilities.has(needed)) return;
    try {
      await this.client.requestCapabilities([needed], { signal });
    } catch (error) {
      // A host that cannot be asked for more: what is missing then says so itself.
      if (!(error instanceof WidgetUnsupportedError)) throw error;
    }
  }

  private async schedule(event: EventFields, extra: FutureFields, signal: AbortSignal): Promise<Future> {
    await this.askFor(event, signal);
    const future = await this.client.sendFuture({ ...event, ...extra }, { signal });
    this.list.add(future, titleOf(event), event.content);
    return future;
  }

  private async scheduleGroup(signal: AbortSignal): Promise<void> {
    const event = eventFields();
    const { timeoutMs } = futureFields();
    if (timeoutMs === undefined)
      throw new FieldError("timeoutMs", "A group needs a timeout, so that it ends by itself.");
    const saying = (outcome: string) => ({ ...event, content: { ...event.content, outcome } });
    const { groupId } = await this.schedule(saying(NO_ANSWER), { timeoutMs }, signal);
    for (const answer of ANSWERS) await this.schedule(saying(answer), { groupId: groupId as string }, signal);
  }

  private async sendNow(signal: AbortSignal): Promise<void> {
    const event = eventFields();
    await this.askFor(event, signal);
    await this.client.sendEvent(event, { signal });
  }

  tick(): void {
    this.list.tick();
  }

  /** What a reload takes over. */
  save(): Saved[] {
    return this.list.openRows.map(({ future, title, content, isKept }) => ({
      future: future.save(),
      title,
      content,
      isKept,
    }));
  }

  resume(saved: Saved[]): void {
    for (const { future, title, content, isKept } of saved) {
      const row = this.list.add(this.client.resumeFuture(future), title, content);
      if (isKept) this.client.ready.then(() => row.keepAlive()).catch(() => {});
    }
  }
}

function titleOf({ type, stateKey }: { type: string; stateKey?: string }): string {
  return stateKey === undefined ? `${type}, a message` : `${type} · ${stateKey}`;
}
