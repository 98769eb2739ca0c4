/**
 * REPLAYS, no hosts: they stand for releases that no registry has, and say what a recording of the real one says. A request
 * is answered as the recorded request of the same shape was (names, ids and rooms may differ: situation.ts). Nothing is
 * scheduled or sent, and no homeserver is asked. What was not recorded gets no answer: the page that replays tells
 * "not recorded" and writes an error to its console.
 */

import v1_7_0 from "../../../../protocol/future/testdata/transcripts/widget-api-1.7.0-contentloaded.jsonl" with {
  type: "text",
};
import v1_8_1 from "../../../../protocol/future/testdata/transcripts/widget-api-1.8.1-contentloaded.jsonl" with {
  type: "text",
};
import branch from "../../../../protocol/future/testdata/transcripts/widget-api-branch-d0f024d-contentloaded-seed.jsonl" with {
  type: "text",
};
import type { RoomEvent } from "../../../demo/src/host/homeserver-client.js";
import {
  type Host,
  type HostOptions,
  observedWindow,
  observeMessagesFrom,
} from "../../../demo/src/host/host.js";
import { type Exchange, type Message, RECORDED_ROOM, Recording } from "./recording.js";
import { type Fields, Situation } from "./situation.js";

/** What is replayed under which name: the recording, and whose it is. */
export const REPLAYS = {
  "replay-first-draft": { text: branch, of: "matrix-widget-api, branch commit d0f024d" },
  "replay-1.7.0": { text: v1_7_0, of: "matrix-widget-api 1.7.0" },
  // 1.8.0 spoke the same wire (W§1.2) and was not recorded itself.
  "replay-1.8.0": { text: v1_8_1, of: "matrix-widget-api 1.8.1" },
  "replay-1.8.1": { text: v1_8_1, of: "matrix-widget-api 1.8.1" },
} as const;

type Replay = keyof typeof REPLAYS;

export function replay(lib: string): (options: HostOptions) => Host {
  if (!(lib in REPLAYS)) throw new Error(`lib: "${lib}" is none of ${Object.keys(REPLAYS).join(", ")}`);
  return (options) => new ReplayHost(lib as Replay, options);
}

/** Members of an answer that name something new. */
const NEW_NAMES = [
  "event_id",
  "delay_id",
  "group_id",
  "future_group_id",
  "send_token",
  "cancel_token",
  "refresh_token",
];

class ReplayHost implements Host {
  private readonly recording: Recording;
  private readonly situation: Situation;
  private readonly origin: string;
  private readonly widget: ReturnType<typeof observedWindow>;
  private readonly stopObserving: () => void;
  private readonly heard = new Set<string>();
  private asked = 0;

  constructor(
    private readonly name: Replay,
    private readonly options: HostOptions,
  ) {
    this.recording = new Recording(REPLAYS[name].text);
    this.situation = new Situation(options.roomId);
    this.origin = new URL(options.widgetUrl).origin;
    this.widget = observedWindow(options);
    this.stopObserving = observeMessagesFrom(options);
    if (options.waitForIframeLoad) this.notRecorded("a start at the iframe's load event");
    else addEventListener("message", this.onMessage);
  }

  stop(): void {
    removeEventListener("message", this.onMessage);
    this.stopObserving();
  }

  feed(event: RoomEvent): void {
    if (event.room_id !== this.options.roomId || !this.situation.grants.mayReceive(event)) return;
    const recorded = this.recording.feed(event.state_key !== undefined);
    if (recorded) this.ask(recorded, { ...event });
    else this.notRecorded("an event of the room", event);
  }

  private readonly onMessage = ({ source, data }: MessageEvent) => {
    if (source !== this.options.iframe.contentWindow) return;
    const message = data as Message;
    if (message.widgetId !== this.options.widgetId) return;
    if (!message.response) this.answer(message);
    for (const step of this.recording.stepsAfter(message)) {
      if ("tell" in step) this.options.observer.event(step.tell);
      else this.ask(step.ask, this.dataNow(step.ask, message));
    }
  };

  private answer(request: Message): void {
    const { action, data } = request;
    const shape = this.situation.shape(action, data);
    const again = action === "content_loaded" && this.heard.has(action);
    this.heard.add(action);
    const exchange = again ? undefined : this.recording.exchange(shape);
    const response = exchange ? renamed(exchange, data, this.options.roomId) : this.recording.unknown(action);
    if (!response) {
      this.notRecorded(again ? "a second content_loaded" : shape, request);
      return;
    }
    this.situation.answered(data, response);
    this.widget.postMessage({ ...request, response }, this.origin);
  }

  /** Asks the widget what the recorded host asked it. */
  private ask(recorded: Message, data: Fields): void {
    const { widgetId } = this.options;
    const requestId = `${recorded.requestId}-${++this.asked}`;
    this.widget.postMessage({ ...recorded, widgetId, requestId, data }, this.origin);
  }

  /** The recorded driver approved all that it was asked for; this one asks the page around it. */
  private dataNow({ action, data }: Message, { response }: Message): Fields {
    if (action !== "notify_capabilities") return data;
    const requested = response?.capabilities as string[];
    const approved = requested.filter(this.options.approve);
    this.situation.approve(approved);
    return { requested, approved };
  }

  private notRecorded(what: string, detail?: unknown): void {
    this.options.observer.event("not recorded", { what, detail });
    console.error(`${this.name}: the recording of ${REPLAYS[this.name].of} has nothing like this: ${what}`);
  }
}

/**
 * The recorded response with the names of now: those of the request, and for what the response names anew those recorded,
 * with a number behind them when they have been told before.
 */
function renamed({ request, response, plays }: Exchange, data: Fields, roomId: string): Fields {
  const names = new Map<unknown, unknown>([[RECORDED_ROOM, roomId]]);
  for (const [name, value] of Object.entries(request.data)) {
    if (typeof value === "string" && value !== "" && name in data) names.set(value, data[name]);
  }
  const { room_id: recordedRoom } = request.data;
  const rename = (name: string, value: unknown): unknown => {
    if (names.has(value)) return names.get(value);
    if (typeof value === "string" && NEW_NAMES.includes(name) && value !== "" && plays > 1)
      return `${value}~${plays}`;
    return value;
  };
  const answer = Object.fromEntries(
    Object.entries(response).map(([name, value]) => [name, rename(name, value)]),
  );
  const { message } = (answer.error ?? {}) as { message?: string };
  if (message === undefined || typeof recordedRoom !== "string") return answer;
  return { ...answer, error: { message: message.replace(recordedRoom, String(names.get(recordedRoom))) } };
}
