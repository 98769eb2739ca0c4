/**
 * What clients give widgets beyond events: media, to-device messages, an identity, servers for calls, people. The embedded
 * homeserver has no endpoints for that, so it is kept in the page and behaves as a homeserver does. A test reads and sets it
 * as `window.services`.
 */
import type { IRoomAccountData, WidgetDriver } from "matrix-widget-api";
import { type HomeserverClient, MatrixHttpError } from "../../../../demo/src/host/homeserver-client.js";
import type { HostObserver } from "../../../../demo/src/host/host.js";
import { Media } from "./media.js";
import { OpenId } from "./openid.js";
import { readRelations, readSticky } from "./room.js";
import { Rtc } from "./rtc.js";
import { ToDevice } from "./to-device.js";
import { TurnServers } from "./turn.js";

export interface Place {
  homeserver: HomeserverClient;
  userId: string;
  deviceId: string;
  roomId: string;
  observer: HostObserver;
}

/** How a method of the driver fails. */
type Failure =
  | "network"
  | { status: number; body: Record<string, unknown>; headers?: Record<string, string> };

interface Person {
  userId: string;
  displayName?: string;
  avatarUrl?: string;
}

const FOUND_AT_MOST = 10;

export class Services {
  readonly media: Media;
  readonly openId: OpenId;
  readonly rtc: Rtc;
  readonly toDevice: ToDevice;
  readonly turn = new TurnServers();
  accountData: IRoomAccountData[] = [];
  people: Person[] = [];
  /** By the driver's method. */
  failures: Record<string, Failure> = {};

  constructor(private readonly place: Place) {
    const serverName = place.userId.slice(place.userId.indexOf(":") + 1);
    this.media = new Media(serverName);
    this.openId = new OpenId(serverName);
    this.rtc = new Rtc(place.homeserver);
    this.toDevice = new ToDevice(place.userId, place.deviceId);
  }

  /** The methods of a driver that are about this, in addition to those for the room, whose reads are reported. */
  driver(room: WidgetDriver): Partial<WidgetDriver> {
    const { media, openId, place, rtc, toDevice, turn } = this;
    const asked = this.asked.bind(this);
    const readRoomTimeline = room.readRoomTimeline.bind(room);
    return {
      async readRoomTimeline(...args) {
        asked("readRoomTimeline", ...args);
        return readRoomTimeline(...args);
      },
      async sendToDevice(type, encrypted, messages) {
        asked("sendToDevice", type, encrypted, messages);
        toDevice.send(type, encrypted, messages);
      },
      readRoomAccountData: async (type, roomIds) => {
        asked("readRoomAccountData", type, roomIds);
        const rooms = roomIds ?? [place.roomId];
        return this.accountData.filter((data) => data.type === type && rooms.includes(data.room_id));
      },
      async readStickyEvents(roomId) {
        asked("readStickyEvents", roomId);
        return readSticky(place.homeserver, roomId);
      },
      async readEventRelations(eventId, room, relType, eventType, from, to, limit, direction) {
        asked("readEventRelations", eventId, room, relType, eventType, from, to, limit, direction);
        const query = { eventId, relType, eventType, from, to, limit, direction };
        return readRelations(place.homeserver, room ?? place.roomId, query);
      },
      askOpenID(observer) {
        asked("askOpenID");
        openId.ask(observer);
      },
      async navigate(uri) {
        asked("navigate", uri);
      },
      getTurnServers() {
        asked("getTurnServers");
        return turn.watch();
      },
      searchUserDirectory: async (term, limit) => {
        asked("searchUserDirectory", term, limit);
        return this.#search(term, limit);
      },
      async getMediaConfig() {
        asked("getMediaConfig");
        return { "m.upload.size": media.limit };
      },
      async uploadFile(file) {
        asked("uploadFile", file);
        return { contentUri: await media.upload(file) };
      },
      async downloadFile(contentUri) {
        asked("downloadFile", contentUri);
        return { file: media.download(contentUri) };
      },
      async getRtcTransports() {
        asked("getRtcTransports");
        return { rtc_transports: rtc.transports };
      },
      async getRtcLivekitToken(request) {
        asked("getRtcLivekitToken", request);
        return rtc.token(request);
      },
      async delegateRtcLivekitDelayedLeave(request) {
        asked("delegateRtcLivekitDelayedLeave", request);
        return rtc.delegate(request);
      },
    };
  }

  /** Reports a call, and fails it where a test wants that. */
  asked(method: string, ...args: unknown[]): void {
    this.place.observer.driver(method, args.map(told));
    const failure = this.failures[method];
    if (failure === "network") throw new TypeError("Failed to fetch");
    if (!failure) return;
    const { status, headers, body } = failure;
    throw new MatrixHttpError(status, headers ?? {}, this.place.homeserver.baseUrl, body);
  }

  #search(term: string, limit = FOUND_AT_MOST) {
    const matches = (text = "") => text.toLowerCase().includes(term.toLowerCase());
    const found = this.people.filter(({ userId, displayName }) => matches(userId) || matches(displayName));
    return { limited: found.length > limit, results: found.slice(0, limit) };
  }
}

/** An argument as a test can read it: what is in a file is not in the page of the test. */
function told(value: unknown): unknown {
  if (value instanceof Blob) return { blob: value.type, size: value.size };
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return { bytes: value.byteLength };
  return value;
}
