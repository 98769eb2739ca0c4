/**
 * The demo's host page: a Matrix client with one room and one widget. It offers two hosts, the reference client of the
 * first draft and the real `ClientWidgetApi` of matrix-widget-api 1.19.0, on the homeserver that `make run` embeds.
 */
import { HomeserverClient } from "./homeserver-client.js";
import { type Config, type HostKind, WidgetSlot } from "./slot.js";
import { CALL_MEMBER, offerTrouble, type Trouble } from "./trouble.js";
import { element, setStatus, showFutures, showMember, showTimelineEvent } from "./views.js";

const POLL_MS = 1000;

function chosenHost(): HostKind {
  return document.querySelector<HTMLInputElement>("input[name=host]:checked")?.value as HostKind;
}

async function pollFutures(homeserver: HomeserverClient, trouble: Trouble): Promise<void> {
  try {
    if (!trouble.homeserverDown) {
      const [futures, delayedEvents] = await Promise.all([homeserver.futures(), homeserver.delayedEvents()]);
      showFutures(futures, delayedEvents);
    }
  } catch {
    if (!trouble.homeserverDown) setStatus("The homeserver does not answer: is `make run` still running?");
  }
  setTimeout(() => pollFutures(homeserver, trouble), POLL_MS);
}

async function main(): Promise<void> {
  const config: Config = await (await fetch("config.json")).json();
  const homeserver = new HomeserverClient(config.homeserver, config.accessToken);
  const moderator = new HomeserverClient(config.homeserver, config.moderator.accessToken);
  const slot = new WidgetSlot(config, homeserver);
  const trouble = offerTrouble(config, slot, moderator);
  element("load").onclick = () => slot.load(chosenHost());
  for (const radio of document.querySelectorAll<HTMLInputElement>("input[name=host]")) {
    radio.onchange = () => slot.load(chosenHost());
  }
  homeserver.stream(config.roomId, (event) => {
    showTimelineEvent(event);
    if (event.type === CALL_MEMBER) showMember(event);
    slot.feed(event);
  });
  slot.load(chosenHost());
  await pollFutures(homeserver, trouble);
}

main();
