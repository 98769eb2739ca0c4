/**
 * A host around the real `ClientWidgetApi` of matrix-widget-api, whichever release is handed in, with a driver that does
 * what Element Web's does: it asks the homeserver, with delays through `org.matrix.msc4140.delay`.
 *
 * What the releases ask of a driver has changed. One driver answers to all of them, as each calls only what it knows:
 *
 *	up to 1.17.0    a `parentDelayId` in second place of what schedules, which no homeserver has ever taken
 *	up to 1.13.1    one `updateDelayedEvent(delayId, action)` instead of a method per action
 *	up to 1.10.0    `readRoomEvents`, `readStateEvents` for several rooms or, with null, the viewed one
 *	since 1.10.0    `processError`: without it the widget hears of no Matrix error
 *	since 1.13.1    `getKnownRooms`, `readRoomTimeline`, `readRoomState`; the host is told which room is viewed
 *	since 1.15.0    methods for sticky events; before, the library drops the stickiness and says nothing
 */
import type * as WidgetApi from "matrix-widget-api";
import {
  type DelayedAction,
  type HomeserverClient,
  MatrixHttpError,
  type RoomEvent,
} from "./homeserver-client.js";
import { approvedOf, type Host, type HostOptions, observedWindow, observeMessagesFrom } from "./host.js";

/** What this host uses of the library, in the types of the newest release. */
export type WidgetApiLibrary = Pick<typeof WidgetApi, "ClientWidgetApi" | "Widget" | "WidgetDriver">;

const ANY_ROOM = "*";
const REPORTED_EVENTS = ["preparing", "ready", "error:preparing", "capabilitiesNotified"];

export class ClientWidgetApiHost implements Host {
  readonly api: WidgetApi.ClientWidgetApi;
  private readonly stopObserving: () => void;

  /** `more` is what the driver does beyond rooms and delayed events. */
  constructor(
    library: WidgetApiLibrary,
    private readonly options: HostOptions,
    more: (driver: WidgetApi.WidgetDriver) => Partial<WidgetApi.WidgetDriver> = () => ({}),
  ) {
    const { iframe, observer, widgetId, widgetUrl, waitForIframeLoad, userId, roomId } = options;
    this.stopObserving = observeMessagesFrom(options);
    const widget = new library.Widget({
      id: widgetId,
      creatorUserId: userId,
      type: "m.custom",
      url: widgetUrl,
      waitForIframeLoad,
    });
    // The library uses two members of the iframe; its window is replaced by one that reports what is sent.
    const frame = {
      contentWindow: observedWindow(options),
      addEventListener: iframe.addEventListener.bind(iframe),
    } as unknown as HTMLIFrameElement;
    const base = createDriver(library, options);
    const driver = Object.assign(base, more(base));
    this.api = new library.ClientWidgetApi(widget, frame, driver);
    for (const name of REPORTED_EVENTS) {
      this.api.on(name, (detail?: unknown) =>
        observer.event(name, detail === undefined ? undefined : String(detail)),
      );
    }
    this.api.setViewedRoomId?.(roomId);
  }

  feed(event: RoomEvent): void {
    const unheard = () => this.options.observer.event("unheard", event.event_id);
    // Up to 1.10.0 the viewed room stands beside the event, later releases remember it.
    this.api.feedEvent(event as unknown as WidgetApi.IRoomEvent, this.options.roomId).catch(unheard);
    if (event.state_key !== undefined) {
      this.api.feedStateUpdate?.(event as unknown as WidgetApi.IRoomEvent).catch(unheard);
    }
  }

  stop(): void {
    this.api.stop();
    this.stopObserving();
  }
}

type ArgumentsOf<Method extends "sendDelayedEvent" | "sendDelayedStickyEvent"> = Parameters<
  WidgetApi.WidgetDriver[Method]
>;

/** The arguments as since 1.18.0: five, where there were six. */
function withoutParent([delay, ...rest]: unknown[]): unknown[] {
  return [delay, ...rest.slice(-4)];
}

function createDriver(library: WidgetApiLibrary, options: HostOptions): WidgetApi.WidgetDriver {
  const { homeserver, roomId: viewedRoom, approve, observer } = options;

  async function eachRoom<T>(rooms: string[] | null, read: (roomId: string) => Promise<T[]>): Promise<T[]> {
    const asked = rooms === null || rooms.includes(ANY_ROOM) ? [viewedRoom] : rooms;
    return (await Promise.all(asked.map(read))).flat();
  }

  class Driver extends library.WidgetDriver {
    override async validateCapabilities(requested: Set<string>) {
      return new Set(await approvedOf(requested, approve));
    }

    override async sendEvent(type: string, content: unknown, stateKey: string | null, room: string | null) {
      observer.driver("sendEvent", [type, content, stateKey, room]);
      const roomId = room ?? viewedRoom;
      return { roomId, eventId: await homeserver.sendEvent(roomId, type, content, stateKey ?? undefined) };
    }

    override async sendDelayedEvent(...args: unknown[]) {
      const [delay, type, content, stateKey, room] = withoutParent(args) as ArgumentsOf<"sendDelayedEvent">;
      observer.driver("sendDelayedEvent", [delay, type, content, stateKey, room]);
      const roomId = room ?? viewedRoom;
      const delayId = await homeserver.sendDelayedEvent(roomId, type, content, stateKey ?? undefined, delay);
      return { roomId, delayId };
    }

    override async sendStickyEvent(stickyMs: number, type: string, content: unknown, room: string | null) {
      observer.driver("sendStickyEvent", [stickyMs, type, content, room]);
      const roomId = room ?? viewedRoom;
      return { roomId, eventId: await homeserver.sendEvent(roomId, type, content, undefined, stickyMs) };
    }

    override async sendDelayedStickyEvent(...args: unknown[]) {
      const [delay, stickyMs, type, content, room] = withoutParent(
        args,
      ) as ArgumentsOf<"sendDelayedStickyEvent">;
      observer.driver("sendDelayedStickyEvent", [delay, stickyMs, type, content, room]);
      const roomId = room ?? viewedRoom;
      const delayId = await homeserver.sendDelayedEvent(roomId, type, content, undefined, delay, stickyMs);
      return { roomId, delayId };
    }

    updateDelayedEvent(delayId: string, action: DelayedAction) {
      observer.driver("updateDelayedEvent", [delayId, action]);
      return homeserver.updateDelayedEvent(delayId, action);
    }

    override cancelScheduledDelayedEvent(delayId: string) {
      return this.update("cancelScheduledDelayedEvent", delayId, "cancel");
    }

    override restartScheduledDelayedEvent(delayId: string) {
      return this.update("restartScheduledDelayedEvent", delayId, "restart");
    }

    override sendScheduledDelayedEvent(delayId: string) {
      return this.update("sendScheduledDelayedEvent", delayId, "send");
    }

    private update(method: string, delayId: string, action: DelayedAction) {
      observer.driver(method, [delayId]);
      return homeserver.updateDelayedEvent(delayId, action);
    }

    override getKnownRooms() {
      return [viewedRoom];
    }

    override readRoomEvents(
      type: string,
      msgtype: string | undefined,
      limit: number,
      rooms: string[] | null,
      since?: string,
    ) {
      return eachRoom(rooms, (roomId) =>
        this.readRoomTimeline(roomId, type, msgtype, undefined, limit, since),
      );
    }

    override readStateEvents(
      type: string,
      stateKey: string | undefined,
      _limit: number,
      rooms: string[] | null,
    ) {
      return eachRoom(rooms, (roomId) => this.readRoomState(roomId, type, stateKey));
    }

    override readRoomState(roomId: string, type: string, stateKey: string | undefined) {
      return readState(homeserver, roomId, type, stateKey);
    }

    override async readRoomTimeline(
      roomId: string,
      type: string,
      msgtype: string | undefined,
      stateKey: string | undefined,
      limit: number,
      since?: string,
    ) {
      const timeline = await homeserver.timeline(roomId);
      const start = timeline.findIndex(({ event_id }) => event_id === since) + 1;
      const events = timeline
        .slice(start)
        .filter(
          (event) =>
            event.type === type &&
            (msgtype === undefined || event.content.msgtype === msgtype) &&
            (stateKey === undefined || event.state_key === stateKey),
        );
      return events.reverse().slice(0, limit || undefined) as unknown as WidgetApi.IRoomEvent[];
    }

    /** Only what the homeserver said is passed on, as Element Web does; a network failure stays unexplained. */
    override processError(error: unknown) {
      if (!(error instanceof MatrixHttpError)) return undefined;
      return { matrix_api_error: error.toWidgetError() as unknown as WidgetApi.IMatrixApiError };
    }
  }
  return new Driver();
}

async function readState(
  homeserver: HomeserverClient,
  roomId: string,
  type: string,
  stateKey: string | undefined,
) {
  return (await homeserver.state(roomId, type, stateKey)) as unknown as WidgetApi.IRoomEvent[];
}
