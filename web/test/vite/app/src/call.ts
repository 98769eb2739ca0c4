/** One call: joined and left through matrix-js-sdk's MatrixRTC, with the host told as Element Call 0.26.1 tells it. */
import {
  type LivekitTransportConfig,
  type MatrixRTCSession,
  MatrixRTCSessionEvent,
  MembershipManagerEvent,
} from "matrix-js-sdk/lib/matrixrtc";
import { type IWidgetApiRequestData, WidgetApiToWidgetAction } from "matrix-widget-api";
import type { Params } from "./params";
import { CallAction, type CallWidget } from "./widget";

interface Mute {
  audio_enabled: boolean;
  video_enabled: boolean;
}

/** Element Call's own: a leave that this page keeps from going out, and one that somebody else does. */
const OWN_LEAVE = { delayMs: 18_000, restartMs: 4000 };
const DELEGATED_LEAVE = { delayMs: 3_600_000, restartMs: 300_000 };

export class Call {
  theme = "dark";
  mute: Mute = { audio_enabled: false, video_enabled: false };
  /** What went wrong; nothing should. */
  readonly failures: string[] = [];
  /** What a LiveKit service would get, to look after the leave in our stead. */
  delegation?: { delayId: string; accessToken: string };
  readonly #session: MatrixRTCSession;

  constructor(
    readonly widget: CallWidget,
    readonly params: Params,
  ) {
    const { client, requests, api } = widget;
    const room = client.getRoom(params.roomId);
    if (!room) throw new Error("js-sdk does not know the room it was started for");
    this.#session = client.matrixRTC.getRoomSession(room);
    this.#session.on(MatrixRTCSessionEvent.MembershipManagerError, (error) => this.#failed(error));
    if (params.delegate !== "nobody") {
      this.#session.on(MembershipManagerEvent.DelayIdChanged, (id) => {
        if (id) this.#delegate(id).catch((error) => this.#failed(error));
      });
    }
    const answer = (request: CustomEvent, data: IWidgetApiRequestData) =>
      api.transport.reply(request.detail, data);

    requests.handle(WidgetApiToWidgetAction.ThemeChange, (request) => {
      const { name } = request.detail.data;
      if (typeof name === "string") this.theme = name;
      answer(request, {});
    });
    requests.handle(CallAction.DeviceMute, (request) => {
      this.mute = { ...this.mute, ...(request.detail.data as Partial<Mute>) };
      answer(request, { ...this.mute });
    });
    requests.handle(CallAction.Join, async (request) => {
      await this.join();
      answer(request, {});
    });
    requests.handle(CallAction.HangUp, (request) => {
      answer(request, {});
      void this.leave();
    });
    void this.#tell(CallAction.DeviceMute, { ...this.mute });
  }

  get status() {
    return this.#session.membershipStatus;
  }

  async join(): Promise<void> {
    const { client, api } = this.widget;
    const { userId, deviceId, roomId, delegate } = this.params;
    void this.#tell(CallAction.Join);
    void api.setAlwaysOnScreen(true).catch((error) => this.#failed(error));
    const transport = await this.#transport();
    await client.getOpenIdToken(); // for the LiveKit service, which these tests do without
    const { delayMs, restartMs } = delegate === "nobody" ? OWN_LEAVE : DELEGATED_LEAVE;
    const identity = { userId, deviceId, memberId: `${userId}:${deviceId}` };
    this.#session.joinRTCSession(
      identity,
      [],
      { livekit_alias: roomId, ...transport },
      {
        delayedLeaveEventDelayMs: this.params.delayMs ?? delayMs,
        delayedLeaveEventRestartMs: this.params.restartMs ?? restartMs,
        networkErrorRetryMs: 1000,
        maximumNetworkErrorRetryCount: 11,
        notificationType: "notification",
        callIntent: "video",
        manageMediaKeys: false,
      },
    );
  }

  /** Leaves the call, and then the screen; the host may end this page as soon as it is told. */
  async leave(): Promise<void> {
    const { api } = this.widget;
    await this.#session.leaveRoomSession(1000);
    await api.setAlwaysOnScreen(false);
    try {
      await this.#tell(CallAction.Close);
    } finally {
      api.transport.stop();
    }
  }

  /** Where the call is carried, as the host's homeserver tells. */
  async #transport(): Promise<LivekitTransportConfig> {
    const [transport] = (await this.widget.client._unstable_getRTCTransports()) as LivekitTransportConfig[];
    return transport;
  }

  async #delegate(delayId: string): Promise<void> {
    const { client } = this.widget;
    const { userId, deviceId, roomId, delegate } = this.params;
    if (delegate === "host") {
      const { livekit_service_url: url } = await this.#transport();
      await client._unstable_delegateDelayedLeave({
        url,
        room_id: roomId,
        slot_id: "m.call#ROOM",
        member: { id: `${userId}:${deviceId}`, claimed_device_id: deviceId },
        delay_id: delayId,
      });
    } else {
      const { access_token: accessToken } = await client.getOpenIdToken();
      this.delegation = { delayId, accessToken };
    }
  }

  async #tell(action: string, data: IWidgetApiRequestData = {}): Promise<void> {
    await this.widget.api.transport.send(action, data).catch((error) => this.#failed(error));
  }

  #failed(error: unknown): void {
    this.failures.push(String(error));
  }
}
