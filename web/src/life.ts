import { PageEvent } from "./wire.gen.js";

/** Hears, while it is wanted, when the page is about to be gone, is back, or can run again. */
export class Life {
  readonly #tell: (event: PageEvent) => void;

  constructor(tell: (event: PageEvent) => void) {
    this.#tell = tell;
  }

  watch(on: boolean): void {
    const method = on ? "addEventListener" : "removeEventListener";
    for (const type of ["pagehide", "pageshow", "online"]) window[method](type, this);
    for (const type of ["visibilitychange", "resume"]) document[method](type, this);
  }

  handleEvent({ type, persisted }: Partial<PageTransitionEvent>): void {
    if (type === "pagehide") this.#tell(PageEvent.Hidden);
    else if (type !== "pageshow") {
      if (type !== "visibilitychange" || !document.hidden) this.#tell(PageEvent.Awake);
    } else if (persisted) this.#tell(PageEvent.Back); // else it is the page's first show
  }
}
