/**
 * Where the scenes of the host table play: pages of one Chromium, many at once. Opening one takes computing, so only a few
 * open at a time; what follows is mostly waiting. Consoles are not judged here: each scene gets to know what was said.
 */
import { good } from "../harness.mjs";
import { MEMBER } from "./telling.mjs";

const CAPABILITIES = ["send", "receive"].map((way) => `org.matrix.msc2762.${way}.state_event:${MEMBER}`);

const OPENING = 3;

/** Lets so many in at a time. */
function gate(places) {
  let free = places;
  const waiting = [];
  return async function enter(work) {
    if (free > 0) free--;
    else await new Promise((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

/** Makes the function that plays one scene on one host and returns what it tells. */
export function stage({ openHost, connectOptions, room, config }, count) {
  const enter = gate(OPENING);

  return async function play(scene, lib, place) {
    const said = [];
    const remember = { test: (text) => said.push(text) > 0 }; // whatever it is, the harness takes it as foretold
    const pages = [];

    async function open({ options, ready = true, ...extra } = {}) {
      const handle = await openHost({
        ...{ lib, ...place, keep: true, expect: [remember], ...extra },
        options: connectOptions({ capabilities: CAPABILITIES, ...options }),
      });
      pages.push(handle.page);
      if (ready) good(await handle.widget.ready());
      return handle;
    }

    try {
      const told = await scene.play({
        open: (how) => enter(() => open(how)),
        ...{ place, room, config, said, count },
      });
      const noise = said.filter((text) => !(scene.noise ?? []).some((pattern) => pattern.test(text)));
      return { told, noise };
    } finally {
      await Promise.all(pages.map((page) => page.close()));
    }
  };
}
