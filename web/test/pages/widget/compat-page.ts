/**
 * A widget made with `matrix-widget-api` or with our drop-in for it, whichever library is handed in. It starts while its
 * script first runs, as a widget should, and asks for the capabilities given as JSON in `?capabilities=`. A test calls its
 * methods by name; what cannot be carried out of the page is turned into plain data.
 */
import type * as Library from "matrix-widget-api";

type Outcome = { value?: unknown } | { error: Record<string, unknown> };

export function run(library: typeof Library): void {
  const params = new URLSearchParams(location.search);

  /** What the API has told the page, oldest first. */
  const seen: unknown[] = [];
  const api = new library.WidgetApi(params.get("widgetId"), params.get("parentUrl"));
  let ready = false;
  api.once("ready", () => {
    ready = true;
    seen.push("ready");
  });
  api.transport.on("message", ({ detail }: CustomEvent<Library.IWidgetApiRequest>) => {
    seen.push({ action: detail.action, data: plain(detail.data) });
  });
  api.requestCapabilities(JSON.parse(params.get("capabilities") ?? "[]"));
  api.start();
  api.sendContentLoaded().catch(() => {}); // hosts that begin by themselves refuse it

  async function outcome(work: () => unknown): Promise<Outcome> {
    try {
      const value = await work();
      const file = (value as { file?: unknown } | undefined)?.file;
      if (file instanceof Blob) return { value: { file: { type: file.type, text: await file.text() } } };
      return { value: plain(value) };
    } catch (reason) {
      const { message, data, cause, code } = reason as Library.WidgetApiResponseError & {
        code?: unknown;
      };
      const isRefusal = reason instanceof library.WidgetApiResponseError;
      const because = (cause as { code?: unknown } | undefined)?.code;
      return { error: { message, isRefusal, ...(plain({ data, because, code }) as object) } };
    }
  }

  /** Calls a method by its name; a text file stands for `{file: text}`. */
  function call(method: string, ...args: unknown[]): Promise<Outcome> {
    const given = args.map((arg) => {
      const text = (arg as { file?: string } | null | undefined)?.file;
      return text === undefined ? arg : new Blob([text], { type: "text/plain" });
    });
    return outcome(() =>
      (api as unknown as Record<string, (...args: unknown[]) => unknown>)[method]?.(...given),
    );
  }

  /** Calls the transport, with the whole answer as the result. */
  const send = (action: string, data: Library.IWidgetApiRequestData) =>
    outcome(() => api.transport.sendComplete(action as Library.WidgetApiFromWidgetAction, data));

  /** Answers an action of the host. */
  function answer(action: string, response: Library.IWidgetApiResponseData): void {
    api.on(`action:${action}`, (event: CustomEvent<Library.IWidgetApiRequest>) => {
      event.preventDefault();
      api.transport.reply(event.detail, response);
    });
  }

  /** Reads TURN servers until there are as many, then leaves. */
  function turnServers(count: number): Promise<Outcome> {
    return outcome(async () => {
      const servers: Library.ITurnServer[] = [];
      for await (const server of api.getTurnServers()) {
        servers.push({ ...server });
        if (servers.length === count) break;
      }
      return servers;
    });
  }

  function whenReady(): Promise<void> {
    return ready ? Promise.resolve() : new Promise((resolve) => api.once("ready", () => resolve()));
  }

  const start = () => {}; // what says that the script has run
  Object.assign(window, { start, library, api, seen, call, send, answer, turnServers, whenReady });
}

/** Data that a test can read; a file is told by its text. */
function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}
