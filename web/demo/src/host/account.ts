/** What a person needs at a homeserver before there is a room: the server itself, a login, and a way into a room. */
import { MatrixHttp } from "./matrix-http.js";

const CLIENT = "_matrix/client/v3";
const MSC4140 = "org.matrix.msc4140";

export interface Login {
  accessToken: string;
  userId: string;
  deviceId: string;
}

/** Whether the homeserver says that it serves delayed events. */
export async function servesDelayedEvents(http: MatrixHttp): Promise<boolean> {
  const { unstable_features: features } = await http.request("GET", "_matrix/client/versions", {
    patient: true,
  });
  return (features as Record<string, boolean> | undefined)?.[MSC4140] === true;
}

export async function logIn(baseUrl: string, user: string, password: string): Promise<Login> {
  const body = {
    type: "m.login.password",
    identifier: { type: "m.id.user", user },
    password,
    initial_device_display_name: "Futures demo",
  };
  const answer = await new MatrixHttp(baseUrl).request("POST", `${CLIENT}/login`, { body, patient: true });
  const {
    access_token: accessToken,
    user_id: userId,
    device_id: deviceId,
  } = answer as Record<string, string>;
  return { accessToken, userId, deviceId } as Login;
}

/** Whose access token it is. */
export async function whoIs(baseUrl: string, accessToken: string): Promise<Login> {
  const http = new MatrixHttp(baseUrl, accessToken);
  const answer = await http.request("GET", `${CLIENT}/account/whoami`, { patient: true });
  // Tokens of application services belong to no device.
  return { accessToken, userId: String(answer.user_id), deviceId: String(answer.device_id ?? "DEMO") };
}

/** Ends a login for good; it gets there also from a page that ends. */
export async function logOut(http: MatrixHttp): Promise<void> {
  await http.request("POST", `${CLIENT}/logout`, { body: {}, keepalive: true });
}

/** Joins a room by its id or an alias, or finds that the user is there already; returns its id. */
export async function join(http: MatrixHttp, room: string): Promise<string> {
  const path = `${CLIENT}/join/${encodeURIComponent(room)}`;
  return String((await http.request("POST", path, { body: {}, patient: true })).room_id);
}

export async function invite(http: MatrixHttp, roomId: string, userId: string): Promise<void> {
  const path = `${CLIENT}/rooms/${encodeURIComponent(roomId)}/invite`;
  await http.request("POST", path, { body: { user_id: userId }, patient: true });
}

/** A room of one's own in which everybody may write state of one type, as MatrixRTC rooms let members do. */
export async function createRoom(http: MatrixHttp, freeType: string): Promise<string> {
  const body = {
    preset: "private_chat",
    name: "Futures demo",
    power_level_content_override: { events: { [freeType]: 0 } },
  };
  return String((await http.request("POST", `${CLIENT}/createRoom`, { body, patient: true })).room_id);
}

/** The power level that a user has in a room, and the one that state of a type needs. */
export async function powerFor(http: MatrixHttp, roomId: string, userId: string, type: string) {
  const path = `${CLIENT}/rooms/${encodeURIComponent(roomId)}/state/m.room.power_levels/`;
  const levels = (await http.request("GET", path, { patient: true })) as {
    users?: Record<string, number>;
    users_default?: number;
    events?: Record<string, number>;
    state_default?: number;
  };
  return {
    has: levels.users?.[userId] ?? levels.users_default ?? 0,
    needs: levels.events?.[type] ?? levels.state_default ?? 50,
  };
}
