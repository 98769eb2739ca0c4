// What this module's own tests and its entry `compat` use; it is no part of the types.

/** @internal */
export { __debug } from "./client.js";
/** @internal */
export { Conversation as __Conversation } from "./conversation.js";
/** @internal */
export { invalid as __invalid } from "./errors.js";
/** @internal */
export { loadModule as __loadModule } from "./loader.js";
/** @internal */
export { startRecord as __startRecord } from "./options.js";
/** @internal */
export { lateSnapshot as __lateSnapshot } from "./plain.js";
/** @internal */
export { TurnServers as __TurnServers } from "./turn.js";
