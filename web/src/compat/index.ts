/**
 * A drop-in for `matrix-widget-api` 1.19, as far as a widget uses it, on the core of this module. What differs on purpose
 * stands in `docs/compat.md`.
 *
 * @packageDocumentation
 */

export { type CompatOptions, configure } from "./configure.js";
export { isErrorResponse, WidgetApiResponseError } from "./errors.js";
export * from "./exports.js";
export { type ITransport, PostmessageTransport } from "./transport.js";
export { WidgetApi } from "./widget-api.js";
