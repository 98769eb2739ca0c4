/** What the host's client put into our address, under the names that Element Call gives them, and what a test adds. */
export interface Params {
  widgetId: string;
  parentUrl: string;
  roomId: string;
  userId: string;
  deviceId: string;
  baseUrl: string;
  /** Who keeps the leave from going out while we are in the call: we, a LiveKit service, or the homeserver (MSC4533). */
  delegate: "nobody" | "service" | "host";
  /** Other numbers than Element Call's own. */
  delayMs?: number;
  restartMs?: number;
}

export function readParams(): Params {
  const query = new URLSearchParams(location.search);
  const text = (name: string) => {
    const value = query.get(name);
    if (!value) throw new Error(`${name} is missing in the address`);
    return value;
  };
  const number = (name: string) => (query.has(name) ? { [name]: Number(query.get(name)) } : {});
  return {
    widgetId: text("widgetId"),
    parentUrl: text("parentUrl"),
    roomId: text("roomId"),
    userId: text("userId"),
    deviceId: text("deviceId"),
    baseUrl: text("baseUrl"),
    delegate: (query.get("delegate") ?? "nobody") as Params["delegate"],
    ...number("delayMs"),
    ...number("restartMs"),
  };
}
