/** What the client tells without being asked, as sentences, newest first. */
import type { WidgetClient } from "/widget-futures/index.js";
import { element, HOST, make } from "./page.js";

const LINES = 30;

export function tell(sentence: string): void {
  const time = make("time", "", new Date().toLocaleTimeString([], { hour12: false }));
  const list = element<HTMLElement>("told");
  list.prepend(make("li", "", time, ` ${sentence}`));
  while (list.children.length > LINES) list.lastElementChild?.remove();
}

export function tellEvents(client: WidgetClient): void {
  client.addEventListener("statuschange", ({ detail }) => tell(`statuschange: the client is ${detail}.`));
  client.addEventListener("capabilities", ({ detail }) =>
    tell(`capabilities: ${HOST} now allows this page ${detail.size} things.`),
  );
  client.addEventListener("sentimmediately", ({ detail: { type, eventId } }) =>
    tell(
      `sentimmediately: ${HOST} sent an event of type ${type} at once, as ${eventId}. It knows no such futures and is asked for no more of them.`,
    ),
  );
  client.addEventListener("orphaned", ({ detail: { type } }) =>
    tell(
      `orphaned: a future of type ${type} was scheduled after its call had been given up. It is in the list.`,
    ),
  );
  client.addEventListener("closed", () =>
    tell("closed: holds are released; other futures go on at the homeserver."),
  );
}
