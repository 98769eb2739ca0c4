/** A homeserver's clock beside this page's, learnt from events: they tell how old they were when they were handed out. */
import type { RoomEvent } from "./homeserver-client.js";

export class ServerClock {
  private readonly serverName: string;
  /** The page's time minus the server's, in ms. */
  private offset = 0;

  constructor(userId: string) {
    this.serverName = nameOf(userId);
  }

  /** Events of other servers carry the time of those. */
  learn(event: RoomEvent): void {
    const age = ageOf(event);
    if (age !== undefined && nameOf(event.sender) === this.serverName)
      this.offset = Date.now() - (event.origin_server_ts + age);
  }

  /** When it happened, by the page's clock, however late it is heard of; not too early, but by as much as it was under way. */
  happened(event: RoomEvent): number {
    return Date.now() - (ageOf(event) ?? 0);
  }

  /** A moment that the homeserver names, by the page's clock. */
  local(serverMs: number): number {
    return serverMs + this.offset;
  }
}

const nameOf = (userId: string) => userId.slice(userId.indexOf(":") + 1);

function ageOf({ unsigned }: RoomEvent): number | undefined {
  return typeof unsigned?.age === "number" ? unsigned.age : undefined;
}
