import assert from "node:assert/strict";
import { test } from "node:test";
import { source } from "./source.mjs";

const { parseBaseUrl } = await source("../demo/src/host/parse-url");

test("the address of a homeserver ends with a slash, so that paths go below it", () => {
  for (const [typed, baseUrl] of [
    [" https://matrix.example.org ", "https://matrix.example.org/"],
    ["https://example.org/matrix", "https://example.org/matrix/"],
    ["http://localhost:8008", "http://localhost:8008/"],
    ["http://127.0.0.1:8008/", "http://127.0.0.1:8008/"],
    ["http://[::1]:8008", "http://[::1]:8008/"],
  ])
    assert.deepEqual(parseBaseUrl(typed), { baseUrl });
});

test("what is no such address is refused with a sentence that says what to write", () => {
  for (const [typed, why] of [
    ["", /missing/],
    ["matrix.example.org", /whole of it/],
    ["ftp://example.org", /https:\/\//],
    ["javascript:alert(1)", /https:\/\//],
    ["http://example.org", /on this machine/],
    ["http://127.0.0.1.example.org", /on this machine/],
    ["https://alice:secret@example.org", /user name/],
    ["https://example.org/?a=1", /without \?/],
    ["https://example.org/#a", /without \?/],
  ]) {
    const { wrong } = parseBaseUrl(typed);
    assert.match(wrong ?? "", why, typed);
    assert.match(wrong, /\.$/);
  }
});
