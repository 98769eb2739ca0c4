/**
 * The switches of the embedded homeserver, which the demo server has on the host page's own origin: what goes wrong between
 * it and everybody, as sentences, for how long, and for which requests.
 */
import { element, fillSelect, make, setText } from "./dom.js";
import { onPress, TROUBLE_SECONDS } from "./trouble.js";

/** What `POST /homeserver` takes as `faults`; each member is optional. */
interface Faults {
  down?: "abort" | "gateway" | "stopped";
  loseRequests?: number;
  loseAnswers?: number;
  lateMs?: number;
  status?: number;
  errcode?: string;
  retryAfterMs?: number;
  only?: string;
  forMs?: number;
}

interface Preset {
  name: string;
  words: string;
  faults: Faults;
  /** It cannot concern some requests only. */
  all?: true;
}

const PRESETS: readonly Preset[] = [
  { name: "down", words: "is down: connections break, its timers run on", faults: { down: "abort" } },
  {
    name: "stopped",
    words: "is stopped: its timers wait, and go off when it is back",
    faults: { down: "stopped" },
    all: true,
  },
  {
    name: "gateway",
    words: "is down behind a proxy: 502, which no page may read",
    faults: { down: "gateway" },
  },
  { name: "lose-requests", words: "never hears 3 requests in 10", faults: { loseRequests: 0.3 } },
  {
    name: "lose-answers",
    words: "does what it is asked, but 3 answers in 10 get lost",
    faults: { loseAnswers: 0.3 },
  },
  { name: "mute", words: "does what it is asked, but no answer arrives", faults: { loseAnswers: 1 } },
  { name: "late", words: "answers 3 s late", faults: { lateMs: 3000 } },
  {
    name: "busy",
    words: "refuses: too many requests, wait 2 s (429)",
    faults: { status: 429, retryAfterMs: 2000 },
  },
  { name: "broken", words: "refuses: it is broken (500)", faults: { status: 500 } },
  { name: "maintenance", words: "refuses: it is being maintained (503)", faults: { status: 503 } },
  { name: "forbidden", words: "refuses: not allowed (403)", faults: { status: 403 } },
  { name: "unknown", words: "refuses: no such thing (404)", faults: { status: 404 } },
  { name: "logged-out", words: "refuses: logged out (401)", faults: { status: 401 } },
];

const ONLY: readonly (readonly [path: string, words: string])[] = [
  ["", "every request"],
  ["/delayed_events/", "pushing back, sending, cancelling a delayed event"],
  ["/future/", "the tokens of the first draft"],
  ["_future/", "scheduling in the first draft"],
  ["/state/", "writing and scheduling state"],
];

const GOOD = "All is well.";

/** What is asked for once. */
interface Deed {
  name: string;
  words: string;
  change: object;
  done: string;
}

const DEEDS: readonly Deed[] = [
  {
    name: "forget",
    words: "It forgets all that is scheduled",
    change: { forget: true },
    done: "The homeserver has forgotten what was scheduled: none of it will be sent.",
  },
  {
    name: "clock-ahead",
    words: "Its clock jumps a minute ahead",
    change: { stepClockMs: 60_000 },
    done: "The homeserver’s clock has jumped a minute ahead: what was due within it went out now.",
  },
  {
    name: "clock-back",
    words: "Its clock jumps a minute back",
    change: { stepClockMs: -60_000 },
    done: "The homeserver’s clock has jumped a minute back: what is scheduled waits a minute longer.",
  },
];

export class FaultPanel {
  private until: number | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    const fault = fillSelect(
      "fault",
      PRESETS.map(({ name, words }) => [name, words] as const),
    );
    const only = fillSelect("fault-only", ONLY);
    const lasts = fillSelect("fault-for", [
      [String(1000 * TROUBLE_SECONDS), `for ${TROUBLE_SECONDS} s`],
      ["60000", "for a minute"],
      ["0", "until I end it"],
    ]);
    fault.onchange = () => {
      only.disabled = PRESETS[fault.selectedIndex]?.all === true;
      if (only.disabled) only.value = "";
    };
    element("faults-form").onsubmit = (event) => event.preventDefault();
    onPress("fault-on", async () => {
      const preset = PRESETS[fault.selectedIndex];
      if (!preset) return;
      const forMs = Number(lasts.value);
      await administer({ faults: { ...preset.faults, only: only.value, forMs } });
      const concerned = only.value === "" ? "" : ` This concerns ${only.selectedOptions[0]?.textContent}.`;
      this.tell(`The homeserver ${preset.words}.${concerned}`, forMs);
    });
    onPress("fault-off", async () => {
      await administer({ faults: {} });
      this.tell(GOOD);
    });
    element("deeds").replaceChildren(...DEEDS.map(({ name, words }) => buttonOf(name, words)));
    for (const { name, change, done } of DEEDS) {
      onPress(name, async () => {
        await administer(change); // what is switched on stays so
        setText(element("deed-told"), done);
      });
    }
  }

  /** Another homeserver than the embedded one has no switches. */
  offer(embedded: boolean): void {
    for (const control of element("faults").querySelectorAll<HTMLButtonElement | HTMLSelectElement>(
      "button, select",
    ))
      control.disabled = !embedded || (control.id === "fault-off" && this.until === undefined);
    if (!embedded) setText(element("fault-told"), "This homeserver is not ours: it has no such switches.");
    else if (this.until === undefined) setText(element("fault-told"), GOOD);
  }

  /** Says what is going on, and for how long; without a duration, until it is ended. */
  private tell(words: string, forMs?: number): void {
    clearTimeout(this.again);
    const on = forMs !== undefined;
    this.until =
      forMs === undefined ? undefined : forMs === 0 ? Number.POSITIVE_INFINITY : Date.now() + forMs;
    element<HTMLButtonElement>("fault-off").disabled = !on;
    setText(element("fault-told"), on ? `${words} “End it now” ends it.` : words);
    this.countDown();
  }

  /** The seconds are shown and not read out one by one. */
  private countDown(): void {
    const left = this.until === undefined ? 0 : Math.ceil((this.until - Date.now()) / 1000);
    const shown = element("fault-left");
    if (this.until === undefined || !Number.isFinite(left)) setText(shown, "");
    else if (left > 0) {
      setText(shown, `another ${left} s`);
      this.again = setTimeout(() => this.countDown(), 250);
    } else this.tell("It is over: the homeserver is as it was.");
  }
}

async function administer(change: object): Promise<void> {
  const response = await fetch("homeserver", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(change),
  });
  if (response.ok) return;
  const { error } = await response.json().catch(() => ({}));
  throw new Error(`The homeserver's switches answered ${response.status}${error ? `: ${error}` : ""}.`);
}

function buttonOf(id: string, words: string): HTMLButtonElement {
  const button = make("button", "", words);
  button.type = "button";
  button.id = id;
  return button;
}
