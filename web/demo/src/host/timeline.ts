/** The room as it happens, newest on top; an event that was a future says so, and leads to its bar. */
import { clockTime, element, make, span } from "./dom.js";
import type { RoomEvent } from "./homeserver-client.js";
import type { Life, LifeListener } from "./life.js";
import { kindOf, nameOf } from "./words.js";

const EVENTS_SHOWN = 200;

/** What the timeline wants of the bars. */
export interface BarPointer {
  goTo(life: Life): void;
  light(life: Life, lit: boolean): void;
}

export class Timeline {
  private readonly shown = new Map<string, HTMLElement>();
  private readonly becauseOf = new Map<string, Life>();
  private readonly list = element("timeline");
  bars: BarPointer | undefined;

  readonly listener: LifeListener = (what, life) => {
    const eventId = life.end?.eventId;
    if (what !== "ended" || eventId === undefined) return;
    this.becauseOf.set(eventId, life);
    const known = this.shown.get(eventId);
    if (known) this.mark(known, life);
  };

  add(event: RoomEvent): void {
    if (this.shown.has(event.event_id)) return;
    const { type, content, state_key: stateKey, sender, origin_server_ts: at } = event;
    const item = make(
      "li",
      "",
      make("p", "head", make("strong", "", nameOf(type, content)), " ", make("time", "quiet", clockTime(at))),
      make("p", "quiet", `${kindOf(type, stateKey)} · by ${sender}`),
      make("code", "", JSON.stringify(content)),
    );
    item.dataset.eventId = event.event_id;
    item.tabIndex = -1;
    this.list.prepend(item);
    this.shown.set(event.event_id, item);
    const life = this.becauseOf.get(event.event_id);
    if (life) this.mark(item, life);
    if (this.shown.size > EVENTS_SHOWN) this.forgetOldest();
  }

  clear(): void {
    this.shown.clear();
    this.becauseOf.clear();
    this.list.replaceChildren();
  }

  readonly point = (eventId: string, how: "look" | "go" | "away"): void => {
    const item = this.shown.get(eventId);
    if (!item) return;
    item.classList.toggle("lit", how !== "away");
    if (how === "away") return;
    const scroller = element("timeline-scroll"); // of this box alone: the page stays where it is
    scroller.scrollTop +=
      item.getBoundingClientRect().top - scroller.getBoundingClientRect().top - scroller.clientHeight / 3;
    if (how === "go") item.focus();
  };

  private mark(item: HTMLElement, life: Life): void {
    if (item.querySelector(".from-future")) return;
    const button = make("button", "small from-future", originOf(life));
    button.type = "button";
    button.title = "Show its bar";
    button.onclick = () => this.bars?.goTo(life);
    for (const name of ["pointerenter", "focus"])
      button.addEventListener(name, () => this.bars?.light(life, true));
    for (const name of ["pointerleave", "blur"])
      button.addEventListener(name, () => this.bars?.light(life, false));
    item.append(button);
  }

  private forgetOldest(): void {
    const [oldest] = this.shown.keys() as Iterator<string> & Iterable<string>;
    if (oldest === undefined) return;
    this.shown.get(oldest)?.remove();
    this.shown.delete(oldest);
    this.becauseOf.delete(oldest);
  }
}

/** Since when, by this page's clock: that of the homeserver may be another, and may jump. */
function originOf({ bornAt, restarts, future, end }: Life): string {
  const at = end?.at ?? Date.now();
  const since =
    bornAt === undefined
      ? `whose timer had started ${span(at - future.runningSince)} before`
      : `scheduled ${span(at - bornAt)} before`;
  const pushed = restarts > 0 ? `, pushed back ${restarts} ×` : "";
  return `came from a future, ${since}${pushed}`;
}
