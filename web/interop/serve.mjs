/** Serves the pages of one origin on a loopback port, with the headers that the README asks of a widget's owner. */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".map": "application/json",
  ".wasm": "application/wasm",
};
const CSP = "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:";

/** Returns the origin's port and what ends it. `cache`: for how long a browser may keep what it got; `csp`: its policy. */
export async function serve(dir, cache = "no-cache", csp = CSP) {
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, "http://localhost").pathname);
    const type = TYPES[extname(path)];
    const read = (form) => readFile(join(dir, path) + form).catch(() => undefined);
    const packed = type && request.headers["accept-encoding"]?.includes("br") && (await read(".br"));
    const body = packed || (type && (await read("")));
    if (!body) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, {
      "Content-Type": type,
      ...(packed && { "Content-Encoding": "br" }),
      Vary: "Accept-Encoding",
      "Content-Security-Policy": csp,
      "Cache-Control": cache,
      "X-Content-Type-Options": "nosniff",
    });
    response.end(body);
  });
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const stop = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { port: server.address().port, stop };
}
