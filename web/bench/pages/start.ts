/** A fresh page with one frame in it, which says how long it took to start. */
const started = new Promise<number>((resolve) => {
  addEventListener("message", ({ data }) => {
    if (typeof data.started === "number") resolve(data.started);
  });
});
const iframe = document.createElement("iframe");
iframe.src = `${location.search.slice(1)}.html`;
document.body.append(iframe);

Object.assign(window, { bench: { started: () => started } });

export {};
