/** A node:test reporter for run.mjs: one JSON line for each test that ended, and one for each figure that it measured. */
import report from "../scripts/node-reporter.mjs";

export default async function* (source) {
  const others = [];
  async function* watched() {
    for await (const event of source) {
      if (event.type === "test:diagnostic" && event.data.nesting > 0)
        others.push(`${JSON.stringify({ kind: "figure", text: event.data.message })}\n`);
      yield event;
    }
  }
  for await (const line of report(watched())) {
    yield* others.splice(0);
    yield line;
  }
  yield* others;
}
