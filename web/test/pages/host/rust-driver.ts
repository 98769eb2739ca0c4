/** Part of the FAKE Rust-style host (rust-style.ts): what its machine has done at the homeserver, always in its one room. */
import { MatrixHttpError, type RoomEvent } from "../../../demo/src/host/homeserver-client.js";
import type { HostOptions } from "../../../demo/src/host/host.js";
import type { ReadEvents, SendEvent, SendToDevice, UpdateDelayed } from "./rust-wire.js";
import type { Services } from "./services/services.js";
import type { Fields } from "./situation.js";

const DELAYED_EVENTS = "_matrix/client/unstable/org.matrix.msc4140/delayed_events/";
const DEFAULT_LIMIT = 50;

export class RustDriver {
  constructor(
    private readonly options: HostOptions,
    private readonly services: Services,
  ) {}

  async send({
    type,
    content,
    state_key,
    delay,
  }: SendEvent): Promise<{ event_id?: string; delay_id?: string }> {
    const { homeserver, roomId, observer } = this.options;
    const key = state_key ?? undefined;
    const redacts = (content as Fields | null)?.redacts;
    if (typeof redacts === "string" && redacts.startsWith("$")) {
      observer.driver("redact", [redacts]); // whatever the delay
      return { event_id: await homeserver.sendEvent(roomId, "m.room.redaction", content) };
    }
    if (delay === undefined || delay === null) {
      observer.driver("sendEvent", [type, content, key]);
      return { event_id: await homeserver.sendEvent(roomId, type, content, key) };
    }
    observer.driver("sendDelayedEvent", [delay, type, content, key]);
    return { delay_id: await homeserver.sendDelayedEvent(roomId, type, content, key, delay) };
  }

  /** The old form, with the action in the body. */
  async update({ delay_id, action }: UpdateDelayed): Promise<object> {
    this.options.observer.driver("updateDelayedEvent", [delay_id, action]);
    const url = new URL(DELAYED_EVENTS + encodeURIComponent(delay_id), this.options.homeserver.baseUrl);
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ action }),
    });
    if (response.ok) return {};
    const body = await response.json().catch(() => ({}));
    throw new MatrixHttpError(response.status, {}, url.href, body);
  }

  async read({ type, state_key, limit }: ReadEvents): Promise<RoomEvent[]> {
    const { homeserver, roomId } = this.options;
    if (state_key !== undefined && state_key !== null)
      return homeserver.state(roomId, type, state_key === true ? undefined : state_key);
    const events = (await homeserver.timeline(roomId)).filter((event) => event.type === type);
    return events.reverse().slice(0, limit ?? DEFAULT_LIMIT);
  }

  async sendToDevice({ type, messages, encrypted }: SendToDevice): Promise<object> {
    this.services.asked("sendToDevice", type, encrypted, messages);
    const failures = this.services.toDevice.send(type, encrypted, messages);
    return Object.keys(failures).length > 0 ? { failures } : {};
  }

  /** A file crosses as base64, as nothing but JSON does. */
  async download(contentUri: string): Promise<{ file: string }> {
    this.services.asked("downloadFile", contentUri);
    const bytes = new Uint8Array(await this.services.media.download(contentUri).arrayBuffer());
    return { file: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join("")) };
  }

  async transports(): Promise<object> {
    this.services.asked("getRtcTransports");
    return { rtc_transports: this.services.rtc.transports };
  }

  /** Rejects where the person says no. */
  openId(): Promise<object> {
    this.services.asked("askOpenID");
    const { openId } = this.services;
    return new Promise((resolve, reject) =>
      openId.request((allowed) => (allowed ? resolve(openId.token()) : reject(new Error("blocked")))),
    );
  }

  /** What the machine tells the widget of a failure; it has no headers and no URL. */
  failure(error: unknown): { message: string; matrix_api_error: Fields | null } {
    if (!(error instanceof MatrixHttpError))
      return {
        message: `error sending request for url (${this.options.homeserver.baseUrl})`,
        matrix_api_error: null,
      };
    const { status, body } = error;
    const standard = typeof body.errcode === "string";
    return {
      message: `the server returned an error: [${status} / ${body.errcode}] ${body.error}`,
      matrix_api_error: standard ? { http_status: status, response: body } : null,
    };
  }
}
