/** Requests of the client-server API: the access token, JSON both ways, and what a homeserver answers when it refuses. */

/** How long a patient request waits for a rate limit to pass, all waits together. */
const PATIENCE_MS = 30_000;
/** What to wait where a 429 does not say how long. */
const UNTOLD_WAIT_MS = 5000;

/** The error a homeserver answered with, kept whole so that a host can relay it as `matrix_api_error`. */
export class MatrixHttpError extends Error {
  constructor(
    readonly status: number,
    readonly headers: Record<string, string>,
    readonly url: string,
    readonly body: Record<string, unknown>,
  ) {
    const why = String(body.error ?? body.errcode ?? "no reason given").replace(/\.+$/, "");
    super(`The homeserver answered ${status}: ${why}.`);
    this.name = "MatrixHttpError";
  }

  get errcode(): string {
    return typeof this.body.errcode === "string" ? this.body.errcode : "";
  }

  /** How long to wait before the next request, where this is a rate limit. Pages cannot read Synapse's `Retry-After`. */
  get retryAfterMs(): number | undefined {
    if (this.status !== 429) return undefined;
    const told = this.body.retry_after_ms;
    return typeof told === "number" && told >= 0 ? told : UNTOLD_WAIT_MS;
  }

  /** The form a widget receives inside `response.error` (matrix-widget-api 1.10 and later). */
  toWidgetError() {
    return { http_status: this.status, http_headers: this.headers, url: this.url, response: this.body };
  }
}

export interface RequestOptions {
  query?: Record<string, unknown>;
  body?: unknown;
  signal?: AbortSignal;
  /** Waits a rate limit (429) out. For what the page itself wants; a widget is told of its limits and waits by itself. */
  patient?: boolean;
  /** Goes out although the page ends. */
  keepalive?: boolean;
}

export class MatrixHttp {
  constructor(
    readonly baseUrl: string,
    protected readonly accessToken?: string,
    /** Default: the page's, whatever that is when a request is made. */
    private readonly fetch: typeof globalThis.fetch = (...args) => globalThis.fetch(...args),
  ) {}

  async request(
    method: string,
    path: string,
    options: RequestOptions = {},
  ): Promise<Record<string, unknown>> {
    const giveUpAt = Date.now() + PATIENCE_MS;
    for (;;) {
      try {
        return await this.once(method, path, options);
      } catch (error) {
        const wait = error instanceof MatrixHttpError ? error.retryAfterMs : undefined;
        if (!options.patient || wait === undefined || Date.now() + wait > giveUpAt) throw error;
        await new Promise((resolve) => setTimeout(resolve, wait));
      }
    }
  }

  private async once(
    method: string,
    path: string,
    { query = {}, body, signal, keepalive }: RequestOptions,
  ): Promise<Record<string, unknown>> {
    const url = new URL(path, this.baseUrl);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const headers: Record<string, string> = { "Content-Type": "application/json" };
    if (this.accessToken !== undefined) headers.Authorization = `Bearer ${this.accessToken}`;
    const response = await this.fetch(url, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      ...(signal ? { signal } : {}),
      ...(keepalive ? { keepalive } : {}),
    });
    const answer = await response.json().catch(() => ({}));
    if (!response.ok)
      throw new MatrixHttpError(response.status, Object.fromEntries(response.headers), url.href, answer);
    return answer;
  }
}
