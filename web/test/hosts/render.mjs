/** web/docs/hosts.md, from what was observed. There is no date in it: the same behaviour gives the same text. */

/** What each cell of the table tells, in the order of the page. */
const SECTIONS = [
  {
    title: "Scheduling",
    rows: {
      auto: "schedules a future (`auto`)",
      dotted: "the same, granted the update action under its dotted name alone",
      delayed: 'insists on `dialect: "delayed"`',
      "delayed-dotted": 'insists on `dialect: "delayed-dotted"`',
      futures: 'insists on `dialect: "futures"`',
      "futures-prefixed": 'insists on `dialect: "futures-prefixed"`',
      none: 'schedules with `dialect: "none"`',
      denied: "is denied every capability, then schedules a future and sends an event",
      sticky: "schedules with `stickyDurationMs`, the capability granted",
      receipt: "reads the receipt of a future on the wire: its members",
    },
  },
  {
    title: "The life of a future",
    rows: {
      alone: "leaves it alone until it goes out",
      refresh: "refreshes it halfway, then leaves it alone",
      cancel: "cancels it",
      send: "sends it",
      again: "uses another verb on a future that it has sent or cancelled",
      gone: "refreshes a future that has gone out",
      kept: "keeps one alive that the homeserver drops before its time: the keepAlive becomes",
    },
  },
  {
    title: "Errors",
    rows: {
      tooLong: "asks for a longer delay than the homeserver allows",
      holdTooLong: "holds a state with a longer delay than the homeserver allows",
      unreachable: "sends an event while the host does not reach the homeserver",
      unknown: "requests an action that the host does not know",
    },
  },
  {
    title: "The start, and what a page hears",
    rows: {
      "late 3000 load": "calls at once, its wasm comes 3 s late (`waitForIframeLoad: true`)",
      "late 3000 content": "the same (`waitForIframeLoad: false`)",
      "late 11000 load": "calls at once, its wasm comes 11 s late (`waitForIframeLoad: true`)",
      "late 11000 content": "the same (`waitForIframeLoad: false`)",
      later: "asks for a capability later, then uses it",
      start: "may receive state: told at the start by",
      hears: "may receive state: told of a change by",
      loadedAgain: "posts `content_loaded` a second time, by hand",
    },
  },
];

const INTRODUCTION = `# What each host does

Written by \`make hosts\` from what the browser tests saw; \`make test\` fails when it is no longer so. The host is
matrix-widget-api's \`ClientWidgetApi\` in Chromium, but for what is marked as a replay or a fake, with a driver like
Element Web's that approves every capability unless the table says otherwise, and a homeserver that has delayed events.
Words in code are the \`code\` of the error that the call rejects with (the [guide](guide.md) lists
them); the rest is what happened.
`;

const KINDS = {
  real: "the library itself, as npm has it",
  replay: "a host that answers as the real one was recorded answering",
  fake: "a small host of our own that behaves as another kind is known to",
};

const NOTES = `**To a page's author.** Leave \`dialect\` alone: in \`auto\` a future is scheduled where the host can, and refused
before anything is posted where it cannot. The two token dialects cannot be proved beforehand: whoever insists on
one where the host does not speak it has sent the event at once, and is told so. With \`waitForIframeLoad: true\` the
host asks once, when the iframe has loaded, and waits ten seconds: connect while the page's script first runs, and
let the wasm come from near. Where a host approves the capability for sticky events without knowing them (before
1.15.0), nothing tells a page that its future is not sticky.
`;

/** @param seen lib → cell → set of what was seen. @param played what there was of it. */
export function render(hosts, seen, played) {
  const kinds = Object.keys(KINDS).filter((kind) => Object.values(hosts).some((row) => row.kind === kind));
  return [
    INTRODUCTION,
    NOTES,
    "## The hosts\n",
    table(
      ["Host", "Kind", "For a page"],
      Object.values(hosts).map((row) => [row.label, row.kind, row.means]),
    ),
    `${kinds.map((kind) => `*${kind}*: ${KINDS[kind]}.`).join(" ")}\n`,
    ...SECTIONS.flatMap(({ title, rows }) => [`## ${title}\n`, section(hosts, seen, rows)]),
    "## What was played\n",
    `${played.pages} pages, each with one widget and one host: the life of futures and the denial of everything with both
ways to start, beside the host's site and across sites; late wasm with both ways to start; the rest once.
${played.fired} futures went out by themselves, ${played.early} of them early.\n`,
  ].join("\n");
}

function section(hosts, seen, rows) {
  const lines = [];
  for (const [cell, does] of Object.entries(rows)) {
    const outcomes = new Map();
    for (const lib of Object.keys(hosts)) {
      for (const text of seen.get(lib)?.get(cell) ?? []) {
        if (!outcomes.has(text)) outcomes.set(text, []);
        outcomes.get(text).push(lib);
      }
    }
    let what = does;
    for (const [text, libs] of outcomes) {
      lines.push([what, text, on(hosts, libs)]);
      what = "";
    }
  }
  return table(["The page", "gets", "on"], lines);
}

/** Names hosts: the releases as a run where they are one, then the others. */
function on(hosts, libs) {
  const releases = Object.keys(hosts).filter((lib) => hosts[lib].kind === "real");
  const ours = releases.filter((lib) => libs.includes(lib));
  const others = libs.filter((lib) => !releases.includes(lib));
  const names = others.map((lib) => `${hosts[lib].label} (${hosts[lib].kind})`);
  return [run(hosts, releases, ours), ...names].filter(Boolean).join(", ");
}

function run(hosts, releases, ours) {
  const label = (lib) => hosts[lib].label;
  if (ours.length === releases.length) return `all ${releases.length} releases`;
  if (ours.length < 3) return ours.map(label).join(", ");
  const from = releases.indexOf(ours[0]);
  const isRun = ours.every((lib, index) => releases[from + index] === lib);
  if (!isRun) return ours.map(label).join(", ");
  return ours.at(-1) === releases.at(-1)
    ? `${label(ours[0])} and later`
    : `${label(ours[0])} to ${label(ours.at(-1))}`;
}

function table(heads, lines) {
  const row = (cells) => `| ${cells.join(" | ")} |`;
  return `${[row(heads), row(heads.map(() => "---")), ...lines.map(row)].join("\n")}\n`;
}
