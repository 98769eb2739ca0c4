/** What the client allows the widget: all, what a person ticks in a prompt as real clients have one, or nothing. */
import { element, fillSelect, make } from "./dom.js";

type Mode = "all" | "ask" | "events" | "none";

const MODES: readonly (readonly [Mode, string])[] = [
  ["all", "allowed"],
  ["ask", "asked, as real clients do"],
  ["events", "allowed, except futures"],
  ["none", "denied"],
];

const DELAYED = /^(org\.matrix\.msc4157|m)\.(send|update)[._]delayed_event$/;

interface Question {
  capability: string;
  decide: (allowed: boolean) => void;
}

export class Permissions {
  private readonly mode = fillSelect("grants", MODES);
  private readonly dialog = element<HTMLDialogElement>("permissions");
  private asked: Question[] = [];

  constructor(onChange: () => void) {
    this.mode.onchange = onChange;
  }

  readonly approve = (capability: string): boolean | Promise<boolean> => {
    switch (this.mode.value as Mode) {
      case "all":
        return true;
      case "none":
        return false;
      case "events":
        return !DELAYED.test(capability);
      case "ask":
        return new Promise((decide) => this.ask({ capability, decide }));
    }
  };

  /** Who asked is no more. */
  dismiss(): void {
    for (const { decide } of this.asked.splice(0)) decide(false);
    this.dialog.close("deny");
  }

  /** All that is asked in one go is one prompt. */
  private ask(question: Question): void {
    this.asked.push(question);
    if (this.asked.length === 1 && !this.dialog.open) queueMicrotask(() => this.prompt());
  }

  private prompt(): void {
    const questions = this.asked.splice(0);
    if (questions.length === 0) return;
    const boxes = questions.map(({ capability }) => {
      const box = make("input");
      box.type = "checkbox";
      box.checked = true;
      const words = make("span", "", wordsFor(capability), make("code", "quiet", capability));
      return [make("li", "", make("label", "check", box, words)), box] as const;
    });
    element("permissions-asked").replaceChildren(...boxes.map(([item]) => item));
    this.dialog.returnValue = "deny"; // what the Escape key means
    this.dialog.onclose = () => {
      const allowed = this.dialog.returnValue === "allow";
      for (const [i, { decide }] of questions.entries()) decide(allowed && boxes[i]?.[1].checked === true);
      this.prompt();
    };
    this.dialog.showModal();
  }
}

/** A capability as a client asks a person. */
function wordsFor(capability: string): string {
  if (DELAYED.test(capability))
    return capability.includes("update")
      ? "Push back, send or cancel what it has scheduled"
      : "Have the homeserver send events later, when you may be gone";
  const [, verb, kind, what = ""] =
    /^org\.matrix\.msc2762\.(send|receive)\.(event|state_event):(.*)$/s.exec(capability) ?? [];
  const room = /^org\.matrix\.msc2762\.timeline:(.*)$/s.exec(capability)?.[1];
  if (room !== undefined) return `Name the room ${room} in what it asks`;
  if (!verb) return "Something that this client has no words for";
  const [type, ...key] = what.split("#");
  const object = kind === "event" ? `messages of type ${type}` : `room state ${type}`;
  const own = key.length > 0 ? ` (only “${key.join("#")}”)` : "";
  return verb === "send" ? `Write ${object}${own}, as you` : `Read ${object}${own}`;
}
