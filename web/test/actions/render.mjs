/** web/docs/actions.md, from the list of actions. There is no date in it: the same list gives the same text. */
const row = (cells) => `| ${cells.join(" | ")} |`;
const table = (head, rows) => [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
const code = (text) => (text ? `\`${text}\`` : "–");

const REFUSALS = {
  capability: "`capability`: it approves no such capability",
  unsupported: "`unsupported`, before it is posted",
  host: "`host`",
};

function needs({ capability, host }) {
  if (capability) return code(capability);
  return host ? `${code(host)}, which the host looks at` : "–";
}

/** Where an action is known, and what a call rejects with where it is not. */
function known({ client, since, version }) {
  if (client) return "where the client handles it, else `host`";
  if (since === "1.6.0") return "all";
  const before = version === "org.matrix.msc4039" || !version ? "`host`" : "`unsupported`";
  return `since ${since}, before ${before}`;
}

const futures = "futures are `unsupported` before 1.8.2: see [what each host does](hosts.md)";

export function render(fromWidget, toWidget) {
  const asked = Object.entries(fromWidget).map(([action, one]) => [
    ...[code(action), one.method, needs(one)],
    ...[action.endsWith("update_delayed_event") ? futures : known(one)],
    one.rust === true ? "known" : REFUSALS[one.rust],
  ]);
  const told = Object.entries(toWidget).map(([action, { event, answer }]) => [
    ...[code(action), event ? code(`action:${action}`) : "–", answer],
  ]);
  return `# The actions of the Widget API

Written by \`make hosts\` from the list that the tests play (web/test/actions): every action below has crossed the wire to or
from a real host there, and \`make test\` fails for one that no test plays. Words in code in the last two columns are the
\`code\` that the call rejects with.

## What a page asks

Methods are WidgetClient's. Without its capability a call rejects with \`capability\` and nothing is posted, but where the host
looks at it. Releases are matrix-widget-api's, whose 1.6.0 is the oldest that is tried.

${table(["Action", "Method", "Capability", "Releases that know it", "matrix-rust-sdk's manners (a fake)"], asked)}

## What a host asks

A listener of the event answers with \`event.reply(…)\`, or prevents the default and answers later. The last column is the answer
where none does, also where it throws. A host may ask anything else: \`action:<name>\` is dispatched, and the default is an error.

${table(["Action", "Event", "Default answer"], told)}
`;
}
