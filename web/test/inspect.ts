/** What tests and the bench want to know of a client beneath its API: they reach the shim's own parts for it. */
import type { __debug, WidgetClient } from "/widget-futures/index.js";

/** `parts`: the module's `__debug`, which a page imports when it wants to. */
export function inspect(parts: typeof __debug, client: WidgetClient) {
  const { core, calls } = parts(client);
  return {
    /** JavaScript values that Go holds. */
    values: (core.go as { _values: unknown[] } | undefined)?._values.length ?? 0,
    wasmBytes: (core.exports?.memory ?? core.exports?.mem)?.buffer.byteLength ?? 0,
    /** Calls that are not over. */
    calls: calls.table.filter(Boolean).length,
    /** Lets Go panic: no input is that long. */
    crash() {
      core.border.write = () => 0x7fffffff;
      client.contentLoaded().catch(() => {});
    },
  };
}
