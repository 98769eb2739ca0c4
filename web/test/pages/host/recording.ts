/**
 * A recording of a real host, read for being played again: what it answered to requests of each shape, and what it did by
 * itself after which message of the widget.
 */
import { type Fields, Situation } from "./situation.js";

export interface Message {
  api: "fromWidget" | "toWidget";
  widgetId: string;
  requestId: string;
  action: string;
  data: Fields;
  response?: Fields;
}

/** One request of the recorded widget, and the answer it got. */
export interface Exchange {
  request: Message;
  response: Fields;
  /** How often it has been played. */
  plays: number;
}

/** What the recorded host did by itself: it told its embedder something, or asked the widget. */
export type Step = { tell: string } | { ask: Message };

interface Row {
  k: string;
  dir?: "widget>host" | "host>widget";
  msg?: Message;
  e?: string;
}

/** The room of every recording; its names are placeholders. */
export const RECORDED_ROOM = "!room:example.org";

/** Actions that no host knows: the first was made up, the second never shipped. */
const UNKNOWN_ACTIONS = ["no.such.action", "send_future"];

/** Actions that every ClientWidgetApi knows (W§3.5). That one was not recorded does not make it unknown. */
const BASE_ACTIONS = [
  "get_openid",
  "m.sticker",
  "set_always_on_screen",
  "open_modal",
  "close_modal",
  "set_button_enabled",
  "send_to_device",
  "watch_turn_servers",
  "unwatch_turn_servers",
];

export class Recording {
  private readonly exchanges = new Map<string, Exchange[]>();
  private readonly steps = new Map<string, Step[]>();
  private readonly fed: Message[] = [];
  private readonly known = new Set(BASE_ACTIONS);
  private versions: string[] = [];
  private refusal = "";

  constructor(text: string) {
    const situation = new Situation(RECORDED_ROOM);
    const asked = new Map<string, { request: Message; shape: string }>();
    let last = "";
    let opening = true;
    for (const line of text.split("\n").filter(Boolean)) {
      const { k, dir, msg, e } = JSON.parse(line) as Row;
      if (k === "hostevent" && e !== undefined) this.after(last, { tell: e });
      if (k !== "wire" || !msg) continue;
      if (dir === "widget>host") {
        last = trigger(msg);
        if (msg.response) continue;
        opening &&= msg.action === "supported_api_versions" || msg.action === "content_loaded";
        asked.set(msg.requestId, { request: msg, shape: situation.shape(msg.action, msg.data) });
      } else if (msg.response) {
        const { request, shape } = asked.get(msg.requestId) ?? {};
        if (!request || !shape) throw new Error(`an answer to nothing: ${line}`);
        this.take(shape, { request, response: msg.response, plays: 0 });
        situation.answered(request.data, msg.response);
      } else if (opening) {
        this.after(last, { ask: msg });
        if (msg.action === "notify_capabilities") situation.approve(msg.data.approved as string[]);
      } else {
        this.fed.push(msg);
      }
    }
    if (!this.refusal) throw new Error("the recording has no answer to an unknown action");
  }

  /** The exchange to play for a request of that shape: those recorded in their order, then the last again and again. */
  exchange(shape: string): Exchange | undefined {
    const list = this.exchanges.get(shape);
    const found = list?.find(({ plays }) => plays === 0) ?? list?.at(-1);
    if (found) found.plays++;
    return found;
  }

  /** The recorded refusal of an unknown action; undefined where the recorded host may know this one. */
  unknown(action: string): Fields | undefined {
    const mayKnow =
      this.known.has(action) || this.versions.some((version) => action.startsWith(`${version}.`));
    return mayKnow ? undefined : { error: { message: this.refusal + action } };
  }

  /** What the recorded host did by itself after such a message of the widget. */
  stepsAfter(message: Message): Step[] {
    return this.steps.get(trigger(message)) ?? [];
  }

  /** How the recorded host passed on an event of the room. */
  feed(isState: boolean): Message | undefined {
    return this.fed.find(({ data }) => (data.state_key !== undefined) === isState);
  }

  private after(last: string, step: Step): void {
    this.steps.set(last, [...(this.steps.get(last) ?? []), step]);
  }

  private take(shape: string, exchange: Exchange): void {
    const { request, response } = exchange;
    const { message } = (response.error ?? {}) as { message?: string };
    if (UNKNOWN_ACTIONS.includes(request.action) && message?.endsWith(request.action))
      this.refusal = message.slice(0, -request.action.length);
    else this.known.add(request.action);
    if (request.action === "supported_api_versions") this.versions = response.supported_versions as string[];
    this.exchanges.set(shape, [...(this.exchanges.get(shape) ?? []), exchange]);
  }
}

/** Names a message of the widget, so that what followed it then can follow it now. */
function trigger({ action, response }: Message): string {
  return `${response ? "answer to" : "request"} ${action}`;
}
