/**
 * Everything that was said between widget and client, both ways, each request with its answer; and what went to the
 * homeserver, as far as the client can know. Bounded, and drawn only while somebody looks: a hold may refresh for hours.
 */
import { clockTime, element, fillSelect, make, setText } from "./dom.js";
import type { Direction } from "./host.js";
import { pretty, telling } from "./pretty.js";

const KEPT = 300;
const ACTIONS_OFFERED = 50;

export type Leg = "widget → client" | "client → widget" | "client → homeserver" | "widget → homeserver";

interface Answer {
  at: number;
  message: unknown;
  lost: boolean;
}

/** One request and its answer. */
interface Exchange {
  at: number;
  leg: Leg;
  action: string;
  request: unknown;
  lost: boolean;
  /** The homeserver's answers to a client are not seen on this wire. */
  answerable: boolean;
  answer?: Answer;
}

interface Message {
  api?: string;
  requestId?: string;
  action?: string;
  data?: unknown;
  response?: { error?: { message?: string } };
}

export class WireLog {
  private readonly kept: Exchange[] = [];
  private readonly open = new Map<string, Exchange>();
  private readonly items = new Map<Exchange, HTMLLIElement>();
  private readonly actions = new Set<string>();
  private readonly stale = new Set<Exchange>();
  private readonly details = element<HTMLDetailsElement>("wire-log");
  private readonly list = element("wire");
  private readonly filter = element<HTMLSelectElement>("wire-filter");
  private paused = false;
  private missed = 0;
  private drawing = false;

  constructor() {
    this.details.addEventListener("toggle", () => this.drawAll());
    this.filter.onchange = () => this.drawAll();
    element("wire-clear").onclick = () => this.clear();
    const pause = element("wire-pause");
    pause.onclick = () => {
      this.paused = !this.paused;
      pause.setAttribute("aria-pressed", String(this.paused));
      if (!this.paused) this.drawAll();
      this.showCount();
    };
  }

  /** A message that crossed between widget and client, or got lost on the way. */
  readonly message = (direction: Direction, raw: unknown, lost = false): void => {
    const message = (typeof raw === "object" && raw !== null ? raw : {}) as Message;
    const id = `${message.api} ${message.requestId}`;
    if (message.response !== undefined) {
      const asked = this.open.get(id);
      if (asked) this.answered(asked, id, message.response, lost);
      else this.add(legOf(direction), `${message.action}, an answer to no request`, message, lost, false);
    } else
      this.add(
        legOf(direction),
        message.action ?? "not a message of the Widget API",
        message,
        lost,
        true,
        id,
      );
  };

  /** Something that went to the homeserver; its answer is not seen here. */
  direct(leg: Leg, action: string, detail: unknown): void {
    this.add(leg, action, { data: detail }, false, false);
  }

  clear(): void {
    this.kept.length = this.missed = 0;
    this.open.clear();
    this.drawAll();
  }

  private answered(asked: Exchange, id: string, message: unknown, lost: boolean): void {
    this.open.delete(id);
    asked.answer = { at: Date.now(), message, lost };
    this.changed(asked);
  }

  private add(
    leg: Leg,
    action: string,
    request: unknown,
    lost: boolean,
    answerable: boolean,
    id?: string,
  ): void {
    const exchange: Exchange = { at: Date.now(), leg, action, request, lost, answerable };
    this.kept.push(exchange);
    if (id !== undefined) this.open.set(id, exchange);
    if (this.kept.length > KEPT) this.forget(this.kept.shift() as Exchange);
    if (!this.actions.has(action) && this.actions.size < ACTIONS_OFFERED) {
      this.actions.add(action);
      const { value } = this.filter;
      const sorted = [...this.actions].sort();
      fillSelect("wire-filter", [
        ["", "every action"],
        ...sorted.map((name) => [name, name] as const),
      ]).value = value;
    }
    this.changed(exchange);
  }

  private forget(exchange: Exchange): void {
    this.stale.delete(exchange);
    if (!this.paused) this.remove(exchange);
    for (const [id, waiting] of this.open) {
      if (waiting !== exchange) continue;
      this.open.delete(id);
      break;
    }
  }

  private remove(exchange: Exchange): void {
    this.items.get(exchange)?.remove();
    this.items.delete(exchange);
  }

  private changed(exchange: Exchange): void {
    if (!this.details.open) return;
    if (this.paused) {
      this.missed++;
      this.showCount();
      return;
    }
    this.stale.add(exchange);
    if (this.drawing) return;
    this.drawing = true;
    requestAnimationFrame(() => {
      this.drawing = false;
      if (!this.paused) this.draw();
    });
  }

  private drawAll(): void {
    for (const exchange of [...this.items.keys()]) this.remove(exchange);
    this.stale.clear();
    this.missed = 0;
    if (!this.details.open) return;
    for (const exchange of this.kept) this.stale.add(exchange);
    this.draw();
  }

  private draw(): void {
    for (const exchange of this.stale) {
      const known = this.items.get(exchange);
      if (known) {
        refresh(known, exchange);
      } else if (this.filter.value === "" || this.filter.value === exchange.action) {
        const item = itemOf(exchange);
        this.items.set(exchange, item);
        this.list.prepend(item);
      }
    }
    this.stale.clear();
    this.showCount();
  }

  private showCount(): void {
    const shown = `${this.items.size} of the newest ${this.kept.length} exchanges`;
    setText(element("wire-count"), this.paused ? `paused; ${this.missed} more messages meanwhile` : shown);
  }
}

function legOf(direction: Direction): Leg {
  return direction === "widget>host" ? "widget → client" : "client → widget";
}

/** Its JSON is printed when it is unfolded, and not before. */
function itemOf(exchange: Exchange): HTMLLIElement {
  const details = make("details", "", make("summary"));
  const item = make("li", "", details);
  details.addEventListener("toggle", () => unfold(details, exchange));
  refresh(item, exchange);
  return item;
}

function refresh(item: HTMLLIElement, exchange: Exchange): void {
  const details = item.firstElementChild as HTMLDetailsElement;
  const { at, leg, action, request } = exchange;
  const { data } = request as Message;
  const members = telling(data);
  (details.firstElementChild as HTMLElement).replaceChildren(
    make("span", "quiet", clockTime(at, true)),
    ` ${leg} `,
    make("strong", "", action),
    ...(members ? [" ", make("mark", "", members)] : []),
    " ",
    outcomeOf(exchange),
  );
  unfold(details, exchange);
}

function outcomeOf({ at, lost, answerable, answer }: Exchange): HTMLElement {
  if (lost) return make("span", "bad", "(lost)");
  if (!answerable) return make("span", "");
  if (!answer) return make("span", "quiet", "no answer yet");
  const after = `after ${Math.round(answer.at - at)} ms`;
  if (answer.lost) return make("span", "bad", `answered ${after} (lost)`);
  const refused = refusalOf(answer.message);
  if (refused !== undefined) return make("span", "bad", `refused ${after}: ${refused}`);
  const members = telling(answer.message);
  return make("span", "", `answered ${after} `, ...(members ? [make("mark", "", members)] : []));
}

/** Why an answer is a refusal, if it is one. */
export function refusalOf(response: unknown): string | undefined {
  const { error } = (response ?? {}) as { error?: { message?: unknown } };
  return error === undefined || error === null ? undefined : String(error.message ?? "no reason given");
}

function unfold(details: HTMLDetailsElement, { request, answer }: Exchange): void {
  while (details.children.length > 1) details.lastElementChild?.remove();
  if (!details.open) return;
  details.append(pretty(request));
  if (answer) details.append(make("p", "quiet", "Answer"), pretty(answer.message));
}
