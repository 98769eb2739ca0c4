// A node:test reporter for test.mjs: one JSON line for each test that ended. Suites and the wrappers that node puts
// around whole files are not tests; a file counts only where it failed as such (it could not be loaded, say).

export default async function* report(source) {
  for await (const { type, data } of source) {
    if (type === "test:stderr" || type === "test:stdout") yield line({ kind: "output", text: data.message });
    if (type !== "test:pass" && type !== "test:fail") continue;
    const isFile = data.nesting === 0 && data.name === data.file;
    const failed = type === "test:fail";
    if (data.details?.type === "suite" || (isFile && !failed)) continue;
    const error = data.details?.error;
    // A parent that failed only because a child did says nothing new.
    if (error?.failureType === "subtestsFailed") continue;
    const skipped = data.skip !== undefined || data.todo !== undefined;
    yield line({
      kind: failed ? "fail" : skipped ? "skip" : "pass",
      name: data.name,
      text: failed ? describe(error) : "",
    });
  }
}

const line = (event) => `${JSON.stringify(event)}\n`;

function describe(error) {
  const cause = error?.cause ?? error;
  const text = String(cause?.stack ?? cause?.message ?? cause);
  return text.replace(/^ +at .*node:internal.*\n?/gm, "");
}
