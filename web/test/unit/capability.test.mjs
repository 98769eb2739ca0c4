import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { chance } from "../chance.mjs";
import { source } from "./source.mjs";

const { capability, parseCapability } = await source("capability");
const vectors = JSON.parse(
  await readFile(new URL("../../../protocol/testdata/capabilities.json", import.meta.url), "utf8"),
);

/** What a helper's name says of what its capability allows. */
function described(make, [subject, key]) {
  const [, direction, word] = /^(send|receive)?(.+)$/.exec(make);
  const kind = word[0].toLowerCase() + word.slice(1);
  const parsed = direction ? { kind, direction } : { kind };
  if (subject !== undefined) parsed[kind === "timeline" ? "roomId" : "type"] = subject;
  if (kind === "state" && key !== undefined) parsed.stateKey = key;
  if (kind === "event" && key && subject === "m.room.message") parsed.msgtype = key;
  return parsed;
}

/** The capability string that a description stands for. */
function built({ kind, direction = "", type, roomId, stateKey, msgtype }) {
  const name = direction ? direction + kind[0].toUpperCase() + kind.slice(1) : kind;
  return capability[name](type ?? roomId, stateKey ?? msgtype);
}

test("capabilities are built as the vectors say that Go is held to", () => {
  for (const { make, args, want } of vectors) assert.equal(capability[make](...args), want);
});

test("every helper has a vector", () => {
  assert.deepEqual([...new Set(vectors.map(({ make }) => make))].sort(), Object.keys(capability).sort());
});

test("what the vectors build is read as what it was built of", () => {
  for (const { make, args, want } of vectors) assert.deepEqual(parseCapability(want), described(make, args));
});

test("whatever a helper is given is read back, and builds the same string again", () => {
  const { pick, text } = chance(20_261_123);
  for (let round = 0; round < 20_000; round++) {
    const make = pick(Object.keys(capability));
    // A type that ends with "\\" would take the "#" before its key, and hosts see a message in "m.room.message#x".
    const type = pick(["m.room.message", `${text()}x`]);
    if (type.startsWith("m.room.message#")) continue;
    const args = capability[make].call(undefined, "t") === capability[make]("u") ? [] : [type];
    if (/State$|Event$/.test(make) && pick([true, false])) args.push(text());
    const string = capability[make](...args);
    const read = parseCapability(string);
    assert.deepEqual(read, described(make, args), string);
    assert.equal(built(read), string);
  }
});

test("a key counts from the first bare hash, and an escaped hash is part of a state event's type", () => {
  const state = "org.matrix.msc2762.receive.state_event:";
  for (const [rest, type, stateKey] of [
    ["t", "t"],
    ["t#", "t", ""],
    ["t##k#", "t", "#k#"],
    ["a\\#b", "a#b"],
    ["a\\#b#k\\#", "a#b", "k\\#"],
    ["a\\\\#b#k", "a\\#b", "k"],
    ["a\nb#c\nd", "a\nb", "c\nd"],
    ["", ""],
  ]) {
    const want = { kind: "state", direction: "receive", type, ...(stateKey !== undefined && { stateKey }) };
    assert.deepEqual(parseCapability(state + rest), want, rest);
  }
});

test("only a message has a msgtype, and a hash in the type of another event is part of it", () => {
  const event = "org.matrix.msc2762.send.event:";
  const parsed = (rest) => parseCapability(event + rest);
  assert.deepEqual(parsed("m.room.message#"), {
    kind: "event",
    direction: "send",
    type: "m.room.message",
    msgtype: "",
  });
  assert.equal(parsed("m.room.message##m.text").msgtype, "#m.text");
  assert.deepEqual(parsed("a#b"), { kind: "event", direction: "send", type: "a#b" });
  assert.equal(parsed("m.room.message\\#x").type, "m.room.message\\#x");
  assert.deepEqual(parseCapability("org.matrix.msc3819.send.to_device:m.room.message#x"), {
    kind: "toDevice",
    direction: "send",
    type: "m.room.message#x",
  });
});

test("what hosts of earlier generations call a capability is read as that capability", () => {
  assert.deepEqual(parseCapability("org.matrix.msc4157.update.delayed_event"), { kind: "updateDelayed" });
  assert.deepEqual(parseCapability("org.matrix.msc4354.send_sticky_event"), {
    kind: "sticky",
    direction: "send",
  });
});

test("a capability that is not known is undefined, and one that merely begins like a known one is not known", () => {
  for (const text of [
    "",
    "x",
    "m.stickers",
    "m.sticke",
    "visibility:",
    "org.matrix.msc2762.send.event",
    "org.matrix.msc2762.read.event:t",
    "org.matrix.msc4157.send.delayed_event:t",
    " m.sticker",
    "constructor",
    "com.beeper.capabilities.send.room_account_data:t",
  ])
    assert.equal(parseCapability(text), undefined, text);
});

test("what makes no capability is invalid, by the name of what is wrong", () => {
  const invalid = (start) => ({ code: "invalid", message: RegExp(`^${start}: must be a`) });
  for (const bad of [undefined, null, "", 5, {}, ["t"]]) {
    assert.throws(() => capability.sendEvent(bad), invalid("type"));
    assert.throws(() => capability.receiveState(bad, "k"), invalid("type"));
    assert.throws(() => capability.timeline(bad), invalid("roomId"));
    assert.throws(() => capability.sendToDevice(bad), invalid("type"));
  }
  for (const bad of [5, 0, false, {}, ["k"]]) {
    assert.throws(() => capability.sendState("t", bad), invalid("stateKey"));
    assert.throws(() => capability.sendEvent("m.room.message", bad), invalid("msgtype"));
  }
  for (const bad of [undefined, null, 5, {}, ["m.sticker"]])
    assert.throws(() => parseCapability(bad), invalid("capability"));
});

test("a key of null is no key", () => {
  assert.equal(capability.sendState("t", null), capability.sendState("t"));
  assert.equal(capability.sendEvent("m.room.message", null), capability.sendEvent("m.room.message"));
});

test("a list can be mapped to capabilities", () => {
  assert.deepEqual(["a", "b"].map(capability.sendToDevice), [
    "org.matrix.msc3819.send.to_device:a",
    "org.matrix.msc3819.send.to_device:b",
  ]);
});
