/** Who is in the call: everybody whose membership has an application in it (MSC3401). */
import { CALL_MEMBER } from "../shared/call-member.js";
import { element, make } from "./dom.js";
import type { RoomEvent } from "./homeserver-client.js";

export class Members {
  private readonly members = new Map<string, RoomEvent>();

  add(event: RoomEvent): void {
    if (event.type !== CALL_MEMBER) return;
    const key = event.state_key ?? "";
    if (event.content.application === undefined) this.members.delete(key);
    else this.members.set(key, event);
    this.show();
  }

  has(stateKey: string): boolean {
    return this.members.has(stateKey);
  }

  clear(): void {
    this.members.clear();
    this.show();
  }

  private show(): void {
    const items = [...this.members.values()].map(({ sender, content }) => {
      const hand = content.hand === "raised" ? " · hand raised" : "";
      return make("li", "", `${sender} · device ${content.device_id}${hand}`);
    });
    element("members").replaceChildren(...(items.length > 0 ? items : [make("li", "", "Nobody.")]));
  }
}
