/**
 * The actions that matrix-widget-api leaves to the client around it, which listens to `action:<name>`. Those of modal widgets
 * are in modal.ts.
 */
import type {
  ClientWidgetApi,
  IStickerActionRequestData,
  IWidgetApiRequest,
  IWidgetApiResponseData,
} from "matrix-widget-api";
import type { HomeserverClient } from "../../../../demo/src/host/homeserver-client.js";

export interface ClientActions {
  /** What widgets have asked for, oldest first. */
  readonly asked: { action: string; data: unknown }[];
  /** Answers other than the usual, by action. */
  answers: Record<string, IWidgetApiResponseData>;
}

interface Handling {
  needs?: string;
  answer: IWidgetApiResponseData;
}

const ACTIONS: Record<string, Handling> = {
  "m.sticker": { needs: "m.sticker", answer: {} },
  set_always_on_screen: { needs: "m.always_on_screen", answer: { success: true } },
  "io.element.join": { answer: {} },
  "im.vector.hangup": { answer: {} },
  "io.element.close": { answer: {} },
  "io.element.device_mute": { answer: {} },
};

/** Has a client do what these actions ask for; who lacks the capability is left to the library, which refuses. */
export function serveClientActions(
  api: ClientWidgetApi,
  { homeserver, roomId }: { homeserver: HomeserverClient; roomId: string },
): ClientActions {
  const actions: ClientActions = { asked: [], answers: {} };
  for (const [action, { needs, answer }] of Object.entries(ACTIONS)) {
    api.on(`action:${action}`, (event: CustomEvent<IWidgetApiRequest>) => {
      if (needs && !api.hasCapability(needs)) return;
      event.preventDefault();
      const data = event.detail.data as unknown;
      actions.asked.push({ action, data });
      api.transport.reply(event.detail, actions.answers[action] ?? answer);
      if (action === "m.sticker") sendSticker(homeserver, roomId, data as IStickerActionRequestData);
    });
  }
  return actions;
}

function sendSticker(
  homeserver: HomeserverClient,
  roomId: string,
  { name, description, content }: IStickerActionRequestData,
): Promise<string> {
  return homeserver.sendEvent(roomId, "m.sticker", { ...content, body: description ?? name });
}
