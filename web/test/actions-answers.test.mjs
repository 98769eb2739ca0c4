/**
 * Answers to actions that are late, for others, given twice, or not what an answer is: each ends its one call with a typed
 * error or not at all, and the next call works. The host is the scripted one.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { good, refused, world } from "./harness.mjs";
import { readyOpener } from "./raw-host.mjs";

const NAVIGATE = "org.matrix.msc2931.navigate";
const LINK = "https://matrix.to/#/@erin:example.org";
const READ = "org.matrix.msc2876.read_events";
const RELATIONS = "org.matrix.msc3869.read_relations";
const MEDIA = "org.matrix.msc4039";
const SEARCH = "org.matrix.msc3973.user_directory_search";
const TRANSPORTS = "org.matrix.msc4515.get_rtc_transports";
const TOKEN = "org.matrix.msc4533.rtc_livekit_get_token";
const DATA = "com.beeper.read_room_account_data";

const capabilities = [
  ...[NAVIGATE, "org.matrix.msc2762.receive.event:t", "com.beeper.capabilities.receive.room_account_data:t"],
  ...[`${MEDIA}.upload_file`, `${MEDIA}.download_file`, SEARCH, "org.matrix.msc4515.rtc_transports", TOKEN],
  ...["town.robin.msc3846.turn_servers", "org.matrix.msc3819.send.to_device:t"],
];
const openReady = readyOpener(await world());

/** All versions that a method asks for. */
function knowing() {
  const names = [
    "0.0.2",
    "org.matrix.msc2762",
    "org.matrix.msc2871",
    "org.matrix.msc3973",
    "org.matrix.msc4039",
  ];
  window.handlers.supported_api_versions = () => ({
    supported_versions: [...names, "org.matrix.msc4515", "org.matrix.msc4533"],
  });
}

const kept = await openReady({ capabilities }, knowing, true);

/** Has the host answer an action with that. */
const answer = (action, response) =>
  kept.page.evaluate(
    ([action, response]) => {
      window.handlers[action] = () => response;
    },
    [action, response],
  );

async function nextCallWorks({ page, widget }) {
  await page.evaluate((action) => {
    window.handlers[action] = () => ({});
  }, NAVIGATE);
  good(await widget.call("navigate", LINK));
}

const member = { id: "m" };
const token = ["livekitToken", { url: "u", slotId: "s", member }];

/** What methods make of answers that are none, and which member is wrong. */
const BROKEN = [
  [READ, ["readEvents", { type: "t" }], [{}, { events: "none" }, { events: null }], "events"],
  [RELATIONS, ["readRelations", { eventId: "$e" }], [{}, { chunk: {} }], "chunk"],
  [RELATIONS, ["readRelations", { eventId: "$e" }], [{ chunk: [], next_batch: 5 }], "next_batch"],
  [DATA, ["readAccountData", { type: "t" }], [{}, { events: {} }], "events"],
  ["send_to_device", ["sendToDevice", { type: "t", messages: {} }], [{ failures: 5 }], "failures"],
  [`${MEDIA}.get_media_config`, ["mediaConfig"], [{ "m.upload.size": "big" }], "m.upload.size"],
  [
    `${MEDIA}.upload_file`,
    ["uploadFile", "a"],
    [{}, { content_uri: 5 }, { content_uri: null }],
    "content_uri",
  ],
  [`${MEDIA}.download_file`, ["downloadFile", "mxc://a/b"], [{}, { file: null }], "file"],
  [SEARCH, ["searchUsers", { searchTerm: "e" }], [{ results: [] }], "limited"],
  [SEARCH, ["searchUsers", { searchTerm: "e" }], [{ limited: false }], "results"],
  [TRANSPORTS, ["rtcTransports"], [{}, { rtc_transports: "livekit" }], "rtc_transports"],
  [TOKEN, token, [{}, { jwt: 5 }, { jwt: { a: 1 } }], "jwt"],
  ["get_openid", ["requestOpenId"], [{ state: "allowed" }], "access_token"],
  ["get_openid", ["requestOpenId"], [{}, { state: 5 }, { state: "perhaps" }], "state"],
];
for (const [action, [method, ...args], responses, name] of BROKEN)
  test(`${method}: an answer with a wrong ${name} is a bad response`, async () => {
    for (const response of responses) {
      await answer(action, response);
      const error = refused(await kept.widget.call(method, ...args), "bad_response");
      assert.ok(error.message.includes(name), `${JSON.stringify(response)}: ${error.message}`);
    }
    await nextCallWorks(kept);
  });

test("an answer to another widget, in the other direction, or to another request is passed over", async () => {
  const { page, widget } = kept;
  await page.evaluate((action) => {
    window.handlers[action] = (request) => {
      const response = { error: { message: "not this one" } };
      window.post({ ...request, widgetId: "w2", response });
      window.post({ ...request, api: "toWidget", response });
      window.post({ ...request, requestId: `${request.requestId}x`, response });
      window.post({ ...request, requestId: "", response });
      return {};
    };
  }, NAVIGATE);
  good(await widget.call("navigate", LINK));
});

test("an answer that is given twice is heard once", async () => {
  const { page, widget } = kept;
  await page.evaluate((action) => {
    window.handlers[action] = (request) => {
      window.post({ ...request, response: { events: [] } });
      window.post({ ...request, response: { error: { message: "no" } } });
      return { events: [{ type: "t" }] };
    };
  }, READ);
  assert.deepEqual(good(await widget.call("readEvents", { type: "t" })), []);
  await nextCallWorks(kept);
});

test("an answer that comes after the deadline is nobody's, and the next call gets its own", async () => {
  const { page, widget } = kept;
  await page.evaluate((action) => {
    let n = 0;
    window.handlers[action] = (request) => {
      const response = { events: [{ type: "t", n: ++n }] };
      if (n > 1) return response;
      setTimeout(() => window.post({ ...request, response }), 500);
      return undefined;
    };
  }, READ);
  refused(await widget.call("readEvents", { type: "t" }, { deadlineMs: 200 }), "timeout");
  assert.equal(good(await widget.call("readEvents", { type: "t" }))[0].n, 2);
  await widget.frame.waitForTimeout(500);
  assert.equal(good(await widget.call("readEvents", { type: "t" }))[0].n, 3);
});

test("a call that is aborted ends with the signal's reason, and its answer is nobody's", async () => {
  const { page, widget } = kept;
  await page.evaluate((action) => {
    window.handlers[action] = (request) => {
      setTimeout(() => window.post({ ...request, response: {} }), 100);
      return undefined;
    };
  }, NAVIGATE);
  const outcome = await widget.frame.evaluate((link) => {
    const aborting = new AbortController();
    const calling = window.outcome(() => window.client.navigate(link, { signal: aborting.signal }));
    aborting.abort(new Error("changed my mind"));
    return calling;
  }, LINK);
  assert.equal(outcome.message, "changed my mind");
  await nextCallWorks(kept);
});

test("a proof of identity of the wrong kind ends the request that it names, and one that names none is refused", async () => {
  const { page, widget } = kept;
  const tell = (data) => page.evaluate((data) => window.ask("openid_credentials", data), data);
  await answer("get_openid", { state: "request" });
  for (const [proof, code] of [
    [{ state: "allowed" }, "bad_response"],
    [{ state: "request" }, "bad_response"],
    [{ state: "blocked" }, "host"],
  ]) {
    const outcome = widget.call("requestOpenId");
    await page.waitForFunction(() => window.heard.at(-1)?.action === "get_openid");
    const id = await page.evaluate(() => window.heard.at(-1).requestId);
    assert.ok((await tell({ ...proof, original_request_id: `another-${id}` })).response.error);
    assert.deepEqual((await tell({ ...proof, original_request_id: id })).response, {});
    refused(await outcome, code);
  }
  await nextCallWorks(kept);
});
