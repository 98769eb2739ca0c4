import { WidgetApiResponseError } from "matrix-widget-api";
import { Call } from "./call";
import { readParams } from "./params";
import { REACTION_CAPABILITIES, startWidget } from "./widget";

const params = readParams();
const widget = startWidget(params);
/** Settles when the call may be joined. */
const ready = widget.started.then(() => {
  Object.assign(window, { call: new Call(widget, params) });
});
// The client starts when the host has answered to this, so this cannot wait for the client.
// Hosts that wait for the iframe call it an improper sequence.
widget.api.sendContentLoaded().catch((error) => console.warn(String(error)));

/** The page's doors for the tests. */
Object.assign(window, {
  ready,
  widget,
  WidgetApiResponseError,
  supportsReactions: () => REACTION_CAPABILITIES.every((capability) => widget.api.hasCapability(capability)),
});
