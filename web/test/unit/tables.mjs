/** The tables that the built wasm hands to the shim at the start. */
import { loadWasm } from "../../soak/instance.mjs";

/** What the wasm tells the shim that is its page's. */
export async function tables() {
  const instance = await loadWasm();
  return instance().told;
}
