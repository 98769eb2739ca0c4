import assert from "node:assert/strict";
import { test } from "node:test";
import { classes } from "../classes.mjs";
import { source } from "./source.mjs";

const ours = await source("errors");
const { WidgetError, WidgetTimeoutError, makeError } = await source("errors", "another copy");

test("each code makes the error of its class, with its name written out", () => {
  for (const [code, name] of Object.entries({
    ...classes,
    invalid: "WidgetError",
    internal: "WidgetError",
  })) {
    const error = ours.makeError(code, { message: "m" });
    assert.ok(error instanceof ours[name] && error instanceof ours.WidgetError && error instanceof Error);
    assert.equal(error.name, name);
    assert.equal(error.code, code);
  }
});

test("instanceof holds between two copies of the module, and for the right class only", () => {
  const error = ours.makeError("timeout", { message: "m", deadlineMs: 5 });
  assert.ok(error instanceof WidgetError && error instanceof WidgetTimeoutError);
  assert.ok(makeError("timeout", { message: "m" }) instanceof ours.WidgetTimeoutError);
  assert.ok(!(error instanceof ours.WidgetMatrixError));
  for (const other of [undefined, null, 5, {}, new Error("m"), { code: "timeout" }]) {
    assert.ok(!(other instanceof WidgetError));
  }
});

test("details become members, and a cause stays the cause", () => {
  const cause = new TypeError("x");
  const error = ours.makeError("matrix", {
    message: "m",
    errcode: "M_X",
    httpStatus: 429,
    retryAfterMs: 7,
    cause,
  });
  assert.deepEqual([error.errcode, error.httpStatus, error.retryAfterMs], ["M_X", 429, 7]);
  assert.equal(error.cause, cause);
});
