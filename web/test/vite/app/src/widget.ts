/**
 * A call's page as a widget, in the order and with the capabilities of Element Call 0.26.1: the widget API and its handlers
 * first, then matrix-js-sdk's client on it, which starts the messages; content_loaded when the page is there, and the
 * client is ready some time after that.
 */
import { createRoomWidgetClient, EventType, type MatrixClient } from "matrix-js-sdk";
import { MatrixCapabilities, WidgetApi, WidgetApiToWidgetAction } from "matrix-widget-api";
import type { Params } from "./params";
import { Requests } from "./requests";

/** What Element's clients and a call ask of each other beyond the Widget API. */
export const CallAction = {
  Join: "io.element.join",
  HangUp: "im.vector.hangup",
  Close: "io.element.close",
  DeviceMute: "io.element.device_mute",
} as const;

export const REACTION_CAPABILITIES = [
  "org.matrix.msc2762.send.event:m.reaction",
  "org.matrix.msc2762.send.event:m.room.redaction",
  "org.matrix.msc2762.receive.event:m.reaction",
  "org.matrix.msc2762.receive.event:m.room.redaction",
];

export interface CallWidget {
  api: WidgetApi;
  requests: Requests;
  client: MatrixClient;
  /** Resolves when the room's state is there. */
  started: Promise<void>;
}

export function startWidget(params: Params): CallWidget {
  const { widgetId, parentUrl, roomId, userId, deviceId, baseUrl } = params;
  const api = new WidgetApi(widgetId, new URL(parentUrl).origin);
  api.requestCapability(MatrixCapabilities.AlwaysOnScreen);
  api.requestCapability(MatrixCapabilities.MSC4039DownloadFile);
  const requests = new Requests(api, [
    WidgetApiToWidgetAction.ThemeChange,
    CallAction.Join,
    CallAction.HangUp,
    CallAction.DeviceMute,
  ]);

  const both = [
    "org.matrix.rageshake_request",
    EventType.CallEncryptionKeysPrefix,
    EventType.Reaction,
    EventType.RoomRedaction,
    "io.element.call.reaction",
    EventType.RTCDecline,
    EventType.RTCMembership,
  ];
  const toDevice = [
    EventType.CallInvite,
    EventType.CallCandidates,
    EventType.CallAnswer,
    EventType.CallHangup,
    EventType.CallReject,
    EventType.CallSelectAnswer,
    EventType.CallNegotiate,
    EventType.CallSDPStreamMetadataChanged,
    EventType.CallSDPStreamMetadataChangedPrefix,
    EventType.CallReplaces,
    EventType.CallEncryptionKeysPrefix,
  ];
  const member = EventType.GroupCallMemberPrefix;
  const client = createRoomWidgetClient(
    api,
    {
      sendEvent: [EventType.CallNotify, EventType.RTCNotification, ...both],
      receiveEvent: both,
      sendState: [userId, `_${userId}_${deviceId}_m.call`, `${userId}_${deviceId}_m.call`].map(
        (stateKey) => ({
          eventType: member,
          stateKey,
        }),
      ),
      receiveState: [
        EventType.RoomCreate,
        EventType.RoomName,
        EventType.RoomMember,
        EventType.RoomEncryption,
        member,
      ].map((eventType) => ({ eventType })),
      sendToDevice: toDevice,
      receiveToDevice: toDevice,
      turnServers: false,
      rtcTransports: true,
      rtcLivekitDelegateDelayedLeave: params.delegate === "host",
      sendDelayedEvents: true,
      updateDelayedEvents: true,
      sendSticky: true,
      receiveSticky: true,
    },
    roomId,
    { baseUrl, userId, deviceId, timelineSupport: true },
    false,
  );
  return { api, requests, client, started: client.startClient() };
}
