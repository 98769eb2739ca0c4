/** Part of the FAKE Rust-style host (rust-style.ts): requests that wait for an answer, which are few and not for long. */

const MOST = 15;
const LIFE_MS = 10_000;

/** What to do with the answer, by the id of the request. */
export class Pending<Answer> {
  private readonly waiting = new Map<string, { settle: (answer: Answer) => void; until: number }>();

  /** The new request's id, a UUID v4; undefined when too many wait, and then nobody is told. */
  insert(settle: (answer: Answer) => void): string | undefined {
    const now = performance.now();
    for (const [id, { until }] of this.waiting) if (now >= until) this.waiting.delete(id);
    if (this.waiting.size >= MOST) return undefined;
    const id = crypto.randomUUID();
    this.waiting.set(id, { settle, until: now + LIFE_MS });
    return id;
  }

  /** Settles a request; false when it is unknown or too old. */
  settle(id: string, answer: Answer): boolean {
    const found = this.waiting.get(id);
    this.waiting.delete(id);
    if (!found || performance.now() >= found.until) return false;
    found.settle(answer);
    return true;
  }
}
