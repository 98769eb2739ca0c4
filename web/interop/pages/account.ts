/** What a client gives its widget out of the account that it is logged in with, beside rooms: as Element Web's driver does. */
import type { IOpenIDCredentials, ITurnServer, OpenIDRequestState, WidgetDriver } from "matrix-widget-api";
import type { MatrixHttp } from "../../demo/src/host/matrix-http.js";

const CLIENT = "_matrix/client/v3";

/** How often the TURN servers are asked for anew; a client would wait until the last are about to end. */
const TURN_EVERY_MS = 1500;

export function accountDriver(http: MatrixHttp, userId: string): Partial<WidgetDriver> {
  let transactions = 0;
  return {
    /** In clear, whatever the widget asks for: these pages have no crypto. */
    async sendToDevice(type, _encrypted, messages) {
      const path = ["sendToDevice", type, `d${Date.now()}.${transactions++}`].map(encodeURIComponent);
      await http.request("PUT", `${CLIENT}/${path.join("/")}`, { body: { messages } });
    },

    askOpenID(observer) {
      const path = `${CLIENT}/user/${encodeURIComponent(userId)}/openid/request_token`;
      http.request("POST", path, { body: {} }).then(
        (token) =>
          observer.update({ state: "allowed" as OpenIDRequestState, token: token as IOpenIDCredentials }),
        () => observer.update({ state: "blocked" as OpenIDRequestState }),
      );
    },

    async *getTurnServers() {
      for (;;) {
        const { uris, username, password } = await http.request("GET", `${CLIENT}/voip/turnServer`);
        yield { uris, username, password } as ITurnServer;
        await new Promise((resolve) => setTimeout(resolve, TURN_EVERY_MS));
      }
    },
  };
}
