import type { IWidgetApiRequest, WidgetApi } from "matrix-widget-api";

type Request = CustomEvent<IWidgetApiRequest>;
type Handler = (request: Request) => void;

/**
 * The host's requests, kept until somebody handles them: a host asks for things before the page has got so far. Each is
 * claimed at once, and answered by whoever handles it, when it has been done.
 */
export class Requests {
  readonly #handlers = new Map<string, Handler>();
  readonly #waiting = new Map<string, Request[]>();

  constructor(
    readonly api: WidgetApi,
    actions: Iterable<string>,
  ) {
    for (const action of actions) {
      api.on(`action:${action}`, (request: Request) => {
        request.preventDefault();
        const handler = this.#handlers.get(action);
        if (handler) handler(request);
        else this.#waiting.set(action, [...(this.#waiting.get(action) ?? []), request]);
      });
    }
  }

  handle(action: string, handler: Handler): void {
    this.#handlers.set(action, handler);
    for (const request of this.#waiting.get(action) ?? []) handler(request);
    this.#waiting.delete(action);
  }
}
