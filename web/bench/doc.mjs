/** Writes web/docs/bench.md and its plot from what was measured. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../scripts/steps.mjs";
import { plot } from "./plot.mjs";
import { LEGEND, lastLine, tables, titleOf } from "./report.mjs";

const DOCS = join(root, "web", "docs");

const INTRO = `# What a call costs

Written by \`make bench DOC=write\`: one headless Chromium, all contestants in frames of one page, in another order each
round, before a host that answers at once. The **floor** is what any widget has to do at least: bare \`postMessage\`, a
\`Map\` of promises, one look at source and origin; it runs in two frames, and what differs between them is noise. The
**peer** is matrix-widget-api 1.19.0, as shipped, where it logs every message, and with \`console.log\` doing nothing. All
send the same messages: a state event with the membership of a MatrixRTC call, the same as a future, and the refresh of a
future. What a watched console (open developer tools) makes of the logging has a table of its own.

![Microseconds per call, by kind, from frames of one origin](bench.svg)
`;

const OUTRO = `
**Reading it.** A limit against the peer that lies below what a bare postMessage reaches is out of any widget's reach on
this machine; the last column of the figures says what that is. To another site's frame a message crosses processes, and the
machine's scheduler decides more than the widget does.

**The start.** From the first line of the page's script, files served on loopback and uncompressed; cold: nothing in the
browser's caches; warm: from its HTTP cache, with what it keeps of compiled code. The floors are the least program that uses
syscall/js, vert and uuid, as each compiler starts it: by the loader that comes with it, until main has run. Ours is built
with TinyGo. "Settled" includes the negotiation with the host. Preloaded: the page's head names what its script will load, as
the [guide](guide.md) has it for ours, so that the wasm is on its way before there is a script to ask for it.

**A page of Element Call's size** is an app on matrix-js-sdk that does what Element Call does, in one script of
1.9 MB, as Vite builds it: with matrix-widget-api, and by the alias of [element-call.md](element-call.md) with
\`widget-futures/compat\`. What stands for the rest of Element Call is a second copy of js-sdk. By \`content_loaded\` a
widget tells its host that it is there; ours cannot before its wasm is.

**What is held.** Values are what \`syscall/js\` has a number for; the heap is that of the whole page, host and widget, after
a forced collection. TinyGo doubles the memory of the wasm when a collection leaves less than a third of it free, and gives
none back: so it gets its size in the warm-up, a fifth of the calls that are counted then. Futures and refreshes make more in
Go than events, and count from their second half on. The hold is a real \`holdState\` in the real shim and wasm whose page has
virtual clocks.

**What an input takes** is what the page waits for: TinyGo's collector works at a stretch, inside of whatever input needs
memory when there is none. A page holds one state, or 256, the most that it may, each of which is refreshed; meanwhile it
schedules futures, a hundred at a time. Medians of five bursts; the page's clock has steps of 0.1 ms.

\`make profile\` says where the time goes, function by function.
`;

function section({ title, heads, rows }) {
  const row = (cells) => `| ${cells.join(" | ")} |`;
  const rule = row(heads.map((_, n) => (n === 0 ? "---" : "--:")));
  return [`## ${title[0].toUpperCase()}${title.slice(1)}`, "", row(heads), rule, ...rows.map(row), ""].join(
    "\n",
  );
}

export async function writeDoc(result, dir = DOCS) {
  const { chromium, cores, settings, figures, sites } = result;
  const where = `Measured in ${chromium} on ${cores} cores, ${settings.rounds} rounds. ${LEGEND}`;
  const last = `\`\`\`\n${lastLine(figures)}\n\`\`\``;
  const text = [INTRO, where, "", ...tables(result).map(section), last, OUTRO].join("\n");
  await writeFile(join(dir, "bench.md"), text);
  await writeFile(join(dir, "bench.svg"), plot(sites["same-origin"].times, titleOf));
}
