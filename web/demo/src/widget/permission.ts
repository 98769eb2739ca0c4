/** What connects this page to its host, what is in force, and what the host has not allowed. */
import { type ClientStatus, capability, type Dialect, type WidgetClient } from "/widget-futures/index.js";
import { nameOf, needed } from "./capabilities.js";
import { element, enable, make, params, show } from "./page.js";
import { attempt } from "./trouble.js";

const STATUS: Record<ClientStatus, [mood: string, words: string]> = {
  loading: ["", "Loading the module …"],
  negotiating: ["", "Waiting for the host to say what this page may do …"],
  ready: ["good", "Connected."],
  failed: ["bad", "Not connected."],
  closed: ["bad", "Closed: this page speaks with its host no more."],
};

const TOKENS =
  "A future comes with tokens, which this page hands to the homeserver directly, and can be in a group. Nothing can prove that a host knows these.";
const DELAYED =
  "A future is a delayed event with an id, and is managed through the host. A host that is not proved to know them is asked for none.";
const DIALECTS: Record<Dialect, string> = {
  auto: "How futures are asked for is not settled yet.",
  none: "Futures are switched off.",
  futures: `Futures are asked for as in the first draft of June 2024. ${TOKENS}`,
  "futures-prefixed": `Futures are asked for as in matrix-widget-api 1.7.0. ${TOKENS}`,
  delayed: `Futures are asked for as hosts take them today. ${DELAYED}`,
  "delayed-dotted": `Futures are asked for as in matrix-widget-api 1.8.0. ${DELAYED}`,
};

const HOST_NAME = params.has("host") ? `Host: ${params.get("host")}. ` : "";

/** MSC2974: the host can be asked for more later. */
const ASK_AGAIN = "org.matrix.msc2974";

export class Permission {
  constructor(private readonly client: WidgetClient) {
    element("ask-again").onclick = () => attempt("permission", () => this.askAgain());
    client.addEventListener("statuschange", () => this.show());
    client.addEventListener("capabilities", () => this.show());
    this.show();
  }

  get sticky(): boolean {
    return this.client.approvedCapabilities.has(capability.sendSticky());
  }

  show(): void {
    const { status, dialect } = this.client;
    const [mood, words] = STATUS[status];
    show("status-word", status);
    element("connection").dataset.mood = mood;
    show("status", words);
    const settled = status === "ready";
    show("dialect", settled ? `${HOST_NAME}${DIALECTS[dialect]} (dialect “${dialect}”)` : "");
    const missing = settled ? this.missing() : [];
    element("permission").hidden = missing.length === 0;
    const lines = missing.map((name) => make("li", "", nameOf(name), make("code", "", name)));
    element("missing").replaceChildren(...lines);
  }

  /** Which versions a host speaks is told by no event. */
  tick(): void {
    const { hostVersions } = this.client;
    const cannot = hostVersions.length > 0 && !hostVersions.includes(ASK_AGAIN);
    if (element("ask-again").disabled !== cannot) enable(["ask-again", !cannot]);
    show(
      "ask-note",
      cannot ? "This host cannot be asked again (it lacks MSC2974): load the widget anew." : "",
    );
  }

  private missing(): string[] {
    const { approvedCapabilities: approved, dialect } = this.client;
    return needed(dialect).filter((name) => !approved.has(name));
  }

  private async askAgain(): Promise<void> {
    const asked = this.missing();
    await this.client.requestCapabilities(asked);
    const left = this.missing();
    this.show();
    if (left.length === 0) element("join").focus();
    else
      throw new Error(left.length < asked.length ? "It allowed some of it." : "It still allows none of it.");
  }
}
