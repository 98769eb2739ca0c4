// A soak of the wasm itself: the simulation's worlds run natively (web/soak/record), and the built wasm is given the same
// inputs and must have the same effects, word for word. Flags are record's: node web/soak/wasm.mjs -seeds 200 -hours 1

import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { compiler } from "../build.mjs";
import { Frames } from "./frames.mjs";
import { Difference, loadRepetition } from "./repeat.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/**
 * No instance needs more KiB, by compiler: without a page that talks much, and with one. What it needs most for are pages
 * that send nine thousand events at once, one in a few worlds: TinyGo keeps something of each that has ended, while one
 * that goes on and sends as many again needs no more.
 */
const mostMemory = { tinygo: [32 << 10, 64 << 10], go: [32 << 10, 128 << 10] };

/** Records and repeats at once: the pipe holds the recorder up, so that memory is bounded. `change` may alter a frame. */
export async function soakWasm(flags, change = () => {}) {
  const repetition = (await loadRepetition())();
  const frames = new Frames();
  const recorder = spawn("go", ["run", "./web/soak/record", ...flags], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  recorder.stderr.on("data", (text) => {
    said += text;
  });
  const end = new Promise((resolve) => recorder.on("error", resolve).on("close", resolve));
  for await (const chunk of recorder.stdout) {
    frames.push(chunk, (frame) => {
      change(frame);
      repetition.take(frame);
    });
  }
  const code = await end;
  if (code !== 0 || repetition.worlds === undefined)
    throw new Error(`the recorder ended with ${code}: ${said}`);
  for (const [much, bytes] of repetition.memory.entries()) {
    const most = mostMemory[compiler][much];
    if (bytes > most << 10)
      throw new Error(`linear memory has grown to ${bytes >> 10} KiB, beyond ${most} KiB`);
  }
  return repetition;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const start = performance.now();
  try {
    const { worlds, inputs, instances, renewed, memory } = await soakWasm(process.argv.slice(2));
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const [usual, much] = memory.map((bytes) => bytes >> 10);
    console.log(
      `instances=${instances} memory_grew=${renewed} memory_of_much=${much} KiB seconds=${seconds}`,
    );
    console.log(`wasm soak: seeds=${worlds} inputs=${inputs} differences=0 memory=${usual} KiB`);
  } catch (error) {
    console.log(error instanceof Difference ? `${error.message}\nwasm soak: differences=1` : error);
    process.exitCode = 1;
  }
}
