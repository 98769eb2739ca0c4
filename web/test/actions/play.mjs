/** Plays the cases on hosts, and looks at both ends of the wire. */
import assert from "node:assert/strict";
import { good, refused } from "../harness.mjs";
import { CASES } from "./cases.mjs";

/** All that the cases and scenes need. */
const EVERYTHING = [
  ...new Set(CASES.flatMap(({ needs = [], grants = [] }) => [...needs, ...grants])),
  "town.robin.msc3846.turn_servers",
  "org.matrix.msc3819.receive.to_device:org.example.letter",
];

/** Makes the function that opens a host with a widget that asked for everything. */
export function opener({ openHost, connectOptions, room, config }) {
  return async function open({ lib = "mwa-1.19.0", options, ...extra } = {}) {
    const all = connectOptions({ capabilities: EVERYTHING, deadlineMs: 5000, ...options });
    const handle = await openHost({ lib, options: all, ...extra });
    good(await handle.widget.ready());
    return { ...handle, room, config };
  };
}

/** Plays a scene; what it says that it has asked and was told has to have crossed some of its wires. */
export async function playScene(open, { asked = [], told = [], play }) {
  const opened = [];
  await play(async (how) => {
    const place = await open(how);
    opened.push(place);
    return place;
  });
  const wires = await Promise.all(
    opened.map(({ page }) => page.evaluate(() => [...window.wire, ...(window.modals?.wire ?? [])])),
  );
  const crossed = (way) =>
    wires
      .flat()
      .filter(({ direction, message }) => direction === way && !message.response)
      .map(({ message }) => message.action);
  for (const action of asked) assert.ok(crossed("widget>host").includes(action), `${action} was not asked`);
  for (const action of told) assert.ok(crossed("host>widget").includes(action), `${action} was not told`);
}

/** What is on the page is plain data, and so is what is compared with it. */
const plain = (value) => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

export const callOf = (widget, { method, action, request }, args) =>
  method ? widget.call(method, ...args) : widget.call("request", action, request);

/** A call that ends well: what was posted, done and answered, and what the page got. `asDriven` looks at the driver too. */
export async function playGranted(place, one, { asDriven = true } = {}) {
  const { host, widget } = place;
  const given = { ...place, ...(await one.before?.(place)) };
  const data = one.data(given);
  const posted = (await host.requests(one.action)).length;
  const value = good(await callOf(widget, one, one.args?.({ ...given, data }) ?? []));
  const requests = (await host.requests(one.action)).slice(posted);
  assert.deepEqual(
    requests.map((request) => plain(request.data)),
    [data],
  );
  const response = (await host.answers(one.action)).at(-1);
  one.answered?.(response, { ...given, data });
  if (typeof one.result !== "string") assert.deepEqual(value, plain(one.result?.(response, given)));
  if (one.client) {
    const { action } = one;
    assert.deepEqual(plain((await host.clientActions()).at(-1)), { action, data });
  }
  if (asDriven)
    for (const [method, args] of Object.entries(one.calls?.({ ...given, data }) ?? {}))
      assert.deepEqual((await host.calls(method)).at(-1), args);
  await one.after?.(given);
}

/** A call that is refused with the code before anything is posted; returns the error. */
export async function playRefused({ host, widget }, one, args, code) {
  const posted = (await host.requests(one.action)).length;
  const error = refused(await callOf(widget, one, args), code);
  await widget.settle();
  assert.equal((await host.requests(one.action)).length, posted, "it was posted");
  return error;
}

/** Arguments that are good enough for a call that must not come to anything. */
export function someArgs(one, { config }) {
  const given = { config, target: "$e", sent: ["$a", "$b", "$c"], key: "k", uri: "mxc://a/b", delayId: "d" };
  return one.args?.(given) ?? [];
}
