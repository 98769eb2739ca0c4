/**
 * What is scheduled at the homeserver, and what became of it: the model under the bars. It is fed by one of two sources, a
 * stream of the embedded homeserver or what the page itself can observe of another.
 */
import type { RoomEvent } from "./homeserver-client.js";

export interface Scheduled {
  /** Opaque; the same for the life of the homeserver. */
  id: string;
  generation: "futures" | "delayed_events";
  roomId: string;
  type: string;
  stateKey?: string;
  content: unknown;
  /** In ms; absent: an action future, which has no timer. */
  delayMs?: number;
  /** When its timer last started, in ms of this page's wall clock. */
  runningSince: number;
  groupId?: string;
}

export type End =
  | "fired"
  | "sent"
  | "cancelled"
  | "overwritten"
  | "group"
  | "refused"
  | "forgotten"
  /** It is not there any more, and nobody told how it ended. */
  | "gone";

export type LifeChange =
  /** All that is scheduled is told once more, as `scheduled`, oldest first. */
  | { change: "reset" }
  | { change: "scheduled"; future: Scheduled }
  | { change: "restarted"; id: string; runningSince: number }
  | { change: "ended"; id: string; how: End; eventId?: string; error?: string };

/** Returns what stops it. */
export type WatchLife = (onChange: (change: LifeChange) => void) => () => void;

/** One future, from when the page heard of it on. */
export interface Life {
  readonly future: Scheduled;
  /** When it was scheduled, if the page was there to see. */
  readonly bornAt: number | undefined;
  restarts: number;
  end?: { how: End; eventId?: string; error?: string /** By this page's clock. */; at: number };
}

export type LifeListener = (what: "scheduled" | "restarted" | "ended" | "dropped", life: Life) => void;

/** Ended ones stay to be looked at; the newest so many. */
const ENDED_KEPT = 20;
/** How long after a reset an entry may still be told of, before it is taken for gone. */
const SETTLE_MS = 700;
/** A timer that started so recently started when it was scheduled. */
const FRESH_MS = 1000;
/** How far from its time the event of a future may be that ended unseen. */
const DUE_SLACK_MS = 2000;
const EVENTS_KEPT = 50;

export class LifeModel {
  private readonly lives = new Map<string, Life>();
  private readonly ended: Life[] = [];
  private readonly listeners: LifeListener[] = [];
  private readonly events: RoomEvent[] = [];
  private unconfirmed = new Set<Life>();
  private settling: ReturnType<typeof setTimeout> | undefined;

  listen(listener: LifeListener): void {
    this.listeners.push(listener);
  }

  apply(change: LifeChange): void {
    if (change.change === "reset") this.reset();
    else if (change.change === "scheduled") this.scheduled(change.future);
    else {
      const life = this.lives.get(change.id);
      if (!life || life.end) return;
      if (change.change === "restarted") this.restarted(life, change.runningSince);
      else
        this.finish(life, { how: change.how, eventId: change.eventId, error: change.error, at: Date.now() });
    }
  }

  /** An event of the room: it may be what became of a future that ended while the homeserver told nothing. */
  roomEvent(event: RoomEvent): void {
    this.events.push(event);
    if (this.events.length > EVENTS_KEPT) this.events.shift();
    for (const life of this.ended) {
      if (life.end?.how === "gone" && isDueEvent(life.future, event)) {
        life.end = firedAs(event);
        this.tell("ended", life);
      }
    }
  }

  /** Another homeserver: nothing of this one is left. */
  clear(): void {
    clearTimeout(this.settling);
    for (const life of [...this.ended, ...this.lives.values()]) this.tell("dropped", life);
    this.lives.clear();
    this.ended.length = this.events.length = 0;
  }

  private reset(): void {
    this.unconfirmed = new Set(this.lives.values());
    clearTimeout(this.settling);
    this.settling = setTimeout(() => {
      for (const life of this.unconfirmed) this.finish(life, this.endOf(life.future));
    }, SETTLE_MS);
  }

  private scheduled(future: Scheduled): void {
    const known = this.lives.get(future.id);
    if (known && isSameEvent(known.future, future)) {
      this.unconfirmed.delete(known);
      if (future.runningSince > known.future.runningSince) this.restarted(known, future.runningSince);
      return;
    }
    if (known) this.finish(known, { how: "gone", at: Date.now() }); // a homeserver of a new life counts from one again
    const fresh = Math.abs(Date.now() - future.runningSince) < FRESH_MS;
    const life: Life = {
      future: { ...future },
      bornAt: fresh ? future.runningSince : undefined,
      restarts: 0,
    };
    this.lives.set(future.id, life);
    this.tell("scheduled", life);
  }

  private restarted(life: Life, runningSince: number): void {
    life.future.runningSince = runningSince;
    life.restarts++;
    this.tell("restarted", life);
  }

  private finish(life: Life, end: Life["end"]): void {
    life.end = end;
    this.lives.delete(life.future.id);
    this.unconfirmed.delete(life);
    this.ended.push(life);
    this.tell("ended", life);
    if (this.ended.length > ENDED_KEPT) this.tell("dropped", this.ended.shift() as Life);
  }

  /** What became of one that is not there any more: its event may be in the room. */
  private endOf(future: Scheduled): Life["end"] {
    const event = this.events.find((event) => isDueEvent(future, event));
    return event ? firedAs(event) : { how: "gone", at: Date.now() };
  }

  private tell(what: Parameters<LifeListener>[0], life: Life): void {
    for (const listener of this.listeners) listener(what, life);
  }
}

function firedAs({ event_id: eventId, origin_server_ts: at }: RoomEvent): NonNullable<Life["end"]> {
  return { how: "fired", eventId, at };
}

function isSameEvent(a: Scheduled, b: Scheduled): boolean {
  return (
    a.roomId === b.roomId && a.type === b.type && a.stateKey === b.stateKey && same(a.content, b.content)
  );
}

function isDueEvent(future: Scheduled, event: RoomEvent): boolean {
  return (
    future.delayMs !== undefined &&
    event.room_id === future.roomId &&
    event.type === future.type &&
    event.state_key === future.stateKey &&
    same(event.content, future.content) &&
    Math.abs(event.origin_server_ts - future.runningSince - future.delayMs) < DUE_SLACK_MS
  );
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
