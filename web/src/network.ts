/** What every request to the homeserver is: without login, and leaving no trace of the page. */
const bare: RequestInit = { credentials: "omit", referrerPolicy: "no-referrer", cache: "no-store" };

const posting: RequestInit = { ...bare, method: "POST", redirect: "error" };

/** The requests to the homeserver: POSTs, and nowhere else than they are told. */
export class Network {
  readonly #done: (serial: number, status: number, body: unknown) => void;
  readonly #posts = new Map<number, AbortController>();

  /** `done` takes the end of each post, but for those that were given up. */
  constructor(done: (serial: number, status: number, body: unknown) => void) {
    this.#done = done;
  }

  /** The status is 0 when the server cannot be reached, and -1 when it answers what the page may not read. */
  async post(serial: number, url: string): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    this.#posts.set(serial, controller);
    let status: number;
    let body: unknown;
    try {
      const response = await fetch(url, { ...posting, signal });
      body = await response.json().catch(() => undefined);
      status = response.status;
    } catch {
      status = this.#posts.has(serial) && (await answers(url, signal)) ? -1 : 0;
    }
    if (this.#posts.delete(serial)) this.#done(serial, status, body);
  }

  hangup(serial: number): void {
    this.#posts.get(serial)?.abort();
    this.#posts.delete(serial);
  }

  /** Waits for nothing any more. What is under way goes on: it may be the cancel of a future that nobody needs now. */
  close(): void {
    this.#posts.clear();
  }

  /**
   * Posts what a dying page has to say, by the ways that outlive it. As text/plain it is a simple request, for which no
   * browser asks the server first.
   */
  beacon(url: string): void {
    const body = "{}";
    const type = "text/plain";
    try {
      const headers = { "Content-Type": type };
      fetch(url, { ...posting, keepalive: true, headers, body }).catch(() => {}); // nobody is left to hear it
    } catch {
      navigator.sendBeacon(url, new Blob([body], { type }));
    }
  }
}

/** A refusal by CORS and a dead network look alike, but what is not to be read is fetched in spite of CORS. */
async function answers(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    await fetch(new URL("/_matrix/client/versions", url), { ...bare, mode: "no-cors", signal });
    return true;
  } catch {
    return false;
  }
}
