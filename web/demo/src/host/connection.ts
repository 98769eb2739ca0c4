/**
 * Who the host page is, and where: the room of the embedded homeserver, or one at a homeserver that a person names.
 * Access tokens and passwords stay in memory: they are in no URL of this page and in no storage.
 */
import { CALL_MEMBER } from "../shared/call-member.js";
import * as account from "./account.js";
import { HomeserverClient } from "./homeserver-client.js";
import type { WatchLife } from "./life.js";
import { ObservedClient } from "./life-observed.js";
import { lifeFromStream } from "./life-stream.js";
import { MatrixHttp, MatrixHttpError } from "./matrix-http.js";
import { parseBaseUrl } from "./parse-url.js";
import type { Config } from "./slot.js";

export interface Connection {
  homeserver: HomeserverClient;
  /** Somebody else in the room, who may overwrite the user's membership. */
  moderator?: HomeserverClient;
  userId: string;
  deviceId: string;
  roomId: string;
  embedded: boolean;
  /** What to know before trying, in sentences. */
  notes: string[];
  watchLife: WatchLife;
  /** Ends it: logins that were made with a password are logged out. It may be called twice. */
  leave(): Promise<void>;
}

/** Who logs in: with an access token, or with a name and a password. */
export type Credentials = { accessToken: string } | { user: string; password: string };

export interface SynapseForm {
  url: string;
  login: Credentials;
  /** Room id or alias; empty: a new room. */
  room: string;
  moderator?: Credentials;
}

/** The fields of the form, as errors name them. */
export type Field = "url" | "login" | "room" | "moderator";

/** Why there is no connection, and what to change. */
export class ConnectError extends Error {
  constructor(
    readonly field: Field,
    message: string,
  ) {
    super(message);
  }
}

export function connectEmbedded(config: Config): Connection {
  const homeserver = new HomeserverClient(config.homeserver, config.accessToken);
  return {
    homeserver,
    moderator: new HomeserverClient(config.homeserver, config.moderator.accessToken),
    userId: config.userId,
    deviceId: config.deviceId,
    roomId: config.roomId,
    embedded: true,
    notes: [],
    watchLife: lifeFromStream(homeserver),
    leave: async () => {},
  };
}

/** @throws {ConnectError} With the field that is wrong. Nothing stays logged in then. */
export async function connectSynapse(
  form: SynapseForm,
  onProgress: (step: string) => void = () => {},
): Promise<Connection> {
  const url = parseBaseUrl(form.url);
  if ("wrong" in url) throw new ConnectError("url", url.wrong);
  const { baseUrl } = url;
  const made: MatrixHttp[] = [];
  const leave = async () => {
    await Promise.all(made.splice(0).map((http) => account.logOut(http).catch(() => {})));
  };

  async function enter(field: Field, credentials: Credentials): Promise<account.Login> {
    try {
      if ("accessToken" in credentials) return await account.whoIs(baseUrl, credentials.accessToken);
      const login = await account.logIn(baseUrl, credentials.user, credentials.password);
      made.push(new MatrixHttp(baseUrl, login.accessToken));
      return login;
    } catch (error) {
      throw explain(error, field, "does not let this user in");
    }
  }

  try {
    onProgress("Asking the homeserver what it can do …");
    const notes = await examine(baseUrl);
    onProgress("Logging in …");
    const user = await enter("login", form.login);
    const homeserver = new ObservedClient(baseUrl, user.accessToken, user.userId);
    onProgress(form.room === "" ? "Creating a room …" : "Joining the room …");
    const roomId = await intoRoom(homeserver, form.room);
    let moderator: HomeserverClient | undefined;
    if (form.moderator) {
      onProgress("Logging the moderator in …");
      const login = await enter("moderator", form.moderator);
      if (login.userId === user.userId)
        throw new ConnectError("moderator", "The moderator must be another user than the one in the call.");
      moderator = new HomeserverClient(baseUrl, login.accessToken);
      await bringIn(homeserver, moderator, roomId, login.userId);
    } else notes.push("There is no moderator, so nobody can end the membership from outside.");
    notes.push(...(await powerNotes(homeserver, roomId, user.userId)));
    const { userId, deviceId } = user;
    const watchLife = homeserver.watchLife;
    return {
      ...{ homeserver, userId, deviceId, roomId, embedded: false, notes, watchLife, leave },
      ...(moderator ? { moderator } : {}),
    };
  } catch (error) {
    await leave();
    throw error;
  }
}

/** Whether that is a homeserver at all, and what it lacks. */
async function examine(baseUrl: string): Promise<string[]> {
  try {
    if (await account.servesDelayedEvents(new MatrixHttp(baseUrl))) return [];
  } catch (error) {
    if (error instanceof MatrixHttpError && error.errcode === "")
      throw new ConnectError("url", `${baseUrl} answers, but not as a Matrix homeserver (${error.status}).`);
    throw explain(error, "url", "does not say what it can do");
  }
  return [
    "This homeserver does not serve delayed events (MSC4140), so every future will be refused. " +
      "A Synapse does once its configuration has max_event_delay_duration, for example “max_event_delay_duration: 24h”.",
  ];
}

async function intoRoom(homeserver: HomeserverClient, room: string): Promise<string> {
  try {
    if (room === "") return await account.createRoom(homeserver, CALL_MEMBER);
    return await account.join(homeserver, room);
  } catch (error) {
    throw explain(error, "room", room === "" ? "makes no room" : "does not let this user into the room");
  }
}

/** The moderator joins, by invitation where that is needed. */
async function bringIn(homeserver: MatrixHttp, moderator: MatrixHttp, roomId: string, userId: string) {
  try {
    await account.join(moderator, roomId).catch(async () => {
      await account.invite(homeserver, roomId, userId);
      await account.join(moderator, roomId);
    });
  } catch (error) {
    throw explain(error, "moderator", "does not let the moderator into the room");
  }
}

async function powerNotes(homeserver: MatrixHttp, roomId: string, userId: string): Promise<string[]> {
  const power = await account.powerFor(homeserver, roomId, userId, CALL_MEMBER).catch(() => undefined);
  if (!power || power.has >= power.needs) return [];
  return [
    `In this room state of type ${CALL_MEMBER} needs power level ${power.needs}, and ${userId} has ${power.has}: ` +
      "joining the call will be refused.",
  ];
}

function explain(error: unknown, field: Field, what: string): ConnectError {
  if (error instanceof ConnectError) return error;
  if (!(error instanceof MatrixHttpError))
    return new ConnectError(
      "url",
      "Nothing that this page may read answers there: is the address right, and does the homeserver run?",
    );
  const said = error.body.error === undefined ? "" : `: ${String(error.body.error).replace(/\.+$/, "")}`;
  const wait = error.retryAfterMs;
  const again = wait === undefined ? "" : ` Try again in ${Math.ceil(wait / 1000)} s.`;
  return new ConnectError(field, `The homeserver ${what}${said} (${error.errcode || error.status}).${again}`);
}
