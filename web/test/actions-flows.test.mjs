/** What takes more than a request and its answer, on the hosts that know it. The scenes are in actions/. */
import { test } from "node:test";
import { opener, playScene } from "./actions/play.mjs";
import { SCENES } from "./actions/scenes.mjs";
import { world } from "./harness.mjs";

const open = opener(await world());

for (const scene of SCENES) test(scene.name, () => playScene(open, scene));
