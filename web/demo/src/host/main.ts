/**
 * The demo's host page: a Matrix client with one room and one widget, made so that a person who has never heard of futures
 * sees what they are. This file ties the parts together; each part has a file of its own.
 */
import { CALL_MEMBER } from "../shared/call-member.js";
import { Bars } from "./bars.js";
import { CHOICES } from "./choices.js";
import { offerConnection } from "./connect-form.js";
import { type Connection, connectEmbedded } from "./connection.js";
import { element, fillSelect, sentence, setStatus, setText } from "./dom.js";
import { FaultPanel } from "./faults.js";
import type { RoomEvent } from "./homeserver-client.js";
import { logDirectUse } from "./homeserver-log.js";
import { LifeModel } from "./life.js";
import { Members } from "./members.js";
import { Permissions } from "./permissions.js";
import { type Config, type HostKind, type SlotState, WidgetSlot } from "./slot.js";
import { Timeline } from "./timeline.js";
import { Tour } from "./tour.js";
import { offerTrouble, onPress } from "./trouble.js";
import { WireLog } from "./wire-log.js";

const NEWEST: HostKind = "mwa-1.19.0";

class HostPage {
  private connection: Connection | undefined;
  private stop: (() => void)[] = [];
  private readonly life = new LifeModel();
  private readonly timeline = new Timeline();
  private readonly bars = new Bars(this.timeline.point);
  private readonly members = new Members();
  private readonly wire = new WireLog();
  private readonly faults = new FaultPanel();
  private readonly permissions = new Permissions(() => this.load());
  private readonly slot: WidgetSlot;
  private readonly trouble: ReturnType<typeof offerTrouble>;
  private readonly tour: Tour;
  private readonly host: HTMLSelectElement;

  constructor(config: Config) {
    this.slot = new WidgetSlot(config, this.wire, (state) => this.slotIs(state));
    this.trouble = offerTrouble(this.slot);
    this.tour = new Tour({ crash: () => this.slot.crash(), again: () => this.load() });
    this.timeline.bars = this.bars;
    this.life.listen(this.bars.listener);
    this.life.listen(this.timeline.listener);
    this.life.listen(this.tour.listener);
    this.life.listen(logDirectUse(this.wire));
    this.host = fillSelect(
      "host",
      CHOICES.map(({ kind, name }) => [kind, name] as const),
    );
    // A link may lead to one of them.
    const asked = new URLSearchParams(location.search).get("host");
    if (CHOICES.some(({ kind }) => kind === asked)) this.host.value = asked ?? "";
    this.host.onchange = element("start").onchange = () => this.load();
    onPress("load", () => this.load());
  }

  /** Takes another user, room or homeserver. */
  use(connection: Connection): void {
    for (const stop of this.stop.splice(0)) stop();
    this.slot.remove();
    for (const part of [this.life, this.timeline, this.members, this.wire]) part.clear();
    this.connection = connection;
    this.offerHosts(connection.embedded);
    this.trouble.connected(connection);
    this.faults.offer(connection.embedded);
    this.tour.startFor(ownKey(connection));
    this.stop = [
      connection.homeserver.stream(
        connection.roomId,
        (event) => this.happened(event),
        (trouble) => this.bars.troubleIs(trouble),
      ),
      connection.watchLife((change) => this.life.apply(change)),
    ];
    this.load();
  }

  /** No homeserver but the embedded one has ever served the futures of the first draft. */
  private offerHosts(embedded: boolean): void {
    for (const [i, option] of [...this.host.options].entries()) {
      const choice = CHOICES[i];
      option.disabled = !embedded && choice?.kind === "first-draft";
      option.textContent = option.disabled ? `${choice?.name}: not at a Synapse` : (choice?.name ?? "");
    }
    if (this.host.selectedOptions[0]?.disabled) this.host.value = NEWEST;
  }

  private happened(event: RoomEvent): void {
    this.timeline.add(event);
    this.members.add(event);
    this.life.roomEvent(event);
    if (event.type === CALL_MEMBER && this.connection)
      this.tour.membershipIs(this.members.has(ownKey(this.connection)));
    this.slot.feed(event);
  }

  private load(): void {
    const choice = CHOICES[this.host.selectedIndex];
    if (!choice || !this.connection) return;
    setText(element("host-note"), choice.note);
    this.permissions.dismiss();
    this.slot
      .load(this.connection, {
        kind: choice.kind,
        waitForIframeLoad: element<HTMLSelectElement>("start").value === "load",
        approve: this.permissions.approve,
      })
      .catch((error) => setStatus(sentence(error)));
  }

  private slotIs(state: SlotState): void {
    this.trouble.slotIs(state);
    this.tour.slotIs(state);
    if (state === "none") this.permissions.dismiss();
  }
}

function ownKey({ userId, deviceId }: Connection): string {
  return `_${userId}_${deviceId}`;
}

try {
  const config: Config = await (await fetch("config.json")).json();
  const page = new HostPage(config);
  const embedded = connectEmbedded(config);
  offerConnection(element("connection"), embedded, (connection) => page.use(connection));
  page.use(embedded);
} catch (error) {
  setStatus(`This page does not know where everything is; is \`make run\` still running? ${sentence(error)}`);
}
