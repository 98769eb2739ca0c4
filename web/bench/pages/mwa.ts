/** matrix-widget-api in a file of its own, as our module is. */
export { WidgetApi } from "matrix-widget-api";
