/** What a homeserver has for calls: where they are carried (MSC4515), and the way to a LiveKit server (MSC4533). */
import type {
  IRtcLivekitDelegateDelayedLeaveFromWidgetRequestData as Delegation,
  IRtcLivekitGetTokenFromWidgetRequestData as TokenRequest,
} from "matrix-widget-api";
import { type HomeserverClient, MatrixHttpError } from "../../../../demo/src/host/homeserver-client.js";

export class Rtc {
  transports = [{ type: "livekit", livekit_service_url: "https://livekit.example.org" }];
  /** The delayed leaves that have been handed over. */
  readonly delegated: Delegation[] = [];

  constructor(private readonly homeserver: HomeserverClient) {}

  /** Unsigned, but readable: what it was made for is in it. */
  token(request: TokenRequest): { jwt: string } {
    const part = (value: object) => btoa(JSON.stringify(value)).replace(/=+$/, "");
    return { jwt: `${part({ alg: "none" })}.${part(request)}.` };
  }

  async delegate(request: Delegation): Promise<Record<string, never>> {
    const scheduled = await this.homeserver.delayedEvents();
    if (!scheduled.some(({ delay_id }) => delay_id === request.delay_id)) {
      const body = { errcode: "M_NOT_FOUND", error: "There is no such delayed event." };
      throw new MatrixHttpError(404, {}, "delegate_delayed_leave", body);
    }
    this.delegated.push(request);
    return {};
  }
}
