/** One future that this page has scheduled by hand: the time it has left, and a button for each verb. */
import { type Future, type KeepAlive, type KeepAliveStatus, WidgetError } from "/widget-futures/index.js";
import { make, secondsUntil, setBar, show } from "./page.js";
import { sentence } from "./trouble.js";

type Verb = "refresh" | "send" | "cancel";
const DONE: Record<Verb, string | undefined> = { refresh: undefined, send: "sent", cancel: "cancelled" };

const KEPT: Record<KeepAliveStatus, [mood: string, words: string]> = {
  alive: ["good", "kept alive"],
  atRisk: ["warn", "at risk: a refresh was missed"],
  maybeExpired: ["warn", "maybe expired: nothing was answered in time"],
  lost: ["bad", "lost: the homeserver has it no more"],
  failed: ["bad", "failed: it cannot be refreshed"],
  stopped: ["", ""],
};

export interface RowEvents {
  /** The person has sent it, or cancelled it, or it turned out to be gone. */
  over(row: Row, outcome: string): void;
}

export class Row {
  readonly view = make("li", "future");
  outcome: string | undefined;
  private kept: KeepAlive | undefined;
  private turn = Promise.resolve();
  private readonly clock = make("span", "clock");
  private readonly bar = make("div");
  private readonly keeping = make("span", "chip");
  private readonly error = make("p", "error");
  private readonly verbs = make("div", "buttons");
  private readonly keep = this.button("Keep alive", () => this.toggle());

  constructor(
    readonly future: Future,
    readonly title: string,
    readonly content: unknown,
    private readonly events: RowEvents,
  ) {
    const { view, clock, bar, keeping, error, verbs } = this;
    view.tabIndex = -1; // it takes the focus when its buttons go
    view.setAttribute("aria-label", title);
    error.setAttribute("role", "alert");
    const time = make("div", "bar", bar);
    time.setAttribute("aria-hidden", "true");
    const timed = future.timeoutMs !== undefined;
    if (!timed) view.classList.add("untimed");
    if (timed) verbs.append(this.verb("Refresh", "refresh"));
    verbs.append(this.verb("Send", "send"), this.verb("Cancel", "cancel"));
    if (timed) {
      this.keep.setAttribute("aria-pressed", "false");
      verbs.append(this.keep);
    }
    const head = make("div", "head", make("span", "", title), keeping, clock);
    view.append(head, make("code", "", JSON.stringify(content)), time, verbs, error);
    this.tick();
  }

  private button(words: string, onclick: () => unknown): HTMLButtonElement {
    const button = make("button", "", words);
    button.type = "button";
    button.onclick = onclick;
    return button;
  }

  private verb(words: string, verb: Verb): HTMLButtonElement {
    return this.button(words, () => this.use(verb));
  }

  /** One verb at a time: two requests may overtake each other. */
  private use(verb: Verb): void {
    this.turn = this.turn.then(() => (this.outcome === undefined ? this.ask(verb) : undefined));
  }

  private async ask(verb: Verb): Promise<void> {
    this.view.ariaBusy = "true";
    show(this.error, "");
    try {
      await this.future[verb]();
      if (DONE[verb] !== undefined) this.end(DONE[verb]);
    } catch (error) {
      show(this.error, sentence(error));
      if (error instanceof WidgetError && error.code === "spent") this.end("gone");
    } finally {
      this.view.ariaBusy = "false";
      this.tick();
    }
  }

  private toggle(): void {
    show(this.error, "");
    if (this.kept) this.kept.stop();
    else this.keepAlive();
  }

  get isKept(): boolean {
    return this.kept !== undefined;
  }

  keepAlive(): void {
    try {
      const kept = this.future.keepAlive();
      this.kept = kept;
      kept.addEventListener("statuschange", () => this.showKept(kept));
      this.showKept(kept);
    } catch (error) {
      show(this.error, sentence(error));
    }
  }

  private showKept({ status, error }: KeepAlive): void {
    const [mood, words] = KEPT[status];
    const going = ["alive", "atRisk", "maybeExpired"].includes(status);
    if (!going) this.kept = undefined;
    this.keep.setAttribute("aria-pressed", String(going));
    this.keeping.dataset.mood = mood;
    show(this.keeping, words);
    if (error) show(this.error, sentence(error));
    if (status === "lost") this.end("gone");
  }

  /** It is over, for this page or by the rules of its group. */
  end(outcome: string): void {
    if (this.outcome !== undefined) return;
    this.outcome = outcome;
    this.kept?.stop();
    if (this.verbs.contains(document.activeElement)) this.view.focus();
    this.verbs.remove();
    this.view.classList.add("over");
    this.tick();
    this.events.over(this, outcome);
  }

  tick(): void {
    const { expiresAt, timeoutMs } = this.future;
    show(this.clock, this.outcome ?? countdown(expiresAt));
    setBar(this.bar, expiresAt, timeoutMs);
  }
}

function countdown(expiresAt: number | undefined): string {
  if (expiresAt === undefined) return "waits for Send";
  const left = secondsUntil(expiresAt);
  return left > 0 ? `goes out in ${left} s` : "its time is over";
}
