/**
 * What the approved capability strings of a widget allow (MSC2762, W§3.6). A string names an event type and, after `#`,
 * a state key or a msgtype; a `#` inside the type is written `\#`.
 */
import type { RoomEvent } from "./homeserver-client.js";

const PREFIX = "org.matrix.msc2762.";
const TIMELINE = `${PREFIX}timeline:`;

interface EventGrant {
  direction: "send" | "receive";
  isState: boolean;
  type: string;
  /** State key or msgtype; undefined allows any. */
  key: string | undefined;
}

export class Grants {
  private readonly approvedStrings = new Set<string>();
  private readonly events: EventGrant[] = [];

  add(capabilities: Iterable<string>): void {
    for (const capability of capabilities) {
      this.approvedStrings.add(capability);
      const grant = parse(capability);
      if (grant) this.events.push(grant);
    }
  }

  has(capability: string): boolean {
    return this.approvedStrings.has(capability);
  }

  get approved(): string[] {
    return [...this.approvedStrings];
  }

  mayUseRoom(roomId: string): boolean {
    return this.has(`${TIMELINE}*`) || this.has(TIMELINE + roomId);
  }

  maySend(type: string, content: Record<string, unknown>, stateKey: string | undefined): boolean {
    return this.allows("send", type, content, stateKey);
  }

  mayReceive(event: RoomEvent): boolean {
    return this.allows("receive", event.type, event.content, event.state_key);
  }

  private allows(
    direction: EventGrant["direction"],
    type: string,
    content: Record<string, unknown>,
    stateKey?: string,
  ) {
    const isState = stateKey !== undefined;
    const key = isState ? stateKey : content.msgtype;
    return this.events.some(
      (grant) =>
        grant.direction === direction &&
        grant.isState === isState &&
        grant.type === type &&
        (grant.key === undefined || grant.key === key),
    );
  }
}

function parse(capability: string): EventGrant | undefined {
  const match = /^org\.matrix\.msc2762\.(send|receive)\.(event|state_event):(.*)$/s.exec(capability);
  if (!match) return undefined;
  const [, direction, kind, rest] = match as unknown as [string, "send" | "receive", string, string];
  const isState = kind === "state_event";
  const hash = rest.search(/(?<!\\)#/);
  // Only state events and m.room.message have a key; any other type keeps its `#`.
  const hasKey = hash >= 0 && (isState || rest.slice(0, hash) === "m.room.message");
  return {
    direction,
    isState,
    type: (hasKey ? rest.slice(0, hash) : rest).replaceAll("\\#", "#"),
    key: hasKey ? rest.slice(hash + 1) : undefined,
  };
}
