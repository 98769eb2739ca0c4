/**
 * Part of the FAKE Rust-style host (rust-style.ts): its strict reading of messages, with refusals in serde's words (W§4.3).
 */
import type { Messages } from "./services/to-device.js";
import type { Fields } from "./situation.js";

/** A message is read whole or not at all; undefined stands for "logged, no answer". */
export type Read =
  | { widgetId: string; requestId: string; request: Fields }
  | { widgetId: string; requestId: string; action: string; response: unknown }
  | undefined;

export function readMessage(text: string): Read {
  const message: unknown = JSON.parse(text);
  if (!isObject(message)) return undefined;
  const { api, widgetId, requestId, action, response } = message;
  if (typeof widgetId !== "string" || typeof requestId !== "string") return undefined;
  if (api === "fromWidget") return { widgetId, requestId, request: message };
  if (api !== "toWidget") return undefined;
  if (typeof action !== "string" || message.data === undefined || response === undefined) return undefined;
  return { widgetId, requestId, action, response };
}

/** Why a request cannot be read: its answer is this text. */
export class SerdeError extends Error {}

export interface SendEvent {
  type: string;
  state_key?: string | null;
  content: unknown;
  delay?: number | null;
}
export interface UpdateDelayed {
  delay_id: string;
  action: string;
}
export interface SendToDevice {
  type: string;
  messages: Messages;
  encrypted: boolean;
}
export interface ReadEvents {
  type: string;
  state_key?: string | true | null;
  limit?: number | null;
}

/** By its action, how the data of a request is read. */
const READERS = {
  supported_api_versions: () => ({}),
  content_loaded: () => ({}),
  get_openid: () => ({}),
  "org.matrix.msc2876.read_events": ({ type, state_key, limit }: Fields): ReadEvents => ({
    type: text("type", type),
    state_key: state_key === true ? true : optional(state_key, (value) => text("state_key", value)),
    limit: optional(limit, (value) => unsigned(value, "u32", 2 ** 32)),
  }),
  send_event: ({ type, state_key, content, delay }: Fields): SendEvent => ({
    type: text("type", type),
    state_key: optional(state_key, (value) => text("state_key", value)),
    content: required("content", content),
    delay: optional(delay, (value) => unsigned(value, "u64", 2 ** 64)),
  }),
  send_to_device: ({ type, messages, encrypted }: Fields): SendToDevice => ({
    type: text("type", type),
    messages: map(required("messages", messages), (devices) => map(devices, (content) => content as object)),
    encrypted: encrypted === true,
  }),
  "org.matrix.msc4039.download_file": ({ content_uri }: Fields): { content_uri: string } => ({
    content_uri: text("content_uri", content_uri),
  }),
  "org.matrix.msc4515.get_rtc_transports": () => ({}),
  "org.matrix.msc4157.update_delayed_event": ({ delay_id, action }: Fields): UpdateDelayed => ({
    delay_id: text("delay_id", delay_id),
    action: text("action", action),
  }),
};

type Readers = typeof READERS;
export type Request = { [A in keyof Readers]: { action: A; data: ReturnType<Readers[A]> } }[keyof Readers];

/** Members that are not known are tolerated; what is missing or of a wrong type throws a SerdeError. */
export function readRequest(message: Fields): Request {
  const { action, data } = message;
  try {
    const name = text("action", action);
    if (!Object.hasOwn(READERS, name)) {
      const variants = Object.keys(READERS).map((variant) => `\`${variant}\``);
      throw new SerdeError(`unknown variant \`${name}\`, expected one of ${variants.join(", ")}`);
    }
    const fields = required("data", data);
    if (!isObject(fields))
      throw new SerdeError(`invalid type: ${unexpected(fields)}, expected struct variant`);
    return { action: name, data: READERS[name as keyof Readers](fields) } as Request;
  } catch (error) {
    if (!(error instanceof SerdeError)) throw error;
    const column = JSON.stringify(message).length;
    throw new SerdeError(`${error.message} at line 1 column ${column}`);
  }
}

function required(name: string, value: unknown): unknown {
  if (value === undefined) throw new SerdeError(`missing field \`${name}\``);
  return value;
}

function text(name: string, value: unknown): string {
  if (typeof required(name, value) === "string") return value as string;
  throw new SerdeError(`invalid type: ${unexpected(value)}, expected a string`);
}

/** `null` is the same as absent. */
function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : read(value);
}

function map<T>(value: unknown, read: (value: unknown) => T): Record<string, T> {
  if (!isObject(value)) throw new SerdeError(`invalid type: ${unexpected(value)}, expected a map`);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, read(entry)]));
}

function unsigned(value: unknown, type: string, end: number): number {
  if (typeof value !== "number" || !Number.isInteger(value))
    throw new SerdeError(`invalid type: ${unexpected(value)}, expected ${type}`);
  if (value < 0 || value >= end)
    throw new SerdeError(`invalid value: ${unexpected(value)}, expected ${type}`);
  return value;
}

function unexpected(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "sequence";
  if (typeof value === "object") return "map";
  if (typeof value === "number")
    return `${Number.isInteger(value) ? "integer" : "floating point"} \`${value}\``;
  return typeof value === "string" ? `string ${JSON.stringify(value)}` : `boolean \`${value}\``;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
