import { invalid } from "./errors.js";

/** Deeper data is refused: no event is that deep, and a cycle always is. */
const maxDepth = 100;

/**
 * The most bytes that the content of an event may have as JSON. An event has 65,536 in all; what the homeserver adds to
 * it leaves a little more than this.
 */
const maxContent = 64_000;

/** What is asked of a value: JSON, with numbers as canonical JSON has them, and with texts of whole characters. */
enum Check {
  Json,
  Integers,
  Texts,
}

/** Why a value is not JSON, and where: the place is put together on the way out, so that good data pays nothing. */
class Defect {
  path = "";
  constructor(readonly why: string) {}
}

/**
 * Copies `value` if it is plain JSON and names the place where it is not. Members that are `undefined` are dropped, as
 * JSON drops them. The copy is the snapshot that is sent, whatever the caller does to the original meanwhile.
 */
export function snapshot(value: unknown, at: string, check = Check.Json): unknown {
  try {
    return copy(value, 0, check);
  } catch (defect) {
    throw defect instanceof Defect ? invalid(at + defect.path, defect.why) : defect;
  }
}

/** The snapshot of what must be an object. */
export function objectSnapshot(value: unknown, at: string, check = Check.Json): unknown {
  if (typeof value !== "object" || !value || Array.isArray(value)) throw invalid(at, "must be an object");
  return snapshot(value, at, check);
}

/**
 * The object snapshot of what is to be sent later. Synapse (1.160) takes any JSON then, and only when its time has come,
 * and nobody is left to be told, does it drop what no event may have in it. So that is refused here.
 */
export function lateSnapshot(value: unknown, at: string): unknown {
  const content = objectSnapshot(value, at, Check.Integers);
  const json = JSON.stringify(content);
  if (json.includes("\\ud")) snapshot(content, at, Check.Texts); // half a pair is escaped, and little else
  if (3 * json.length > maxContent && new TextEncoder().encode(json).length > maxContent)
    throw invalid(at, `must be at most ${maxContent} bytes of JSON`);
  return content;
}

/** Half of a surrogate pair is not Unicode. */
export const isUnicode = (text: string): boolean => !/\p{Surrogate}/u.test(text);
export const notUnicode = "is not Unicode: half of a pair";

function checkText(text: string, check: Check, at = ""): void {
  if (check < Check.Texts || isUnicode(text)) return;
  const defect = new Defect(notUnicode);
  defect.path = at;
  throw defect;
}

/** Copies a value and checks it. */
function copy(value: unknown, depth: number, check: Check): unknown {
  switch (typeof value) {
    case "string":
      checkText(value, check);
      return value;
    case "boolean":
      return value;
    case "number":
      if (!Number.isFinite(value)) throw new Defect(`${value} is not JSON`);
      if (check && !Number.isSafeInteger(value)) throw new Defect("must be an integer within ±(2^53 − 1)");
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
    for (let i = 0; i < list.length; i++) list[i] = inside(list[i], depth, i, check);
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
  // Needs no list of keys, but meets what a page may have put onto every object.
  for (const key in result) {
    const member = result[key];
    if (check >= Check.Texts) checkText(key, check, `.${key}`);
    if (member === undefined) absent = true;
    else if (!isPlain(member, check) && Object.hasOwn(result, key))
      result[key] = inside(member, depth, key, check);
  }
  if (absent) for (const key of Object.keys(result)) if (result[key] === undefined) delete result[key];
  return result;
}

/** What most members are, and nothing has to be done for. */
function isPlain(member: unknown, check: Check): boolean {
  if (typeof member === "number") return check ? Number.isSafeInteger(member) : Number.isFinite(member);
  return (typeof member === "string" && check < Check.Texts) || typeof member === "boolean";
}

/** Copies what has this name, or this index, in an object or a list. */
function inside(member: unknown, depth: number, key: string | number, check: Check): unknown {
  try {
    return copy(member, depth + 1, check);
  } catch (defect) {
    if (defect instanceof Defect)
      defect.path = (typeof key === "number" ? `[${key}]` : `.${key}`) + defect.path;
    throw defect;
  }
}
