/** Every action of the Widget API is played by some browser test, and web/docs/actions.md says what the list says. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { test } from "node:test";
import * as library from "matrix-widget-api";
import { CASES } from "../actions/cases.mjs";
import { FROM_WIDGET, TO_WIDGET } from "../actions/list.mjs";
import { render } from "../actions/render.mjs";
import { SCENES } from "../actions/scenes.mjs";
import { TOLD } from "../actions/told.mjs";

const page = new URL("../../docs/actions.md", import.meta.url);
/** A name that nobody knows, and what Element asks a call for, which is no part of the API. */
const BEYOND = ["org.example.unknown", "io.element.device_mute"];

const without = (list, others) => [...new Set(list)].filter((one) => !others.includes(one));

test("every action of the list is played, and no other", () => {
  const asked = [...CASES.map(({ action }) => action), ...SCENES.flatMap(({ asked = [] }) => asked)];
  const told = [...TOLD.map(({ action }) => action), ...SCENES.flatMap(({ told = [] }) => told)];
  assert.deepEqual(without(Object.keys(FROM_WIDGET), asked), [], "asked by no test");
  assert.deepEqual(without(Object.keys(TO_WIDGET), told), [], "told by no test");
  assert.deepEqual(without(asked, Object.keys(FROM_WIDGET)), [], "not in the list");
  assert.deepEqual(without(told, [...Object.keys(TO_WIDGET), ...BEYOND]), [], "not in the list");
});

test("the list has every action of matrix-widget-api 1.19.0", () => {
  const { WidgetApiFromWidgetAction, WidgetApiToWidgetAction } = library.default;
  assert.deepEqual(without(Object.values(WidgetApiFromWidgetAction), Object.keys(FROM_WIDGET)), []);
  assert.deepEqual(without(Object.values(WidgetApiToWidgetAction), Object.keys(TO_WIDGET)), []);
});

test("each action that the core knows by a method is among the cases, with what it cannot take", () => {
  const bad = new Set(CASES.filter(({ bad }) => bad.length > 0).map(({ action }) => action));
  const withArguments = Object.keys(FROM_WIDGET).filter((action) =>
    CASES.some((one) => one.action === action && one.args?.({ config: {}, sent: [] })?.length > 0),
  );
  assert.deepEqual(without(withArguments, [...bad]), []);
});

test("web/docs/actions.md is what the list says", async () => {
  const text = render(FROM_WIDGET, TO_WIDGET);
  if (process.env.ACTIONS_DOC === "write") await writeFile(page, text);
  assert.equal(await readFile(page, "utf8"), text, "`make hosts` writes it");
});
