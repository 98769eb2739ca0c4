// What this module's own tests use; it is no part of the types.

/** @internal */
export { __debug } from "./client.js";
