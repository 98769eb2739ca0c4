import type { Exports } from "./core.js";
import { invalid } from "./errors.js";
import { isUnicode, notUnicode } from "./plain.js";
import { eventsIn } from "./told.js";
import { Kind, Limit, Mode, Side } from "./wire.gen.js";

/** A record of the border: members in the order of the path table. */
// biome-ignore lint/suspicious/noExplicitAny: its members are of whatever the other side sent
export type Fields = Record<string, any>;

/** A place of the path table that is read; its children are read if the value is an object. */
class Node {
  readonly children: Node[] = [];
  readonly byKey = new Map<string, Node>();
  /** The recurring text that was read here last, and its number: as a rule it is the next one too. */
  text = "";
  id = 0;

  constructor(
    readonly key = "",
    public path = 0,
    public mode = Mode.Written,
  ) {}

  child(key: string): Node {
    let child = this.byKey.get(key);
    if (!child) {
      child = new Node(key);
      this.children.push(child);
      this.byKey.set(key, child);
    }
    return child;
  }
}

/** Up to so many children are looked for in a record; of more, its members are looked up. */
const few = 4;

/** What the border asks of the page's calls. */
export interface Owner {
  /** The content of a call, and the second one of a hold, which Go knows by the call's number. */
  content(call: number, second: boolean): unknown;
  /** Whether some hold holds that state. */
  holds(type: unknown, stateKey: unknown): boolean;
}

enum Header {
  Inbox,
  InboxWords,
  TextIn,
  TextInBytes,
  Outbox,
  TextOut,
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const float = new Float64Array(1);
const halves = new Int32Array(float.buffer);

/** Turns records of the page into fields in the wasm's memory, and fields there into records. */
export class Border {
  /** Values of the input being handled; Go knows them by their index, and by 0 an empty object. */
  readonly values: unknown[] = [undefined];
  readonly #calls: Owner;
  /** Whether what a hold compares is read: see {@link Mode.Watched} and {@link message}. */
  watching = false;

  readonly #roots = [0, 1, 2, 3, 4, 5].map(() => new Node());
  /** Members from the root, by path. */
  readonly #keys: string[][] = [];
  readonly #texts: string[] = [];
  readonly #ids = new Map<string, number>();
  #full = false;
  #prefix = "";
  #exports!: Exports;
  #words = new Int32Array();
  #bytes = new Uint8Array();
  #header = 0;
  /** The inbox: its first word, and how far it may be written. */
  #inbox = 0;
  #end = 0;
  /** Next word to write or read, and next byte of text to write. */
  #at = 0;
  #text = 0;
  #call = 0;

  constructor(calls: Owner) {
    this.#calls = calls;
  }

  /**
   * Takes the wasm, Go's tables, a line for each path (side, mode, members joined by "/") and for each name, and what our
   * request ids begin with.
   */
  attach(exports: Exports, paths: string, names: string, prefix: string): void {
    this.#exports = exports;
    this.#prefix = prefix;
    for (const [path, line] of paths.split("\n").entries()) {
      const keys = line.slice(2).split("/");
      this.#keys.push(keys);
      const mode: Mode = Number(line[1]);
      if (mode === Mode.Written) continue;
      let at = this.#roots[Number(line[0])] as Node;
      for (const key of keys) at = at.child(key);
      at.path = path;
      at.mode = mode;
    }
    for (const [id, name] of names.split("\n").entries()) {
      this.#texts.push(name);
      if (id > 0) this.#ids.set(name, id);
    }
  }

  /** Forgets the values of the previous input. */
  begin(): void {
    while (this.values.length > 1) this.values.pop(); // which costs less than a new length
    this.#refresh();
    this.#at = this.#inbox;
    this.#text = 0;
  }

  /** Writes a message of the host and, while a hold watches its state, the room events that it tells of. */
  message(message: Fields): number {
    const words = this.write(Side.Wire, message);
    return this.watching && message.response == null ? this.#hear(message.data) : words;
  }

  /**
   * A host may tell the state of a whole room: what nobody holds does not cross. An event's members cross in the table's
   * order: Go tells events apart by the first of them.
   */
  #hear(data: Fields | null | undefined): number {
    const { children } = this.#roots[Side.Heard] as Node;
    const [type, stateKey] = children as [Node, Node];
    for (const event of eventsIn(data)) {
      if (!this.#calls.holds(event?.[type.key], event?.[stateKey.key])) continue;
      for (const child of children) this.#visit(child, (event as Fields)[child.key]);
    }
    return this.#at - this.#inbox;
  }

  /** Writes a record of a side and returns how many words of the inbox are in use. `call` owns its contents. */
  write(side: Side, record: Fields, call = 0): number {
    this.#call = call;
    this.#walk(this.#roots[side] as Node, record);
    return this.#at - this.#inbox;
  }

  #walk({ children, byKey }: Node, record: Fields): void {
    if (children.length <= few) {
      for (const child of children) this.#visit(child, record[child.key]);
    } else if (!Array.isArray(record)) {
      for (const key in record) {
        const child = byKey.get(key);
        if (child) this.#visit(child, record[key]);
      }
    }
  }

  #visit(node: Node, value: unknown): void {
    if (value === undefined) return;
    if (node.path) this.#put(node, value);
    if (node.children.length > 0 && typeof value === "object" && value !== null) this.#walk(node, value);
  }

  #put(node: Node, value: unknown): void {
    // The longest payload is three words; the head is one.
    if (this.#at + 4 > this.#end) this.#grow(2 * (this.#end - this.#inbox), 0);
    const { path, mode } = node;
    if (mode === Mode.Seen) {
      this.#head(path, Kind.True);
      return;
    }
    switch (typeof value) {
      case "string":
        this.#putText(node, value);
        return;
      case "number":
        this.#head(path, Kind.Number);
        float[0] = value;
        this.#words[this.#at++] = halves[0] as number;
        this.#words[this.#at++] = halves[1] as number;
        return;
      case "boolean":
        this.#head(path, value ? Kind.True : Kind.False);
        return;
    }
    if (value === null) {
      this.#head(path, Kind.Null);
    } else if (mode === Mode.Listed && Array.isArray(value) && value.length <= Limit.List) {
      this.#pair(path, Kind.List, value.length);
      const element = new Node("", path, Mode.Single);
      for (const item of value) this.#put(element, typeof item === "string" ? item : null);
    } else {
      this.#pair(path, Kind.Opaque, this.#keep(value, mode));
    }
  }

  #putText(node: Node, value: string): void {
    const { path, mode } = node;
    let id = 0;
    if (value !== "") {
      if (mode === Mode.Numbered) {
        const serial = this.#serial(value);
        if (serial) {
          this.#pair(path, Kind.Serial, serial);
          return;
        }
      }
      const read =
        mode === Mode.Recurring ||
        mode === Mode.Single ||
        mode === Mode.Listed ||
        (mode === Mode.Watched && this.watching);
      if (!read || value.length > Limit.Text) {
        this.#pair(path, Kind.Kept, this.#keep(value, mode));
        return;
      }
      if (mode === Mode.Recurring) id = value === node.text ? node.id : this.#intern(node, value);
    }
    // What the page says goes out as it is meant; a host may say what it likes.
    if (!id && this.#call && !isUnicode(value))
      throw invalid((this.#keys[path] as string[]).join("."), notUnicode);
    this.#pair(path, Kind.Text, id);
    if (id) return;
    const length = this.#encode(value);
    this.#words[this.#at++] = this.#text;
    this.#words[this.#at++] = length;
    this.#text += length;
  }

  #head(path: number, kind: Kind): void {
    this.#words[this.#at++] = path | (kind << 16);
  }

  #pair(path: number, kind: Kind, word: number): void {
    const at = this.#at;
    this.#words[at] = path | (kind << 16);
    this.#words[at + 1] = word;
    this.#at = at + 2;
  }

  /** The handle of a value: its place in the call that owns it, which outlives this input, else in {@link values}. */
  #keep(value: unknown, mode: Mode): number {
    if (this.#call && mode === Mode.Branch) return -2 * this.#call;
    if (this.#call && mode === Mode.Second) return -2 * this.#call - 1;
    return this.values.push(value) - 1;
  }

  /** The number in one of our own request ids, or 0. */
  #serial(id: string): number {
    const digits = id.startsWith(this.#prefix) ? id.slice(this.#prefix.length) : "";
    return /^[1-9]\d{0,9}$/.test(digits) && +digits <= Limit.DurationMs ? +digits : 0;
  }

  /** The number of a recurring text, given now if it is new; 0 when there are enough. */
  #intern(node: Node, value: string): number {
    let id = this.#ids.get(value);
    if (id === undefined && !this.#full && isUnicode(value)) {
      id = this.#exports.wf_intern(this.#text, this.#encode(value));
      this.#refresh();
      this.#full = id === 0;
      if (id) {
        this.#ids.set(value, id);
        this.#texts[id] = value;
      }
    }
    if (id) {
      node.text = value;
      node.id = id;
    }
    return id ?? 0;
  }

  /** Writes text at the end of the buffer's used part. */
  #encode(value: string): number {
    const needed = this.#text + 3 * value.length;
    if (needed > this.#word(Header.TextInBytes)) this.#grow(0, needed);
    const start = this.#word(Header.TextIn) + this.#text;
    return encoder.encodeInto(value, this.#bytes.subarray(start, start + 3 * value.length)).written;
  }

  /** Makes the buffers larger; Go keeps what is in them. */
  #grow(words: number, bytes: number): void {
    const used = this.#at - this.#inbox;
    this.#exports.wf_reserve(words, bytes);
    this.#refresh();
    this.#at = this.#inbox + used;
  }

  /** Renews the views when the memory has grown, which empties them, and the addresses. */
  #refresh(): void {
    if (this.#words.length === 0) {
      const { memory, mem } = this.#exports;
      const { buffer } = (memory ?? mem) as WebAssembly.Memory;
      this.#header = this.#exports.wf_header() >> 2;
      this.#words = new Int32Array(buffer);
      this.#bytes = new Uint8Array(buffer);
    }
    this.#inbox = this.#word(Header.Inbox) >> 2;
    this.#end = this.#inbox + this.#word(Header.InboxWords);
  }

  #word(member: Header): number {
    return this.#words[this.#header + member] as number;
  }

  // Reading: the caller goes through the outbox by next, number and record.

  /** Goes to the start of the outbox. */
  open(): void {
    this.#refresh();
    this.#at = this.#word(Header.Outbox) >> 2;
  }

  /** How many words were read. */
  get read(): number {
    return this.#at - (this.#word(Header.Outbox) >> 2);
  }

  next(): number {
    return this.#words[this.#at++] as number;
  }

  number(): number {
    halves[0] = this.next();
    halves[1] = this.next();
    return float[0] as number;
  }

  textAt(offset: number, length: number): string {
    const start = this.#word(Header.TextOut) + offset;
    return decoder.decode(this.#bytes.subarray(start, start + length));
  }

  /** Builds a record of the next fields, on what there is of it. */
  record(fields: number, root: Fields = {}): Fields {
    for (let i = 0; i < fields; i++) {
      const head = this.next();
      const keys = this.#keys[head & 0xffff] as string[];
      let value: unknown;
      if (head >> 16 === Kind.List) {
        const length = this.next();
        const list: unknown[] = [];
        for (let n = 0; n < length; n++, i++) list.push(this.#value(this.next() >> 16));
        value = list;
      } else {
        value = this.#value(head >> 16);
      }
      let at = root;
      const last = keys.length - 1;
      for (let k = 0; k < last; k++) {
        const key = keys[k] as string;
        at[key] ??= {};
        at = at[key];
      }
      at[keys[last] as string] = value;
    }
    return root;
  }

  #value(kind: Kind): unknown {
    switch (kind) {
      case Kind.Null:
        return null;
      case Kind.False:
      case Kind.True:
        return kind === Kind.True;
      case Kind.Number:
        return this.number();
      case Kind.Text: {
        const id = this.next();
        if (id) return this.#texts[id];
        const offset = this.next();
        return this.textAt(offset, this.next());
      }
      case Kind.Serial:
        return this.#prefix + this.next();
    }
    const handle = this.next();
    if (handle < 0) return this.#calls.content(-handle >> 1, (handle & 1) !== 0);
    return handle === 0 ? {} : this.values[handle];
  }
}
