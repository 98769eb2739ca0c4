// Compiled by test/unit/types.test.mjs with `matrix-widget-api` taken for widget-futures/compat, and js-sdk's own
// declarations checked with it: what a client of js-sdk in a widget writes. It is never run.
import {
  createRoomWidgetClient,
  type ICapabilities,
  MatrixError,
  type RoomWidgetClient,
} from "matrix-js-sdk";
import {
  EventDirection,
  type IWidgetApiRequest,
  MatrixCapabilities,
  WidgetApi,
  WidgetApiResponseError,
  WidgetApiToWidgetAction,
  WidgetEventCapability,
} from "matrix-widget-api";

export async function aCall(): Promise<void> {
  const api = new WidgetApi("w", "https://client.example.org");
  api.requestCapability(MatrixCapabilities.AlwaysOnScreen);
  api.requestCapabilities([WidgetEventCapability.forStateEvent(EventDirection.Send, "m.x").raw]);
  const capabilities: ICapabilities = {
    sendEvent: ["m.x"],
    receiveState: [{ eventType: "m.x", stateKey: "" }],
    turnServers: true,
  };
  const client = createRoomWidgetClient(
    api,
    capabilities,
    "!r:example.org",
    { baseUrl: "https://example.org", userId: "@u:example.org", deviceId: "D" },
    true,
  );
  await (client as RoomWidgetClient).startClient();
  api.on(`action:${WidgetApiToWidgetAction.ThemeChange}`, (event: CustomEvent<IWidgetApiRequest>) => {
    event.preventDefault();
    api.transport.reply(event.detail, {});
  });
  try {
    await api.sendRoomEvent("m.x", {}, undefined, 1000);
  } catch (error) {
    if (error instanceof WidgetApiResponseError && error.data.matrix_api_error)
      throw MatrixError.fromWidgetApiErrorData(error.data.matrix_api_error);
  }

  // @ts-expect-error what js-sdk speaks through is a WidgetApi
  createRoomWidgetClient({ start() {} }, capabilities, "!r:example.org", { baseUrl: "" }, true);
}
