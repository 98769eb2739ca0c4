/**
 * The lines of web/docs/element-call.md, and what the tests vary: WIDGET_API=original leaves the alias out, BASE is where the
 * app will be served from, EXCLUDE what `vite dev` is not to bundle beforehand, CSP what policy it serves.
 */
const { BASE: base = "/", CSP, EXCLUDE, WIDGET_API } = process.env;
const alias = { "matrix-widget-api": "widget-futures/compat" };

export default {
  base,
  resolve: { alias: WIDGET_API === "original" ? {} : alias },
  optimizeDeps: { exclude: EXCLUDE ? EXCLUDE.split(",") : [] },
  server: { headers: CSP ? { "Content-Security-Policy": CSP } : {} },
};
