/** The codes that have a class of their own. */
export const classes = {
  matrix: "WidgetMatrixError",
  host: "WidgetHostError",
  capability: "WidgetCapabilityError",
  unsupported: "WidgetUnsupportedError",
  sent_immediately: "WidgetSentImmediatelyError",
  spent: "WidgetSpentError",
  timeout: "WidgetTimeoutError",
};
