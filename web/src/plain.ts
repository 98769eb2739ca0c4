import { invalid } from "./errors.js";

/** Deeper data is refused: no event is that deep, and a cycle always is. */
const maxDepth = 100;

/**
 * Copies `value` if it is plain JSON and names the place where it is not. Members that are `undefined` are dropped, as
 * JSON drops them. The copy is the snapshot that is sent, whatever the caller does to the original meanwhile.
 */
export function snapshot(value: unknown, at: string, depth = 0): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw invalid(at, `${value} is not JSON`);
      return value;
    case "object":
      break;
    default:
      throw invalid(at, `a ${typeof value} is not JSON`);
  }
  if (value === null) return null;
  if (depth === maxDepth) throw invalid(at, "is too deep, or contains itself");
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    // By index: a hole would be skipped by map, and JSON has none.
    for (let i = 0; i < value.length; i++) list.push(snapshot(value[i], `${at}[${i}]`, depth + 1));
    return list;
  }
  const prototype = Object.getPrototypeOf(value);
  // The objects of another realm have another Object.prototype, which has no prototype either.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw invalid(at, `a ${prototype.constructor?.name || "class instance"} is not JSON`);
  }
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    const plain = snapshot(member, `${at}.${key}`, depth + 1);
    if (key === "__proto__") Object.defineProperty(copy, key, { value: plain, enumerable: true });
    else copy[key] = plain;
  }
  return copy;
}
