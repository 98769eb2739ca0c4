/**
 * What takes more than a request and its answer. A scene gets what opens a host; the actions that it says it has `asked` or
 * was `told` have to have crossed the wire.
 */
import { CLIENT_SCENES } from "./client.mjs";
import { FILE_SCENES } from "./files.mjs";
import { IDENTITY_SCENES } from "./identity.mjs";
import { LETTER_SCENES } from "./letters.mjs";
import { MODAL_SCENES } from "./modals.mjs";
import { START_SCENES } from "./start.mjs";
import { TURN_SCENES } from "./turn.mjs";

export const SCENES = [
  ...START_SCENES,
  ...IDENTITY_SCENES,
  ...TURN_SCENES,
  ...FILE_SCENES,
  ...LETTER_SCENES,
  ...MODAL_SCENES,
  ...CLIENT_SCENES,
];
