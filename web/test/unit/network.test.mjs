import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { source } from "./source.mjs";

const { Network } = await source("network");
const real = globalThis.fetch;
const url = "https://hs.example.org/base/future/secret";

afterEach(() => {
  globalThis.fetch = real;
});

/** Answers in turn; what is given as an Error is thrown, and a missing answer waits for the abort. */
function network(...answers) {
  const asked = [];
  globalThis.fetch = (address, init) => {
    asked.push({ address: String(address), ...init });
    const answer = answers.shift();
    if (answer instanceof Error) return Promise.reject(answer);
    if (answer) return Promise.resolve(answer);
    const { signal } = init;
    return new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason));
    });
  };
  const done = [];
  return { network: new Network((...end) => done.push(end)), asked, done };
}

const refused = () => new TypeError("Failed to fetch");

test("an answer is told with its status and body", async () => {
  const { network: net, asked, done } = network(Response.json({ errcode: "M_X" }, { status: 410 }));
  await net.post(1, url);
  assert.deepEqual(done, [[1, 410, { errcode: "M_X" }]]);
  const { method, credentials, redirect, referrerPolicy } = asked[0];
  assert.deepEqual([method, credentials, redirect, referrerPolicy], ["POST", "omit", "error", "no-referrer"]);
});

test("a server that answers what may not be read is told apart from one that cannot be reached", async () => {
  const cors = network(refused(), new Response());
  await cors.network.post(1, url);
  assert.deepEqual(cors.done, [[1, -1, undefined]]);
  const { address, mode, credentials } = cors.asked[1];
  assert.deepEqual(
    [address, mode, credentials],
    ["https://hs.example.org/_matrix/client/versions", "no-cors", "omit"],
    "the second question holds no token",
  );
  const dead = network(refused(), refused());
  await dead.network.post(2, url);
  assert.deepEqual(dead.done, [[2, 0, undefined]]);
});

const turn = () => new Promise((done) => setTimeout(done));

test("what is hung up is told by nobody, also while the second question is out", async () => {
  for (const answers of [[], [refused()]]) {
    const { network: net, asked, done } = network(...answers);
    const questions = answers.length + 1;
    const sent = net.post(1, url);
    await turn();
    net.hangup(1);
    await sent;
    assert.deepEqual([asked.length, done], [questions, []]);
  }
});

test("what is under way when the client closes goes on, but nothing is asked or told any more", async () => {
  const { network: net, asked, done } = network();
  const sent = net.post(1, url);
  let fail;
  globalThis.fetch = () => new Promise((_, reject) => (fail = reject));
  const failing = net.post(2, url);
  net.close();
  assert.equal(asked[0].signal.aborted, false);
  globalThis.fetch = () => assert.fail("asked after the end");
  fail(refused());
  await failing;
  asked[0].signal.dispatchEvent(new Event("abort"));
  await sent;
  assert.deepEqual(done, []);
});

test("a beacon is a simple request that outlives the page, and sendBeacon where fetch cannot", async () => {
  const { network: net, asked } = network(new Response());
  net.beacon(url);
  const { method, keepalive, body, headers, credentials } = asked[0];
  assert.deepEqual([method, keepalive, body, credentials], ["POST", true, "{}", "omit"]);
  assert.deepEqual(headers, { "Content-Type": "text/plain" });
  globalThis.fetch = () => {
    throw new Error("no fetch");
  };
  const sent = [];
  Object.defineProperty(globalThis, "navigator", {
    value: { sendBeacon: (address, blob) => sent.push([address, blob]) },
    configurable: true,
  });
  net.beacon(url);
  delete globalThis.navigator;
  assert.equal(sent[0][0], url);
  assert.deepEqual([sent[0][1].type, await sent[0][1].text()], ["text/plain", "{}"]);
});
