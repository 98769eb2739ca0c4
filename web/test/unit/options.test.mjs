import assert from "node:assert/strict";
import { test } from "node:test";
import { source } from "./source.mjs";

const { startRecord } = await source("options");

/** What the page is, as far as options look at it. */
function on({ search = "", hash = "", ancestorOrigins, referrer = "" }) {
  globalThis.location = { search, hash, ancestorOrigins };
  globalThis.document = { referrer };
}

const refused = (options, field) =>
  assert.throws(
    () => startRecord(options),
    (error) => error.code === "invalid" && error.message.startsWith(`${field}: `),
    `${field} of ${JSON.stringify(options)}`,
  );

test("widgetId and parentUrl are found in the search, or in the query inside the hash", () => {
  const query = `widgetId=w%231&parentUrl=${encodeURIComponent("https://client.example.org/app?x#y")}`;
  for (const page of [
    { search: `?${query}` },
    { hash: `#/room?${query}` },
    { hash: `#?${query}` },
    { search: `?${query}`, hash: "#/room?widgetId=other" },
  ]) {
    on(page);
    const { urlWidgetId, parentOrigin } = startRecord({});
    assert.deepEqual(
      [urlWidgetId, parentOrigin],
      ["w#1", "https://client.example.org"],
      JSON.stringify(page),
    );
  }
});

test("a hash without a query and URLs that are none say nothing", () => {
  for (const page of [{ hash: "#widgetId=w1" }, { search: "?parentUrl=nowhere" }, { search: "?widgetId=" }]) {
    on(page);
    const { urlWidgetId, parentOrigin, referrerOrigin, ancestorOrigin } = startRecord({});
    assert.deepEqual([urlWidgetId, parentOrigin, referrerOrigin, ancestorOrigin], Array(4).fill(undefined));
  }
});

test("the parent's origin is told by the browser, and the referrer's is cut out of its URL", () => {
  on({ ancestorOrigins: ["https://a.example.org"], referrer: "https://r.example.org/path" });
  const { ancestorOrigin, referrerOrigin } = startRecord({});
  assert.deepEqual([ancestorOrigin, referrerOrigin], ["https://a.example.org", "https://r.example.org"]);
});

test("what is not given, undefined or null is left to the default", () => {
  on({});
  const record = startRecord({ roomId: null, widgetId: undefined, capabilities: null, deadlineMs: null });
  for (const name of ["roomId", "widgetId", "capabilities", "deadlineMs", "dialect", "homeserverUrl"]) {
    assert.equal(record[name], undefined, name);
  }
  assert.equal(record.manualContentLoaded, false);
});

test("an option that cannot be meant is invalid and named", () => {
  on({});
  for (const name of ["widgetId", "roomId", "hostOrigin", "homeserverUrl", "tokenPath"]) {
    refused({ [name]: "" }, name);
    refused({ [name]: 5 }, name);
  }
  for (const name of ["deadlineMs", "handshakeTimeoutMs", "maxInFlight"]) {
    for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, "5"])
      refused({ [name]: value }, name);
  }
  refused({ dialect: "klingon" }, "dialect");
  refused({ contentLoaded: "later" }, "contentLoaded");
  refused({ capabilities: "one" }, "capabilities");
  refused({ capabilities: ["one", ""] }, "capabilities");
  refused({ capabilities: [5] }, "capabilities");
  refused({ hostOrigin: "client.example.org" }, "hostOrigin");
  refused({ hostOrigin: "file:///x" }, "hostOrigin");
});

test("hostOrigin is an origin, whatever of a URL is given, and * only when written out", () => {
  on({});
  assert.equal(startRecord({ hostOrigin: "https://c.example.org/app/" }).hostOrigin, "https://c.example.org");
  assert.equal(startRecord({ hostOrigin: "*" }).hostOrigin, "*");
});

test("who the user is stands in the URL, unless the page says it, and a template that was not filled in says nothing", () => {
  const query = (userId) => `?userId=${encodeURIComponent(userId)}`;
  for (const page of [
    { search: query("@a+b:hs.org:8448") },
    { hash: `#/room${query("@a+b:hs.org:8448")}` },
  ]) {
    on(page);
    assert.equal(startRecord({}).userId, "@a+b:hs.org:8448");
    assert.equal(startRecord({ userId: null }).userId, "@a+b:hs.org:8448");
    assert.equal(startRecord({ userId: "@c:hs.org" }).userId, "@c:hs.org");
  }
  for (const nobody of ["$matrix_user_id", "a:hs.org", "@a", "@:hs.org", "@a:", "@a b:hs.org", ""]) {
    on({ search: query(nobody) });
    assert.equal(startRecord({}).userId, undefined, nobody);
    refused({ userId: nobody }, "userId");
  }
  refused({ userId: 5 }, "userId");
});

test("tokens go over https or stay on the machine", () => {
  on({});
  for (const url of [
    "https://hs.example.org/base/",
    "http://localhost:8008/",
    "http://127.0.0.1/",
    "http://[::1]:1/",
  ]) {
    assert.equal(startRecord({ homeserverUrl: url }).homeserverUrl, url);
  }
  assert.equal(startRecord({ homeserverUrl: "https://u:p@hs.org/?q#h" }).homeserverUrl, "https://hs.org/");
  for (const url of [
    "http://hs.example.org",
    "ftp://localhost",
    "http://127.0.0.1.example.org",
    "javascript:0",
  ]) {
    refused({ homeserverUrl: url }, "homeserverUrl");
  }
});
