// What `matrix-widget-api` exports beside what `widget-futures/compat` does: `node web/scripts/compat-exports.mjs` (make
// exports) writes web/docs/compat-exports.md, and a unit test compares it with what would be written.

import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { readExports } from "./shapes.mjs";

const require = createRequire(import.meta.url);
const file = (path) => fileURLToPath(new URL(path, import.meta.url));

export const document = file("../docs/compat-exports.md");
export const declarations = {
  original: file("../node_modules/matrix-widget-api/lib/index.d.ts"),
  ours: file("../dist/compat/index.d.ts"),
};

/** Why, by name: a Map, for an export may be called toString. */
const reasons = (table) => new Map(Object.entries(table));

/** What only the host's side of a conversation uses, and why a widget does not. */
const HOST_ONLY = reasons({
  ClientWidgetApi: "the host's end of a conversation",
  WidgetDriver: "what `ClientWidgetApi` has a client do for a widget",
  IGetMediaConfigResult: "what a `WidgetDriver` answers `getMediaConfig` with",
  IOpenIDUpdate: "what a `WidgetDriver` tells of OpenID credentials",
  IReadEventRelationsResult: "what a `WidgetDriver` answers `readEventRelations` with",
  IRtcTransportsResult: "what a `WidgetDriver` answers `getRtcTransports` with",
  ISearchUserDirectoryResult: "what a `WidgetDriver` answers `searchUserDirectory` with",
  ISendDelayedEventDetails: "what a `WidgetDriver` answers `sendDelayedEvent` with",
  ISendEventDetails: "what a `WidgetDriver` answers `sendEvent` with",
});

/** What the original does not have. */
const OURS_ONLY = reasons({
  configure: "says where the wasm is, and whatever else has no place in the original's constructor",
  CompatOptions: "what `configure` takes",
});

/** Shapes that differ on purpose. */
const DIFFERENT = reasons({});

/** What both packages declare, once it was read. */
let shapes;

/** Compares both packages. A row is `good` where ours has the same, or a reason why not. */
export async function compare({ hostOnly = HOST_ONLY, oursOnly = OURS_ONLY, different = DIFFERENT } = {}) {
  shapes ??= readExports([declarations.original, declarations.ours]);
  const [theirs, ours] = shapes;
  const values = [require("matrix-widget-api"), await import("../dist/compat.js")];
  const rows = [...new Set([...theirs.keys(), ...ours.keys()])].sort(byName).map((name) => {
    const [their, our] = [theirs.get(name), ours.get(name)];
    const { kind, side, members } = their ?? our;
    const row = (good, verdict) => ({
      name,
      kind,
      side,
      members,
      good,
      verdict,
      widget: !hostOnly.has(name),
      inBoth: !!(their && our),
    });
    if (!their) return row(oursOnly.has(name), oursOnly.get(name) ?? "not the original's");
    if (!our) return row(hostOnly.has(name), hostOnly.get(name) ?? "missing");
    if (hostOnly.has(name)) return row(false, "there, though it is only the host's");
    const [what] = differences(their, our, ...values.map((api) => api[name]));
    if (different.has(name))
      return row(what !== undefined, what ? different.get(name) : "not different, as is said");
    return row(what === undefined, what ?? "the same");
  });
  for (const name of [...hostOnly.keys(), ...oursOnly.keys(), ...different.keys()])
    if (!rows.some((row) => row.name === name)) rows.push({ name, good: false, verdict: "in no package" });
  return rows;
}

/** In what two exports differ, in words. */
function differences(their, our, theirValue, ourValue) {
  const found = [];
  for (const part of ["kind", "side"])
    if (their[part] !== our[part]) found.push(`${part} is ${our[part]}, not ${their[part]}`);
  for (const part of ["type", "value"]) {
    const [want, got] = [their.shape[part], our.shape[part]];
    if (want !== got) found.push(`its ${part} has ${apart(got, want)}`);
  }
  if (typeof theirValue !== typeof ourValue) found.push(`is ${typeof ourValue}, not ${typeof theirValue}`);
  else if (typeof theirValue === "object" && !isDeepStrictEqual({ ...theirValue }, { ...ourValue }))
    found.push(`is ${JSON.stringify(ourValue)}, not ${JSON.stringify(theirValue)}`);
  else if (their.kind === "class") found.push(...lacking(their, theirValue, ourValue));
  return found;
}

/** Two texts from shortly before where they part. */
function apart(got = "", want = "") {
  const at = [...got].findIndex((letter, i) => letter !== want[i]);
  const from = Math.max(0, (at < 0 ? got.length : at) - 60);
  return `\`…${got.slice(from, from + 120)}…\`, not \`…${want.slice(from, from + 120)}…\``;
}

/** Members that the declarations promise and the class does not have at run time, where the original's does. */
function lacking({ members }, theirs, ours) {
  return [
    ...members.static
      .filter((name) => name in theirs && !(name in ours))
      .map((name) => `lacks static ${name}`),
    ...members.instance
      .filter((name) => name in theirs.prototype && !(name in ours.prototype))
      .map((name) => `lacks ${name}`),
  ];
}

const byName = (a, b) => a.toLowerCase().localeCompare(b.toLowerCase(), "en") || (a < b ? -1 : 1);

const INTRODUCTION = `# The exports of \`widget-futures/compat\`

Written by \`make exports\` from the declarations and the code of matrix-widget-api VERSION and of this package; \`make test\`
fails when it is no longer so. *The same* means: the same kind of thing, a value where the original has a value, every
public member of the same type (written out down to the language's own types, with what is optional or read-only),
classes with the same static and instance members at run time, enums and constants with the same values. Names of
parameters and private members are nobody's business.
`;

const BEHAVIOUR = `## Behaviour

The tests run the same inputs through both packages. One function differs on purpose: \`isValidUrl\` says of http and https
URLs that they are valid. The original's says so of none, because it leaves out the colon of \`URL.protocol\`; so its
\`WidgetParser\` never finds a widget, and ours does.

\`WidgetEventCapability\` reads capabilities as the original does, faults and all, for a widget learns from it what
\`ClientWidgetApi\` will allow. \`parseCapability\` of \`widget-futures\` differs from it where a state event's type has a \`#\`
in it and no key follows: that is any key, as was asked for, where the original sees the empty key.
`;

/** The document. There is no date in it: the same packages give the same text. */
export function render(rows, version) {
  const widget = rows.filter((row) => row.widget && !OURS_ONLY.has(row.name));
  const good = widget.filter((row) => row.good).length;
  const share = `${Math.floor((good / widget.length) * 1000) / 10} %`;
  const line = (row) => [`\`${row.name}\``, row.kind, row.side, count(row), row.verdict];
  return [
    INTRODUCTION.replace("VERSION", version),
    `**${good} of ${widget.length} exports of the widget's side: ${share}.**\n`,
    table(["Export", "Kind", "As", "Members", "Ours"], widget.map(line)),
    BEHAVIOUR,
    "## The host's side\n",
    "What only a client uses is not here.\n",
    table(
      ["Export", "Kind", "What it is"],
      rows.filter((row) => !row.widget).map((row) => [`\`${row.name}\``, row.kind, row.verdict]),
    ),
    "## Ours alone\n",
    table(
      ["Export", "Kind", "What it is"],
      rows.filter((row) => OURS_ONLY.has(row.name)).map((row) => [`\`${row.name}\``, row.kind, row.verdict]),
    ),
  ].join("\n");
}

function count({ kind, members }) {
  if (kind === "class") return `${members.instance.length} and ${members.static.length} static`;
  return members.instance.length > 0 ? String(members.instance.length) : "";
}

function table(heads, lines) {
  const row = (cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return `${[row(heads), row(heads.map(() => "---")), ...lines.map(row)].join("\n")}\n`;
}

export const { version } = require("matrix-widget-api/package.json");

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = await compare();
  await writeFile(document, render(rows, version));
  const bad = rows.filter((row) => !row.good);
  for (const { name, verdict } of bad) console.log(`${name}: ${verdict}`);
  console.log(`exports: ${rows.length - bad.length} good, ${bad.length} not`);
  if (bad.length > 0) process.exitCode = 1;
}
