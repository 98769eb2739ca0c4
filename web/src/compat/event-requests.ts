import {
  WidgetApiFromWidgetAction as Action,
  type IRoomAccountData,
  type IRoomEvent,
  type ISendEventFromWidgetResponseData,
  type ISendToDeviceFromWidgetResponseData,
  type IUpdateDelayedEventFromWidgetResponseData,
  type IWidgetApiRequestData,
  type IWidgetApiResponseData,
  Symbols,
  UpdateDelayedEventAction,
  type WidgetApiAction,
} from "./exports.js";
import type { ITransport } from "./transport.js";
import { WantedCapabilities } from "./wanted.js";

/** A list of rooms as the host wants it: any room is not one of a list. */
function roomIds(rooms?: (string | Symbols.AnyRoom)[]): { room_ids?: Symbols.AnyRoom | string[] } {
  if (!rooms) return {};
  return { room_ids: rooms.includes(Symbols.AnyRoom) ? Symbols.AnyRoom : rooms };
}

/**
 * The events that a widget sends and reads. All of it goes through `transport.send`, which a page may replace. Every
 * method rejects as {@link ITransport.send} does.
 */
export abstract class EventRequests extends WantedCapabilities {
  abstract readonly transport: ITransport;

  // biome-ignore lint/suspicious/noExplicitAny: what comes back is the host's
  protected ask<R extends IWidgetApiResponseData = any>(action: WidgetApiAction, data: object): Promise<R> {
    return this.transport.send<IWidgetApiRequestData, R>(action, data as IWidgetApiRequestData);
  }

  /**
   * Sends a room event; with `delay` (ms) the homeserver keeps it and sends it then (MSC4157), and where it is not proved
   * that it will, the call is refused. `stickyDurationMs`: MSC4407.
   */
  sendRoomEvent(
    eventType: string,
    content: unknown,
    roomId?: string,
    delay?: number,
    stickyDurationMs?: number,
  ): Promise<ISendEventFromWidgetResponseData>;
  /** @deprecated `parentDelayId` is not sent, and refused without `delay`. */
  sendRoomEvent(
    eventType: string,
    content: unknown,
    roomId?: string,
    delay?: number,
    parentDelayId?: string,
    stickyDurationMs?: number,
  ): Promise<ISendEventFromWidgetResponseData>;
  sendRoomEvent(
    eventType: string,
    content: unknown,
    roomId?: string,
    delay?: number,
    parentOrSticky?: string | number,
    stickyDurationMs?: number,
  ): Promise<ISendEventFromWidgetResponseData> {
    const [parent, sticky] =
      typeof parentOrSticky === "number" ? [undefined, parentOrSticky] : [parentOrSticky, stickyDurationMs];
    return this.#sendEvent(eventType, undefined, content, roomId, delay, parent, sticky);
  }

  /** Sends a state event; with `delay` as {@link sendRoomEvent}. */
  sendStateEvent(
    eventType: string,
    stateKey: string,
    content: unknown,
    roomId?: string,
    delay?: number,
  ): Promise<ISendEventFromWidgetResponseData>;
  /** @deprecated `parentDelayId` is not sent, and refused without `delay`. */
  sendStateEvent(
    eventType: string,
    stateKey: string,
    content: unknown,
    roomId?: string,
    delay?: number,
    parentDelayId?: string,
  ): Promise<ISendEventFromWidgetResponseData>;
  sendStateEvent(
    eventType: string,
    stateKey: string,
    content: unknown,
    roomId?: string,
    delay?: number,
    parentDelayId?: string,
  ): Promise<ISendEventFromWidgetResponseData> {
    return this.#sendEvent(eventType, stateKey, content, roomId, delay, parentDelayId);
  }

  #sendEvent(
    type: string,
    state_key: string | undefined,
    content: unknown,
    room_id?: string,
    delay?: number,
    parent_delay_id?: string,
    sticky_duration_ms?: number,
  ): Promise<ISendEventFromWidgetResponseData> {
    return this.ask(Action.SendEvent, {
      type,
      content,
      ...(state_key !== undefined && { state_key }),
      ...(room_id !== undefined && { room_id }),
      ...(delay !== undefined && { delay }),
      ...(parent_delay_id !== undefined && { parent_delay_id }),
      ...(sticky_duration_ms !== undefined && { sticky_duration_ms }),
    });
  }

  /** Drops a delayed event (MSC4157). */
  cancelScheduledDelayedEvent(delayId: string): Promise<IUpdateDelayedEventFromWidgetResponseData> {
    return this.#updateDelayed(delayId, UpdateDelayedEventAction.Cancel);
  }

  /** Restarts the timer of a delayed event (MSC4157). */
  restartScheduledDelayedEvent(delayId: string): Promise<IUpdateDelayedEventFromWidgetResponseData> {
    return this.#updateDelayed(delayId, UpdateDelayedEventAction.Restart);
  }

  /** Sends a delayed event now (MSC4157). */
  sendScheduledDelayedEvent(delayId: string): Promise<IUpdateDelayedEventFromWidgetResponseData> {
    return this.#updateDelayed(delayId, UpdateDelayedEventAction.Send);
  }

  #updateDelayed(
    delay_id: string,
    action: UpdateDelayedEventAction,
  ): Promise<IUpdateDelayedEventFromWidgetResponseData> {
    return this.ask(Action.MSC4157UpdateDelayedEvent, { delay_id, action });
  }

  /** Sends to-device messages: contents by user and device (MSC3819). */
  sendToDevice(
    eventType: string,
    encrypted: boolean,
    contentMap: { [userId: string]: { [deviceId: string]: object } },
  ): Promise<ISendToDeviceFromWidgetResponseData> {
    return this.ask(Action.SendToDevice, { type: eventType, encrypted, messages: contentMap });
  }

  async readRoomAccountData(
    eventType: string,
    rooms?: (string | Symbols.AnyRoom)[],
  ): Promise<IRoomAccountData[]> {
    return (await this.ask(Action.BeeperReadRoomAccountData, { type: eventType, ...roomIds(rooms) })).events;
  }

  /** Reads room events, newest first (MSC2876). */
  async readRoomEvents(
    eventType: string,
    limit?: number,
    msgtype?: string,
    rooms?: (string | Symbols.AnyRoom)[],
    since?: string,
  ): Promise<IRoomEvent[]> {
    const data = { type: eventType, msgtype, ...(limit !== undefined && { limit }), ...roomIds(rooms) };
    return (await this.ask(Action.MSC2876ReadEvents, since ? { ...data, since } : data)).events;
  }

  /** Reads state events; without a key, of any key (MSC2876). */
  async readStateEvents(
    eventType: string,
    limit?: number,
    stateKey?: string,
    rooms?: (string | Symbols.AnyRoom)[],
  ): Promise<IRoomEvent[]> {
    const state_key = stateKey === undefined ? true : stateKey;
    const data = { type: eventType, state_key, ...(limit !== undefined && { limit }), ...roomIds(rooms) };
    return (await this.ask(Action.MSC2876ReadEvents, data)).events;
  }
}
