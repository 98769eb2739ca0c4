import { invalid } from "./errors.js";

/** Deeper data is refused: no event is that deep, and a cycle always is. */
const maxDepth = 100;

/**
 * The most bytes that the content of an event may have as JSON. An event has 65,536 in all; what the homeserver adds to
 * it leaves a little more than this.
 */
const maxContent = 64_000;

/** Why a value is not JSON, and where: the place is put together on the way out, so that good data pays nothing. */
class Defect {
  path = "";
  constructor(readonly why: string) {}
}

/**
 * Copies `value` if it is plain JSON and names the place where it is not. Members that are `undefined` are dropped, as
 * JSON drops them. The copy is the snapshot that is sent, whatever the caller does to the original meanwhile.
 */
export function snapshot(value: unknown, at: string, late = false): unknown {
  try {
    return copy(value, 0, late);
  } catch (defect) {
    throw defect instanceof Defect ? invalid(at + defect.path, defect.why) : defect;
  }
}

/** The snapshot of what must be an object. */
export function objectSnapshot(value: unknown, at: string, late = false): unknown {
  if (typeof value !== "object" || !value || Array.isArray(value)) throw invalid(at, "must be an object");
  return snapshot(value, at, late);
}

/**
 * The object snapshot of what is to be sent later. Synapse (1.160) takes any JSON then, and only when its time has come,
 * and nobody is left to be told, does it drop what no event may have in it. So that is refused here.
 */
export function lateSnapshot(value: unknown, at: string): unknown {
  const content = objectSnapshot(value, at, true);
  const json = JSON.stringify(content);
  if (json.includes("\\ud")) checkTexts(content, at); // half a pair is escaped, and little else
  if (3 * json.length > maxContent && new TextEncoder().encode(json).length > maxContent)
    throw invalid(at, `must be at most ${maxContent} bytes of JSON`);
  return content;
}

/** Refuses texts that are no Unicode, in JSON. */
function checkTexts(value: unknown, at: string): void {
  if (typeof value === "string") {
    if (/\p{Surrogate}/u.test(value)) throw invalid(at, "half of a surrogate pair is not Unicode");
  } else if (Array.isArray(value)) {
    for (const [i, element] of value.entries()) checkTexts(element, `${at}[${i}]`);
  } else if (typeof value === "object" && value) {
    for (const [key, member] of Object.entries(value)) {
      checkTexts(key, `${at}.${key}`);
      checkTexts(member, `${at}.${key}`);
    }
  }
}

/** Copies a value; `late` asks for numbers as canonical JSON has them. */
function copy(value: unknown, depth: number, late: boolean): unknown {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw new Defect(`${value} is not JSON`);
      if (late && !Number.isSafeInteger(value))
        throw new Defect("homeservers send no number but integers within ±(2^53 − 1)");
      return value;
    case "object":
      break;
    default:
      throw new Defect(`a ${typeof value} is not JSON`);
  }
  if (value === null) return null;
  if (depth === maxDepth) throw new Defect("is too deep, or contains itself");
  if (Array.isArray(value)) {
    const list: unknown[] = [...value]; // a hole becomes undefined, which JSON has not
    for (let i = 0; i < list.length; i++) list[i] = inside(list[i], depth, `[${i}]`, late);
    return list;
  }
  const prototype = Object.getPrototypeOf(value);
  // The objects of another realm have another Object.prototype, which has no prototype either.
  if (prototype !== Object.prototype && prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new Defect(`a ${prototype.constructor?.name || "class instance"} is not JSON`);
  }
  // Engines copy an object as a whole much faster than member by member.
  const result = { ...value } as Record<string, unknown>;
  let absent = false;
  for (const key of Object.keys(result)) {
    const member = result[key];
    if (member === undefined) absent = true;
    else if (!isPlain(member, late)) result[key] = inside(member, depth, key, late);
  }
  if (absent) for (const key of Object.keys(result)) if (result[key] === undefined) delete result[key];
  return result;
}

/** What most members are, and nothing has to be done for. */
function isPlain(member: unknown, late: boolean): boolean {
  if (typeof member === "number") return late ? Number.isSafeInteger(member) : Number.isFinite(member);
  return typeof member === "string" || typeof member === "boolean";
}

/** Copies a member; `key` is its name, or its index in brackets. */
function inside(member: unknown, depth: number, key: string, late: boolean): unknown {
  try {
    return copy(member, depth + 1, late);
  } catch (defect) {
    if (defect instanceof Defect) defect.path = (key[0] === "[" ? key : `.${key}`) + defect.path;
    throw defect;
  }
}
