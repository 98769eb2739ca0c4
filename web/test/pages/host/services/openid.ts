/** A homeserver's proofs of identity, and the person who lets a widget have one. */
import type {
  IOpenIDCredentials,
  IOpenIDUpdate,
  OpenIDRequestState,
  SimpleObservable,
} from "matrix-widget-api";

type Answer = (allowed: boolean) => void;

export class OpenId {
  /** What the person has decided before; "ask" is answered later, with `decide`. */
  manner: "allowed" | "blocked" | "ask" = "allowed";
  readonly #prompts: Answer[] = [];

  constructor(private readonly serverName: string) {}

  /** As a driver of matrix-widget-api is asked. */
  ask(observer: SimpleObservable<IOpenIDUpdate>): void {
    if (this.manner === "ask") observer.update({ state: "request" as OpenIDRequestState });
    this.request((allowed) => {
      const token = allowed ? this.token() : undefined;
      observer.update({ state: (allowed ? "allowed" : "blocked") as OpenIDRequestState, token });
    });
  }

  /** Calls back when it is decided, which may be at once. */
  request(answer: Answer): void {
    if (this.manner === "ask") this.#prompts.push(answer);
    else answer(this.manner === "allowed");
  }

  /** Answers all that wait for the person, once the first does. */
  async decide(allowed: boolean): Promise<void> {
    while (this.#prompts.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    for (const answer of this.#prompts.splice(0)) answer(allowed);
  }

  token(): IOpenIDCredentials {
    return {
      access_token: `openid_${crypto.randomUUID()}`,
      expires_in: 3600,
      matrix_server_name: this.serverName,
      token_type: "Bearer",
    };
  }
}
