/**
 * The life of delayed events on a homeserver that does not tell it: Synapse has neither a stream nor a memory of those
 * that have ended. It is put together from what this host asked and was answered, and from the events of the room, which
 * carry the id of the delayed event they were. What nobody here can know ends as "gone".
 */
import {
  type DelayedAction,
  type HomeserverClient,
  type ListedDelayedEvent,
  MatrixHttpError,
  type RoomEvent,
  SyncingClient,
} from "./homeserver-client.js";
import type { End, LifeChange, Scheduled, WatchLife } from "./life.js";
import { ServerClock } from "./server-clock.js";

const DELAY_ID = "org.matrix.msc4140.delay_id";
/** How long an event may take from being sent to being heard of. */
const HEARD_WITHIN_MS = 3000;
/** Asking what is scheduled counts against the user's rate limit, and their refreshes need that. */
const ASK_AGAIN_MS = 10_000;
/** Events of delayed events that we have not heard of (yet). */
const MOST_UNCLAIMED = 100;

interface Entry {
  future: Scheduled & { delayMs: number };
  /** The earliest moment at which it may have been scheduled. */
  since: number;
  /** We asked for it to be sent. */
  sending?: boolean;
  /** The homeserver has said that it is there no more, or did not take it: how it ended unless its event comes. */
  doubt?: { how: End; error?: string; from: number };
}

export interface ObserverOptions {
  userId: string;
  list: () => Promise<ListedDelayedEvent[]>;
  heardWithinMs?: number;
  askAgainMs?: number;
}

export class LifeObserver {
  private readonly entries = new Map<string, Entry>();
  private readonly unclaimed = new Map<string, RoomEvent>();
  private readonly watchers = new Set<(change: LifeChange) => void>();
  private readonly clock: ServerClock;
  private readonly heardWithinMs: number;
  private readonly askAgainMs: number;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private ids = 0;
  private askAfter = 0;
  private listed = false;

  constructor(private readonly options: ObserverOptions) {
    this.heardWithinMs = options.heardWithinMs ?? HEARD_WITHIN_MS;
    this.askAgainMs = options.askAgainMs ?? ASK_AGAIN_MS;
    this.clock = new ServerClock(options.userId);
  }

  readonly watch: WatchLife = (onChange) => {
    this.watchers.add(onChange);
    onChange({ change: "reset" });
    for (const { future } of this.entries.values()) onChange({ change: "scheduled", future });
    if (!this.listed) {
      this.listed = true;
      this.ask(); // what an earlier page has scheduled
    } else this.wake();
    return () => {
      this.watchers.delete(onChange);
      if (this.watchers.size === 0) clearTimeout(this.timer);
    };
  };

  // ------------------------------------------------------------- what this host does

  /** The homeserver took it. */
  scheduled(delayId: string, what: Omit<Scheduled, "id" | "generation"> & { delayMs: number }): void {
    if (this.entries.has(delayId)) return;
    const future = { ...what, id: String(++this.ids), generation: "delayed_events" as const };
    this.entries.set(delayId, { future, since: what.runningSince });
    this.tell({ change: "scheduled", future });
    const event = this.unclaimed.get(delayId);
    if (event) this.event(event);
    this.wake();
  }

  /** About to ask for it to be sent: until that is answered, an event is its doing. */
  sending(delayId: string): void {
    const entry = this.entries.get(delayId);
    if (entry) entry.sending = true;
  }

  /** The homeserver did what it was asked, at `postedAt` or later. */
  done(delayId: string, action: DelayedAction, postedAt: number): void {
    const entry = this.entries.get(delayId);
    if (!entry) return;
    if (action === "cancel") this.end(delayId, "cancelled");
    else if (action === "send") this.suspect(entry, "sent");
    else if (postedAt > entry.future.runningSince) this.restart(entry, postedAt);
  }

  /** The homeserver did not. */
  refused(delayId: string, action: DelayedAction, error: unknown): void {
    const entry = this.entries.get(delayId);
    if (!entry || !(error instanceof MatrixHttpError)) return; // nothing is known: its time will tell
    if (error.status === 404 && error.errcode === "M_NOT_FOUND") this.suspect(entry, "gone");
    else if (action === "send") {
      // Synapse drops a delayed event that it may not send, but not one whose sending was asked for too often.
      entry.sending = false;
      this.suspect(entry, "refused", error.message);
      this.ask();
    }
  }

  // ------------------------------------------------------------ what happens in the room

  event(event: RoomEvent): void {
    this.clock.learn(event);
    const delayId = event.unsigned?.[DELAY_ID];
    if (typeof delayId === "string") this.landed(delayId, event);
    if (event.state_key !== undefined && event.sender !== this.options.userId) this.overwritten(event);
  }

  private landed(delayId: string, event: RoomEvent): void {
    const entry = this.entries.get(delayId);
    if (!entry) {
      this.unclaimed.set(delayId, event);
      for (const first of this.unclaimed.keys()) {
        if (this.unclaimed.size <= MOST_UNCLAIMED) break;
        this.unclaimed.delete(first);
      }
      return;
    }
    const { runningSince, delayMs } = entry.future;
    const itsTime = this.clock.happened(event) >= runningSince + delayMs;
    // A page that dies sends its leave past this host.
    this.end(delayId, entry.sending || !itsTime ? "sent" : "fired", { eventId: event.event_id });
  }

  /** New state of somebody else cancels (Synapse from 1.127; before, one's own did as well). */
  private overwritten(event: RoomEvent): void {
    const at = this.clock.happened(event);
    for (const [delayId, { future, since }] of [...this.entries]) {
      const same =
        future.roomId === event.room_id && future.type === event.type && future.stateKey === event.state_key;
      if (same && at > since) this.end(delayId, "overwritten");
    }
  }

  // ------------------------------------------------------------------------- conclusions

  private tell(change: LifeChange): void {
    for (const watcher of this.watchers) watcher(change);
  }

  private restart({ future }: Entry, runningSince: number): void {
    future.runningSince = runningSince;
    this.tell({ change: "restarted", id: future.id, runningSince });
    this.wake();
  }

  private end(delayId: string, how: End, more: { eventId?: string; error?: string } = {}): void {
    const entry = this.entries.get(delayId);
    if (!entry) return;
    this.entries.delete(delayId);
    this.unclaimed.delete(delayId);
    this.tell({ change: "ended", id: entry.future.id, how, ...more });
    this.wake();
  }

  private suspect(entry: Entry, how: End, error?: string): void {
    entry.doubt ??= { how, from: Date.now(), ...(error === undefined ? {} : { error }) };
    this.wake();
  }

  /** When the event of an entry should have been heard of. */
  private silentAt({ future, doubt }: Entry): number {
    return (doubt?.from ?? future.runningSince + future.delayMs) + this.heardWithinMs;
  }

  /** Sets the alarm for the next entry of which nothing will have been heard. */
  private wake(): void {
    clearTimeout(this.timer);
    if (this.watchers.size === 0 || this.entries.size === 0) return;
    const next = Math.min(...[...this.entries.values()].map((entry) => this.silentAt(entry)));
    // A longer wait than a timer can hold is taken up again.
    this.timer = setTimeout(() => this.lookAround(), Math.min(Math.max(0, next - Date.now()), 2 ** 31 - 1));
  }

  private lookAround(): void {
    const now = Date.now();
    let overdue = false;
    for (const [delayId, entry] of [...this.entries]) {
      if (this.silentAt(entry) > now) continue;
      const { doubt } = entry;
      if (doubt && doubt.how !== "refused") this.end(delayId, doubt.how);
      else overdue = true;
    }
    if (!overdue) this.wake();
    else if (now >= this.askAfter) this.ask();
    else this.timer = setTimeout(() => this.lookAround(), this.askAfter - now);
  }

  /** Asks the homeserver what is still scheduled. */
  private async ask(): Promise<void> {
    this.askAfter = Date.now() + this.askAgainMs;
    const before = [...this.entries].filter(([, entry]) => entry.doubt || this.silentAt(entry) <= Date.now());
    const list = await this.options.list().catch(() => undefined);
    if (!list) return this.again();
    for (const listed of list) this.compare(listed);
    const there = new Set(list.map(({ delay_id }) => delay_id));
    for (const [delayId, { doubt }] of before) {
      if (there.has(delayId)) continue;
      this.end(delayId, doubt?.how ?? "gone", doubt?.error === undefined ? {} : { error: doubt.error });
    }
    this.again();
  }

  private again(): void {
    clearTimeout(this.timer);
    if (this.watchers.size === 0 || this.entries.size === 0) return;
    const overdue = [...this.entries.values()].some((entry) => this.silentAt(entry) <= Date.now());
    if (overdue) this.timer = setTimeout(() => this.lookAround(), this.askAgainMs);
    else this.wake();
  }

  /** What the homeserver lists may be new to us, or have been restarted past us. */
  private compare(listed: ListedDelayedEvent): void {
    const entry = this.entries.get(listed.delay_id);
    const runningSince = this.clock.local(listed.running_since);
    if (!entry) {
      this.scheduled(listed.delay_id, {
        roomId: listed.room_id,
        type: listed.type,
        ...(listed.state_key === undefined ? {} : { stateKey: listed.state_key }),
        content: listed.content,
        delayMs: listed.delay,
        runningSince,
      });
      return;
    }
    delete entry.doubt;
    const overdue = this.silentAt(entry) <= Date.now();
    if (overdue && runningSince > entry.future.runningSince) this.restart(entry, runningSince);
  }
}

/** A client whose requests and events are observed. */
export class ObservedClient extends SyncingClient {
  private readonly observer: LifeObserver;
  readonly watchLife: WatchLife;

  constructor(baseUrl: string, accessToken: string, userId: string) {
    super(baseUrl, accessToken);
    this.observer = new LifeObserver({ userId, list: () => this.delayedEvents() });
    this.watchLife = this.observer.watch;
  }

  override async sendDelayedEvent(
    ...[roomId, type, content, stateKey, delay, sticky]: Parameters<HomeserverClient["sendDelayedEvent"]>
  ) {
    const runningSince = Date.now();
    const delayId = await super.sendDelayedEvent(roomId, type, content, stateKey, delay, sticky);
    this.observer.scheduled(delayId, {
      roomId,
      type,
      ...(stateKey === undefined ? {} : { stateKey }),
      content,
      delayMs: Number(delay),
      runningSince,
    });
    return delayId;
  }

  override async updateDelayedEvent(delayId: string, action: DelayedAction) {
    const postedAt = Date.now();
    if (action === "send") this.observer.sending(delayId);
    try {
      await super.updateDelayedEvent(delayId, action);
    } catch (error) {
      this.observer.refused(delayId, action, error);
      throw error;
    }
    this.observer.done(delayId, action, postedAt);
  }

  override stream(...[roomId, onEvent, onTrouble]: Parameters<HomeserverClient["stream"]>) {
    const observed = (event: RoomEvent) => {
      this.observer.event(event);
      onEvent(event);
    };
    return super.stream(roomId, observed, onTrouble);
  }
}
