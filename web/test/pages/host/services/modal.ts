/**
 * Modal widgets as Element Web has them: a widget asks for another that covers everything, with buttons of the client below
 * it. The other one has a host of its own, is told what it was opened with, and gives something back when it closes.
 */
import type {
  ClientWidgetApi,
  IModalWidgetOpenRequestData as Opening,
  IModalWidgetReturnData as Returned,
} from "matrix-widget-api";
import type { HostOptions } from "../../../../demo/src/host/host.js";
import { ClientWidgetApiHost, type WidgetApiLibrary } from "../../../../demo/src/host/mwa.js";

interface Request<Data> {
  detail: Parameters<ClientWidgetApi["transport"]["reply"]>[0] & { data: Data };
  preventDefault(): void;
}

const CLOSE_BUTTON = "m.close";

export class Modals {
  /** What crossed between the modal widget and its host. */
  readonly wire: unknown[] = [];
  /** The buttons that may not be pressed. */
  readonly disabled = new Set<string>();
  #open?: { host: ClientWidgetApiHost; opening: Opening };

  constructor(
    private readonly library: WidgetApiLibrary,
    private readonly source: ClientWidgetApi,
    private readonly options: HostOptions,
  ) {
    source.on("action:open_modal", (request: Request<Opening>) => {
      request.preventDefault();
      if (this.#open) {
        const error = { message: "Unable to open modal at this time" };
        source.transport.reply(request.detail, { error });
        return;
      }
      this.#show(request.detail.data);
      source.transport.reply(request.detail, {});
    });
  }

  /** A person presses a button of the modal. */
  async click(id: string): Promise<void> {
    if (!this.disabled.has(id)) await this.#open?.host.api.notifyModalWidgetButtonClicked(id);
  }

  /** A person closes the modal. */
  dismiss(): Promise<void> {
    return this.#close({ "m.exited": true });
  }

  #show(opening: Opening): void {
    const widgetId = `modal_${this.options.widgetId}`;
    const url = new URL(opening.url);
    url.searchParams.set("widgetId", widgetId);
    url.searchParams.set("parentUrl", location.origin);
    const iframe = document.createElement("iframe");
    iframe.title = "Modal";
    document.body.append(iframe);
    const observer = {
      ...this.options.observer,
      wire: (direction: string, message: unknown) => this.wire.push({ direction, message }),
    };
    const place = { iframe, widgetId, widgetUrl: url.href, waitForIframeLoad: true };
    const host = new ClientWidgetApiHost(this.library, { ...this.options, ...place, observer });
    this.#open = { host, opening };
    const buttons = opening.buttons ?? [];
    for (const { id, disabled } of buttons) if (disabled) this.disabled.add(id);

    const { api } = host;
    api.once("ready", () => void api.sendWidgetConfig(opening));
    api.on("action:close_modal", (request: Request<Returned>) => {
      request.preventDefault();
      api.transport.reply(request.detail, {});
      void this.#close(request.detail.data);
    });
    api.on("action:set_button_enabled", (request: Request<{ button: string; enabled: boolean }>) => {
      request.preventDefault();
      const { button, enabled } = request.detail.data;
      const known = button !== CLOSE_BUTTON && buttons.some(({ id }) => id === button);
      if (known && enabled) this.disabled.delete(button);
      else if (known) this.disabled.add(button);
      api.transport.reply(request.detail, known ? {} : { error: { message: "Invalid button" } });
    });
    iframe.src = url.href;
  }

  /** The modal widget's page stays, unheard, so that a test can see how its last calls end. */
  async #close(data: Returned): Promise<void> {
    this.#open?.host.stop();
    this.#open = undefined;
    this.disabled.clear();
    await this.source.notifyModalWidgetClose(data);
  }
}
