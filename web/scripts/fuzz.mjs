// `make fuzz FUZZTIME=t`: runs each fuzz target of the core and of the embedded homeserver for t. What a crash leaves in
// testdata/fuzz is a test from then on.

import { execute } from "./steps.mjs";

const time = process.argv[2] ?? "30s";

const packages = ["./protocol/...", "./web/homeserver/..."];
const targets = [];
const listed = await execute("go", ["test", "-json", "-list=^Fuzz", ...packages], {
  onLine(line) {
    const { Action, Package, Output = "" } = JSON.parse(line);
    if (Action === "output" && /^Fuzz\w*\n$/.test(Output)) targets.push([Package, Output.trim()]);
    else if (Action === "build-output") process.stdout.write(Output);
  },
});

let crashes = 0;
for (const [pkg, target] of targets) {
  console.log(`${target} (${pkg})`);
  const end = await execute(
    "go",
    ["test", "-run=^$", `-fuzz=^${target}$`, `-fuzztime=${time}`, "-fuzzminimizetime=5x", pkg],
    {
      onLine: (line) => console.log(`    ${line}`),
      timeoutMs: 2 ** 31 - 1,
    },
  );
  if (end !== undefined) crashes++;
}
if (listed !== undefined) console.log(`the targets could not be listed: ${listed}`);
console.log(`fuzz: targets=${targets.length} crashes=${crashes}`);
process.exitCode = crashes > 0 || listed !== undefined || targets.length === 0 ? 1 : 0;
