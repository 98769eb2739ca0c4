import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { source } from "./source.mjs";
import { tables } from "./tables.mjs";

const { Actions, learnAnswers } = await source(["actions", "answers"]);
learnAnswers((await tables()).answers);

/** The numbers of the core's calls, as generated. */
const generated = await readFile(new URL("../../src/wire.gen.ts", import.meta.url), "utf8");
const kinds = Object.fromEntries(
  [...generated.match(/enum Call \{([^}]*)\}/)[1].matchAll(/(\w+) = (\d+)/g)].map(([, name, kind]) => [
    name,
    Number(kind),
  ]),
);

/** A client whose core is the test: `answer` is the body of the next answer. */
function client(answer = {}) {
  const calls = [];
  const heard = { action: "the.action", requestId: "r1", response: answer };
  const actions = new Actions(async (kind, args, options, _keeper, hear) => {
    calls.push({ kind, args, options });
    hear(heard);
    return { body: answer };
  });
  return { actions, calls };
}

const options = { deadlineMs: 5 };
const event = { type: "t", content: {} };
const slot = { slotId: "m.call#", member: { id: "me" } };

/** Each method with good arguments, what crosses, a good answer, and what the page gets of it. */
const good = [
  [
    "readEvents",
    [{ type: "t", stateKey: true }],
    "ReadEvents",
    { type: "t", stateKey: true },
    { events: [event] },
    [event],
  ],
  [
    "readRelations",
    [{ eventId: "$e", direction: "b" }],
    "ReadRelations",
    { eventId: "$e", direction: "b" },
    { chunk: [event], next_batch: "n", prev_batch: null },
    { events: [event], nextBatch: "n" },
  ],
  [
    "readAccountData",
    [{ type: "t", roomIds: "*" }],
    "ReadAccountData",
    { type: "t", roomIds: "*" },
    { events: [] },
    [],
  ],
  [
    "sendToDevice",
    [{ type: "t", encrypted: undefined, messages: { "@u": { "*": { a: 1 } } } }],
    "SendToDevice",
    { type: "t", encrypted: false, content: { "@u": { "*": { a: 1 } } } },
    {},
    {},
  ],
  [
    "sendToDevice",
    [{ type: "t", encrypted: true, messages: {} }],
    "SendToDevice",
    { type: "t", encrypted: true, content: {} },
    { failures: { "@u": ["D"] } },
    { failures: { "@u": ["D"] } },
  ],
  [
    "requestOpenId",
    [],
    "OpenId",
    {},
    { state: "allowed", access_token: "t", expires_in: 3600, matrix_server_name: "hs", token_type: "Bearer" },
    { accessToken: "t", expiresInMs: 3_600_000, matrixServerName: "hs", tokenType: "Bearer" },
  ],
  ["navigate", ["https://matrix.to/#/!r"], "Navigate", { uri: "https://matrix.to/#/!r" }, {}, undefined],
  [
    "sendSticker",
    [{ name: "s", content: { url: "mxc://a/b" } }],
    "SendSticker",
    { name: "s", content: { url: "mxc://a/b" } },
    {},
    undefined,
  ],
  ["setAlwaysOnScreen", [true], "AlwaysOnScreen", { value: true }, { success: false }, false],
  ["setAlwaysOnScreen", [true], "AlwaysOnScreen", { value: true }, {}, true],
  [
    "openModal",
    [{ url: "https://w", name: "n", type: undefined, buttons: undefined, data: undefined }],
    "OpenModal",
    { url: "https://w", name: "n", type: "m.custom", content: [], leaveContent: {} },
    {},
    undefined,
  ],
  [
    "openModal",
    [
      {
        url: "https://w",
        name: "n",
        type: "x",
        buttons: [{ id: "b", label: "l", kind: "m.primary" }],
        data: { a: 1 },
      },
    ],
    "OpenModal",
    {
      ...{ url: "https://w", name: "n", type: "x", leaveContent: { a: 1 } },
      content: [{ id: "b", label: "l", kind: "m.primary" }],
    },
    {},
    undefined,
  ],
  ["closeModal", [undefined], "CloseModal", { content: {} }, {}, undefined],
  ["closeModal", [{ picked: 1 }], "CloseModal", { content: { picked: 1 } }, {}, undefined],
  ["setModalButtonEnabled", ["b", false], "ModalButton", { buttonId: "b", enabled: false }, {}, undefined],
  ["mediaConfig", [], "MediaConfig", {}, { "m.upload.size": 5 }, { uploadSize: 5 }],
  ["mediaConfig", [], "MediaConfig", {}, {}, {}],
  ["uploadFile", ["text"], "UploadFile", { content: "text" }, { content_uri: "mxc://a/b" }, "mxc://a/b"],
  ["downloadFile", ["mxc://a/b"], "DownloadFile", { contentUri: "mxc://a/b" }, { file: "base64" }, "base64"],
  [
    "searchUsers",
    [{ searchTerm: "a", limit: 2 }],
    "SearchUsers",
    { searchTerm: "a", limit: 2 },
    { limited: true, results: [{ user_id: "@a" }] },
    { limited: true, results: [{ user_id: "@a" }] },
  ],
  ["rtcTransports", [], "RtcTransports", {}, { rtc_transports: [{ type: "x" }] }, [{ type: "x" }]],
  [
    "livekitToken",
    [{ url: "https://l", serverName: "hs", ...slot }],
    "LivekitToken",
    { url: "https://l", serverName: "hs", slotId: "m.call#", content: { id: "me" } },
    { jwt: "j" },
    { jwt: "j" },
  ],
  [
    "delegateLeave",
    [{ delayId: "d", roomId: "!r", ...slot }],
    "DelegateLeave",
    { delayId: "d", roomId: "!r", slotId: "m.call#", content: { id: "me" } },
    {},
    undefined,
  ],
];

for (const [method, args, kind, crosses, answer, expected] of good) {
  test(`${method} with ${JSON.stringify(args)} asks the core and gives the page ${JSON.stringify(expected)}`, async () => {
    const { actions, calls } = client(answer);
    assert.deepEqual(await actions[method](...args, options), expected);
    assert.deepEqual(calls, [{ kind: kinds[kind], args: crosses, options }]);
  });
}

test("every typed action of the core but events, futures and TURN servers has its method", () => {
  const first = kinds.FirstAction;
  const typed = Object.entries(kinds).filter(([name, kind]) => kind >= first && name !== "FirstAction");
  const reached = new Set(good.map(([, , kind]) => kind));
  const missing = typed
    .map(([name]) => name)
    .filter((name) => !reached.has(name) && !/TurnServers/.test(name));
  assert.deepEqual(missing, []);
});

/** Answers that lack what a page is promised, with the member that is to be named. */
const bad = [
  ["readEvents", {}, "events: is missing"],
  ["readEvents", { events: null }, "events: is missing"],
  ["readEvents", { events: { 0: event } }, "events: must be of type list"],
  ["readRelations", { next_batch: "n" }, "chunk: is missing"],
  ["readRelations", { chunk: [], next_batch: 7 }, "next_batch: must be of type string"],
  ["readAccountData", { events: "x" }, "events: must be of type list"],
  [
    "requestOpenId",
    { state: "allowed", matrix_server_name: "hs", token_type: "Bearer" },
    "access_token: is missing",
  ],
  [
    "requestOpenId",
    { access_token: "t", expires_in: "1", matrix_server_name: "hs", token_type: "Bearer" },
    "expires_in: must be of type number",
  ],
  ["requestOpenId", { access_token: "t", token_type: "Bearer" }, "matrix_server_name: is missing"],
  ["setAlwaysOnScreen", { success: "yes" }, "success: must be of type boolean"],
  ["mediaConfig", { "m.upload.size": "5" }, "m.upload.size: must be of type number"],
  ["uploadFile", {}, "content_uri: is missing", "x"],
  ["downloadFile", { file: null }, "file: is missing"],
  ["searchUsers", { results: [] }, "limited: is missing"],
  ["searchUsers", { limited: true }, "results: is missing"],
  ["rtcTransports", { rtc_transports: {} }, "rtc_transports: must be of type list"],
  ["livekitToken", {}, "jwt: is missing", slot],
  ["sendToDevice", { failures: [] }, "failures: must be of type object", { messages: {} }],
];

for (const [method, answer, message, argument = {}] of bad) {
  test(`${method} answered ${JSON.stringify(answer)} is a bad_response that names the member`, async () => {
    await assert.rejects(client(answer).actions[method](argument), {
      ...{ code: "bad_response", action: "the.action", requestId: "r1" },
      message: `response.${message}`,
    });
  });
}

/** Arguments that the core does not look into, under the names that the page knows them by. */
const opaque = [
  ["sendToDevice", [{ type: "t" }], /^messages: must be an object/],
  ["sendToDevice", [{ type: "t", messages: new Map() }], /^messages: a Map is not JSON/],
  ["sendToDevice", [{ type: "t", messages: { u: { d: { f() {} } } } }], /^messages\.u\.d\.f: a function/],
  ["sendToDevice", [], /^messages: must be an object/],
  ["sendToDevice", [null], /^messages: must be an object/],
  ["sendSticker", [{ name: "s", content: [] }], /^content: must be an object/],
  ["openModal", [{ buttons: {} }], /^buttons: must be a list/],
  ["openModal", [{ buttons: [{ id: 1n }] }], /^buttons\[0\]\.id: a bigint is not JSON/],
  ["openModal", [{ data: new Date() }], /^data: a Date is not JSON/],
  ["openModal", [{ data: [] }], /^data: must be an object/],
  ["closeModal", [{ a: new Blob() }], /^data\.a: a Blob is not JSON/],
  ["closeModal", ["bye"], /^data: must be an object/],
  ["livekitToken", [{ member: "me" }], /^member: must be an object/],
  ["delegateLeave", [{ member: { id: Number.NaN } }], /^member\.id: NaN is not JSON/],
  ...[[], [null], [5], [() => {}]].map((args) => [
    "uploadFile",
    args,
    /^file: must be a Blob, a buffer or a string/,
  ]),
];

for (const [method, args, message] of opaque) {
  test(`${method} with ${args.length ? "a bad" : "no"} argument is refused as ${message.source} before the core is asked`, async () => {
    const { actions, calls } = client();
    await assert.rejects(actions[method](...args), (error) => {
      assert.equal(error.code, "invalid");
      assert.match(error.message, message);
      return true;
    });
    assert.deepEqual(calls, []);
  });
}

test("a call without its argument is the core's to refuse, and rejects instead of throwing", async () => {
  for (const method of ["readEvents", "readRelations", "readAccountData", "searchUsers"]) {
    const { actions, calls } = client();
    await actions[method]().catch(() => {});
    assert.deepEqual(calls[0].args, {}, method);
  }
});

test("what was given is copied as the call is made, and files are passed untouched", async () => {
  const { actions, calls } = client({ content_uri: "mxc://a/b" });
  const messages = { "@u": { D: { a: 1 } } };
  const sent = actions.sendToDevice({ type: "t", messages });
  messages["@u"].D.a = 2;
  await sent;
  assert.equal(calls[0].args.content["@u"].D.a, 1);
  for (const method of ["readEvents", "readAccountData"]) {
    const roomIds = ["!a:hs"];
    const read = actions[method]({ type: "t", roomIds }).catch(() => {});
    roomIds[0] = "!b:hs";
    await read;
    assert.deepEqual(calls.at(-1).args.roomIds, ["!a:hs"]);
  }
  for (const file of [new Blob(["x"]), new ArrayBuffer(2), new Uint8Array(2), ""]) {
    await actions.uploadFile(file);
    assert.equal(calls.at(-1).args.content, file);
  }
});
