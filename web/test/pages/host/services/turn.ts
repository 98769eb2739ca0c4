/** The TURN servers that a homeserver names, one at a time; a test lets the next come. */
import type { ITurnServer } from "matrix-widget-api";

export class TurnServers {
  /** What is known at the start; without one the client refuses. */
  first: ITurnServer | undefined = { uris: ["turn:one.example.org"], username: "u1", password: "p1" };
  /** As Element Web: who stops watching is answered when the next server comes, and not before. */
  endsLate = false;
  #wake: (server: ITurnServer | undefined) => void = () => {};

  watch(): AsyncGenerator<ITurnServer> {
    const servers = this.#servers();
    if (this.endsLate) return servers;
    const end = servers.return.bind(servers);
    return Object.assign(servers, {
      return: (value: undefined) => {
        this.#wake(undefined);
        return end(value);
      },
    });
  }

  next(server: ITurnServer): void {
    this.#wake(server);
  }

  async *#servers(): AsyncGenerator<ITurnServer> {
    for (let server = this.first; server; ) {
      yield server;
      server = await new Promise<ITurnServer | undefined>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}
