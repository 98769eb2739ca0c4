import type { Fields } from "./border.js";

/** No deeper is a request's data looked through for what cannot be cloned. */
const maxDepth = 100;

/** A copy without what cannot be cloned: what was transferred to the page, a MessagePort, is the page's now. */
function cloneable(value: unknown, depth = 0): unknown {
  try {
    return structuredClone(value);
  } catch {
    if (typeof value !== "object" || !value || depth === maxDepth) return undefined;
    if (Array.isArray(value)) return value.map((item) => cloneable(item, depth + 1));
    if (Object.getPrototypeOf(value) !== Object.prototype) return undefined;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cloneable(item, depth + 1)]));
  }
}

/** Posts the answer to a request of the host: the request itself, with the response. Throws if that cannot be cloned. */
export function answerTo(request: Fields, response: object, post: (message: unknown) => void): void {
  try {
    post({ ...request, response });
  } catch {
    post({ ...(cloneable(request) as Fields), response });
  }
}
