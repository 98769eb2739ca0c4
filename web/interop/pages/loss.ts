/** What gets lost on the wires of a host: a share of each direction, drawn from a seed, from `share` being set until it is 0. */

export type Wire = "widget>host" | "host>widget" | "host>homeserver" | "homeserver>host";

export class Loss {
  /** The share of each wire that is lost, 0 … 1. */
  readonly share: Partial<Record<Wire, number>> = {};
  readonly passed: Partial<Record<Wire, number>> = {};
  readonly lost: Partial<Record<Wire, number>> = {};
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  drops(wire: Wire): boolean {
    const share = this.share[wire] ?? 0;
    if (share === 0) return false;
    const drop = this.draw() < share;
    const count = drop ? this.lost : this.passed;
    count[wire] = (count[wire] ?? 0) + 1;
    return drop;
  }

  /** mulberry32: 32 bits of state are plenty for a few thousand messages. */
  private draw(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let t = this.state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}
