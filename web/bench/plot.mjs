/** The plot of the README: what a call of each kind costs, as bars. */
import { median } from "./figures.mjs";

/** The bars of each panel, from the top: their name, and whose times they are. */
const BARS = [
  ["bare postMessage", "floor A"],
  ["widget-futures", "ours"],
  ["matrix-widget-api, silenced", "peer silent"],
  ["matrix-widget-api as shipped", "peer"],
];
const MODES = [
  ["sequential", "one by one"],
  ["load", "1,000 at once"],
];

// Pixels.
const ROW = 17;
const BAR = 12;
const NAMES = 192;
const WIDTH = 228;
const GAP = 60;
const HEAD = 26;
const PANEL = 30 + BARS.length * ROW;

const STYLE = `text{font:12px system-ui,sans-serif;fill:#333}.t{font-weight:600}.e{text-anchor:end}.o{font-weight:600}
rect{fill:#a9b4c0}.b0{fill:#d5dbe1}.b1{fill:#1f6fb4}
@media(prefers-color-scheme:dark){text{fill:#ddd}rect{fill:#66717d}.b0{fill:#454d55}.b1{fill:#6db3f2}}`;

/** `times` by kind, mode and contestant; `titles` by kind. */
export function plot(times, titles) {
  const kinds = Object.keys(times);
  const most = Math.max(
    ...kinds.flatMap((kind) =>
      MODES.flatMap(([mode]) => BARS.map(([, who]) => median(times[kind][mode][who]))),
    ),
  );
  const left = (column) => NAMES + column * (WIDTH + GAP);
  const width = left(MODES.length);
  const height = HEAD + kinds.length * PANEL;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="Microseconds per call">`,
    `<style>${STYLE}</style>`,
  ];
  for (const [column, [, title]] of MODES.entries())
    lines.push(`<text class="t" x="${left(column)}" y="16">${title}, µs per call</text>`);
  for (const [row, kind] of kinds.entries()) {
    const top = HEAD + row * PANEL;
    lines.push(`<text class="t" x="4" y="${top + 14}">${titles(kind)}</text>`);
    for (const [n, [name, who]] of BARS.entries()) {
      const y = top + 22 + n * ROW;
      const own = n === 1 ? " o" : "";
      lines.push(`<text class="e${own}" x="${NAMES - 8}" y="${y + 10}">${name}</text>`);
      for (const [column, [mode]] of MODES.entries()) {
        const micros = median(times[kind][mode][who]);
        const length = ((micros / most) * WIDTH).toFixed(1);
        const x = left(column);
        lines.push(
          `<rect class="b${n}" x="${x}" y="${y}" width="${length}" height="${BAR}"/>`,
          `<text class="x${own}" x="${x + Number(length) + 5}" y="${y + 10}">${micros.toFixed(0)}</text>`,
        );
      }
    }
  }
  return `${[...lines, "</svg>"].join("\n")}\n`;
}
