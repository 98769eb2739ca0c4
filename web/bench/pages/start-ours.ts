/** How long this module takes from the first line of a page's script to the running wasm. */
const start = performance.now();
const { connect } = await import("/widget-futures/index.js");
const client = connect({ widgetId: "w1" });
client.addEventListener("statuschange", ({ detail }) => {
  // The first status: Go's main has run, and calls and messages go into it from now on.
  if (detail === "negotiating") window.parent.postMessage({ started: performance.now() - start }, "*");
});
