/**
 * Every future as a bar that runs out in real time, jumps back when it is refreshed, and stays for a while with the word of
 * how it ended. The members of one group stand in one box. A bar is one animation of the browser's, so that nothing of this
 * page runs while it shrinks; people who want less motion get steps of a second.
 */
import { element, make, setText, span } from "./dom.js";
import type { Life, LifeListener } from "./life.js";
import { ENDS, endText, kindOf, nameOf } from "./words.js";

const TICK_MS = 250;
const FLASH_MS = 700;
const CALM_STEP_MS = 1000;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

interface Row {
  life: Life;
  box: HTMLElement;
  item: HTMLElement;
  chip: HTMLElement;
  fill: HTMLElement;
  clock: HTMLElement;
  pushed: HTMLElement;
  animation?: Animation;
}

/** Points at the event that a future became. */
export type Point = (eventId: string, how: "look" | "go" | "away") => void;

export class Bars {
  private readonly rows = new Map<Life, Row>();
  private readonly list = element("bars");
  private trouble: string | undefined;
  private ticking: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly point: Point) {
    this.showCount();
    calm.addEventListener("change", () => {
      for (const row of this.rows.values()) this.run(row);
    });
  }

  readonly listener: LifeListener = (what, life) => {
    if (what === "scheduled") this.add(life);
    const row = this.rows.get(life);
    if (!row) return;
    if (what === "restarted") this.pushBack(row);
    else if (what === "ended") this.end(row);
    else if (what === "dropped") this.drop(row);
    this.showCount();
  };

  /** Brings the bar of a future into view, and the keyboard to it. */
  goTo(life: Life): void {
    const item = this.rows.get(life)?.item;
    item?.scrollIntoView({ block: "nearest" });
    item?.focus({ preventScroll: true });
  }

  light(life: Life, lit: boolean): void {
    this.rows.get(life)?.item.classList.toggle("lit", lit);
  }

  private add(life: Life): void {
    const { type, stateKey, content, groupId, id } = life.future;
    const chip = make("span", "chip", life.future.delayMs === undefined ? "waiting" : "running");
    const fill = make("div");
    const bar = make("div", "bar", fill);
    const clock = make("span");
    const pushed = make("span");
    const item = make(
      "li",
      "future",
      make("p", "head", make("strong", "", nameOf(type, content)), " ", chip),
      bar,
      make("p", "facts", clock, pushed),
      make("p", "quiet", kindOf(type, stateKey), " ", make("code", "", JSON.stringify(content))),
    );
    bar.setAttribute("aria-hidden", "true");
    item.tabIndex = -1;
    item.dataset.life = id;
    item.dataset.state = "running";
    const box = this.boxOf(groupId ?? `alone ${id}`);
    box.querySelector("ol")?.append(item);
    showGroup(box);
    const row: Row = { life, box, item, chip, fill, clock, pushed };
    this.rows.set(life, row);
    this.run(row);
    this.tick();
  }

  /** Members of one group share a box; the newest box is on top. */
  private boxOf(key: string): HTMLElement {
    for (const box of this.list.children as Iterable<HTMLElement>) if (box.dataset.group === key) return box;
    const box = make("li", "box", make("p", "group-title"), make("ol"));
    box.dataset.group = key;
    this.list.prepend(box);
    return box;
  }

  private pushBack(row: Row): void {
    const { restarts } = row.life;
    setText(row.pushed, `pushed back ${restarts} ×`);
    this.run(row);
    this.showClock(row);
    if (calm.matches) return;
    row.item.animate([{ backgroundColor: "var(--marked)" }, { backgroundColor: "transparent" }], FLASH_MS);
  }

  private end(row: Row): void {
    const { life, item, chip, fill, clock } = row;
    if (!life.end) return;
    const { how, eventId } = life.end;
    row.animation?.cancel();
    row.animation = undefined;
    fill.style.transform = `scaleX(${how === "fired" ? 0 : share(life)})`; // it stays where it stopped
    item.dataset.state = how;
    item.dataset.mood = ENDS[how].mood;
    chip.dataset.mood = ENDS[how].mood;
    setText(chip, ENDS[how].word);
    setText(clock, endText(life.end));
    setText(element("bars-told"), `${nameOf(life.future.type, life.future.content)}: ${ENDS[how].word}.`);
    if (eventId !== undefined) this.tie(row, eventId);
    showGroup(row.box);
  }

  /** Ties the bar to the event it became. */
  private tie({ item }: Row, eventId: string): void {
    if (item.querySelector("button")) return;
    const button = make("button", "small", "Show it in the timeline");
    button.type = "button";
    button.onclick = () => this.point(eventId, "go");
    item.append(button);
    for (const name of ["pointerenter", "focusin"])
      item.addEventListener(name, () => this.point(eventId, "look"));
    for (const name of ["pointerleave", "focusout"])
      item.addEventListener(name, () => this.point(eventId, "away"));
  }

  private drop(row: Row): void {
    this.rows.delete(row.life);
    row.animation?.cancel();
    row.item.remove();
    if (!row.box.querySelector(".future")) row.box.remove();
  }

  private run(row: Row): void {
    const { delayMs, runningSince } = row.life.future;
    row.animation?.cancel();
    row.animation = undefined;
    if (row.life.end) return;
    row.item.classList.toggle("timeless", delayMs === undefined);
    if (delayMs === undefined) return;
    row.fill.style.transform = `scaleX(${share(row.life)})`;
    if (calm.matches) return;
    row.animation = row.fill.animate([{ transform: "scaleX(1)" }, { transform: "scaleX(0)" }], {
      duration: Math.max(1, delayMs),
      fill: "forwards",
    });
    row.animation.currentTime = Date.now() - runningSince;
  }

  private readonly tick = () => {
    let running = false;
    for (const row of this.rows.values()) {
      if (row.life.end) continue;
      this.showClock(row);
      running ||= row.life.future.delayMs !== undefined;
    }
    if (running) this.ticking ??= setInterval(this.tick, TICK_MS);
    else {
      clearInterval(this.ticking);
      this.ticking = undefined;
    }
  };

  private showClock({ life, clock, fill }: Row): void {
    const { delayMs, runningSince } = life.future;
    if (delayMs === undefined) {
      setText(clock, "No timer: it waits for its send.");
      return;
    }
    const left = runningSince + delayMs - Date.now();
    if (calm.matches) fill.style.transform = `scaleX(${share(life, CALM_STEP_MS)})`;
    setText(
      clock,
      left > 0
        ? `goes out in ${wholeSeconds(left)} of ${delayMs % 1000 === 0 ? wholeSeconds(delayMs) : span(delayMs)}`
        : "Its time is up; the homeserver has not told of it yet.",
    );
  }

  /** The homeserver is not there: what is shown is what was known last. */
  troubleIs(trouble: string | undefined): void {
    this.trouble = trouble;
    this.showCount();
  }

  private showCount(): void {
    const running = [...this.rows.keys()].filter((life) => !life.end).length;
    const ended = this.rows.size - running;
    const counts = ended > 0 ? `${running} running · ${ended} ended` : `${running} running`;
    setText(element("bars-count"), this.trouble ?? (this.rows.size > 0 ? counts : "Nothing is scheduled."));
  }
}

function share({ future: { delayMs = 0, runningSince } }: Life, stepMs = 1): number {
  const left = Math.ceil((runningSince + delayMs - Date.now()) / stepMs) * stepMs;
  return delayMs > 0 ? Math.min(1, Math.max(0, left / delayMs)) : 0;
}

function wholeSeconds(ms: number): string {
  return ms < 120_000 ? `${Math.ceil(ms / 1000)} s` : span(ms);
}

/** What is said above a box of two and more. */
function showGroup(box: HTMLElement): void {
  const members = [...box.querySelectorAll<HTMLElement>(".future")];
  if (members.length < 2 && !box.classList.contains("group")) return;
  box.classList.add("group");
  const states = members.map((member) => member.dataset.state);
  const title = box.querySelector<HTMLElement>(".group-title") as HTMLElement;
  if (states.some((state) => state === "fired" || state === "sent"))
    setText(title, "A group: one was sent, so no other ever will be.");
  else if (states.includes("running")) setText(title, "A group: only one of these will ever be sent.");
  else setText(title, "A group: it has ended, and none was sent.");
}
