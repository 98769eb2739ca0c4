import type { ConnectOptions } from "../index.js";

/** What `matrix-widget-api` has no place for. */
export type CompatOptions = Pick<ConnectOptions, "wasm" | "wasmIntegrity" | "dialect" | "handshakeTimeoutMs">;

let options: CompatOptions = {};

/** Sets the options of every {@link WidgetApi} that is started from now on; those not given are the defaults. */
export function configure(chosen: CompatOptions): void {
  options = { ...chosen };
}

export const configured = (): CompatOptions => options;
