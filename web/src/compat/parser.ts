import { type IWidget, Widget } from "./widget.js";

/** A state event, as far as it takes to find a widget in it. */
export interface IStateEvent {
  event_id: string;
  room_id: string;
  type: string;
  sender: string;
  origin_server_ts: number;
  unsigned?: unknown;
  content: unknown;
  state_key: string;
}

/** The content of the account data `m.widgets`: the user's own widgets by their ids. */
export interface IAccountDataWidgets {
  [widgetId: string]: {
    type: "m.widget";
    /** The widget's id. */
    state_key: string;
    /** The user. */
    sender: string;
    content: IWidget;
    /** Not in the specification, but seen. */
    id?: string;
  };
}

/** Whether it is an http or https URL. */
export function isValidUrl(val: string): boolean {
  try {
    return /^https?:$/.test(new URL(val).protocol);
  } catch {
    return false;
  }
}

const isWidgetType = (type: string) => type === "m.widget" || type === "im.vector.modular.widgets";

/** Finds widgets in what rooms and account data hold. What is no widget is passed over. */
export class WidgetParser {
  private constructor() {}

  /** The widgets of a user: the content of their account data `m.widgets`. */
  static parseAccountData(content: IAccountDataWidgets): Widget[] {
    return Object.entries(content || {}).flatMap(([id, entry]) => {
      if (!entry?.sender || !isWidgetType(entry.type) || (entry.state_key || entry.id) !== id) return [];
      return found({ sender: entry.sender, state_key: id, content: entry.content }) ?? [];
    });
  }

  /** The widgets of a room: its state events. */
  static parseWidgetsFromRoomState(currentState: IStateEvent[]): Widget[] {
    return [...(currentState || [])].flatMap((event) => WidgetParser.parseRoomWidget(event) ?? []);
  }

  /** The widget of a state event; null if it has none, or one that lacks what every widget has. */
  static parseRoomWidget(stateEvent: IStateEvent): Widget | null {
    return stateEvent && isWidgetType(stateEvent.type) ? found(stateEvent) : null;
  }
}

function found(event: Pick<IStateEvent, "sender" | "state_key" | "content">): Widget | null {
  const { creatorUserId, name, type, url, waitForIframeLoad, data } = (event.content ||
    {}) as Partial<IWidget>;
  const widget = {
    id: event.state_key,
    creatorUserId: creatorUserId || event.sender,
    ...{ name, type, url, waitForIframeLoad, data },
  } as IWidget;
  return widget.id && widget.creatorUserId && widget.type && isValidUrl(widget.url)
    ? new Widget(widget)
    : null;
}
