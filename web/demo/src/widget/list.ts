/** The futures that were scheduled by hand, those of one group together. */
import type { Future } from "/widget-futures/index.js";
import { element, make } from "./page.js";
import { Row } from "./row.js";

/** A group as people see it: of its futures one at most reaches the room. */
export class Group {
  readonly rows: Row[] = [];
  readonly view = make("li", "group");
  private readonly list = make("ul");

  constructor(
    readonly name: string,
    readonly id: string | undefined,
  ) {
    const title = make("p", "name", make("strong", "", name), ": one of these at most reaches the room.");
    this.view.append(title, this.list);
  }

  add(row: Row): void {
    this.rows.push(row);
    this.list.append(row.view);
    this.view.classList.toggle("several", this.rows.length > 1);
  }

  get open(): boolean {
    return this.rows.some((row) => row.outcome === undefined);
  }

  /** A group ends when one of it goes out, and when its last future with a timer is cancelled. */
  ended(outcome: string): void {
    if (this.id === undefined) return;
    const timed = this.rows.some((row) => row.outcome === undefined && row.future.timeoutMs !== undefined);
    if (outcome === "cancelled" && timed) return;
    for (const row of this.rows) row.end("ended with its group");
  }
}

export class FutureList {
  private groups: Group[] = [];
  private names = 0;

  /** `onChange` is called when futures come or end. */
  constructor(private readonly onChange: () => void) {
    element("clear").onclick = () => this.clear();
  }

  add(future: Future, title: string, content: unknown): Row {
    const row = new Row(future, title, content, {
      over: (row, outcome) => {
        this.groups.find(({ rows }) => rows.includes(row))?.ended(outcome);
        this.changed();
      },
    });
    this.groupFor(future.groupId).add(row);
    this.changed();
    return row;
  }

  private groupFor(id: string | undefined): Group {
    const known = id === undefined ? undefined : this.groups.find((group) => group.id === id);
    if (known) return known;
    const name = id === undefined ? "" : `Group ${String.fromCharCode(65 + (this.names++ % 26))}`;
    const group = new Group(name, id);
    this.groups.unshift(group);
    element("futures").prepend(group.view);
    return group;
  }

  /** Those that a future can still join. */
  get openGroups(): Group[] {
    return this.groups.filter(({ id, open }) => id !== undefined && open);
  }

  get openRows(): Row[] {
    return this.groups.flatMap(({ rows }) => rows).filter(({ outcome }) => outcome === undefined);
  }

  tick(): void {
    for (const { rows } of this.groups) for (const row of rows) row.tick();
  }

  private clear(): void {
    for (const { view, open } of this.groups) if (!open) view.remove();
    this.groups = this.groups.filter(({ open }) => open);
    this.changed();
    element("schedule").focus();
  }

  private changed(): void {
    element("clear").hidden = this.groups.every(({ open }) => open);
    this.onChange();
  }
}
