import { invalid } from "./errors.js";

/** Deeper data is refused: no event is that deep, and a cycle always is. */
const maxDepth = 100;

/** Why a value is not JSON, and where: the place is put together on the way out, so that good data pays nothing. */
class Defect {
  path = "";
  constructor(readonly why: string) {}
}

/**
 * Copies `value` if it is plain JSON and names the place where it is not. Members that are `undefined` are dropped, as
 * JSON drops them. The copy is the snapshot that is sent, whatever the caller does to the original meanwhile.
 */
export function snapshot(value: unknown, at: string): unknown {
  try {
    return copy(value, 0);
  } catch (defect) {
    throw defect instanceof Defect ? invalid(at + defect.path, defect.why) : defect;
  }
}

/** The snapshot of what must be an object, if it is there at all. */
export function objectSnapshot(value: unknown, at: string): unknown {
  if (Array.isArray(value)) throw invalid(at, "must be an object");
  return value === undefined ? undefined : snapshot(value, at);
}

function copy(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw new Defect(`${value} is not JSON`);
      return value;
    case "object":
      break;
    default:
      throw new Defect(`a ${typeof value} is not JSON`);
  }
  if (value === null) return null;
  if (depth === maxDepth) throw new Defect("is too deep, or contains itself");
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    // By index: a hole would be skipped by map, and JSON has none.
    for (let i = 0; i < value.length; i++) list.push(inside(value[i], depth, `[${i}]`));
    return list;
  }
  const prototype = Object.getPrototypeOf(value);
  // The objects of another realm have another Object.prototype, which has no prototype either.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new Defect(`a ${prototype.constructor?.name || "class instance"} is not JSON`);
  }
  const result: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    const plain = inside(member, depth, key);
    if (key === "__proto__") Object.defineProperty(result, key, { value: plain, enumerable: true });
    else result[key] = plain;
  }
  return result;
}

/** Copies a member; `key` is its name, or its index in brackets. */
function inside(member: unknown, depth: number, key: string): unknown {
  if (typeof member === "string") return member; // what most members are
  try {
    return copy(member, depth + 1);
  } catch (defect) {
    if (defect instanceof Defect) defect.path = (key[0] === "[" ? key : `.${key}`) + defect.path;
    throw defect;
  }
}
