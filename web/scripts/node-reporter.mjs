// A node:test reporter for steps.mjs: one JSON line for each test of a file that ended, with the figures that it told by
// t.diagnostic(). Suites are not tests.

export default async function* report(source) {
  const figures = [];
  for await (const { type, data } of source) {
    if (type === "test:diagnostic" && data.nesting > 0) figures.push(data.message);
    if (type !== "test:pass" && type !== "test:fail") continue;
    const failed = type === "test:fail";
    if (data.details?.type === "suite") continue;
    const error = data.details?.error;
    // A parent that failed only because a child did says nothing new.
    if (error?.failureType === "subtestsFailed") continue;
    const skipped = data.skip !== undefined || data.todo !== undefined;
    const text = failed ? describe(error) : skipped ? "skipped" : "";
    const end = { ok: !failed && !skipped, name: data.name, text, figures: figures.splice(0) };
    yield `${JSON.stringify(end)}\n`;
  }
}

function describe(error) {
  const cause = error?.cause ?? error;
  const text = String(cause?.stack ?? cause?.message ?? cause);
  return text.replace(/^ +at .*node:internal.*\n?/gm, "");
}
