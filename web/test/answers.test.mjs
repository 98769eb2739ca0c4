/**
 * Hosts whose answers do not play by the rules: garbage, silence, answers twice, late or to another widget, receipts that
 * say too much or too little. Each is ignored by rule or ends the one call with a typed error, and the next call works.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { good, refused, world } from "./harness.mjs";
import { event, future, nextCallWorks, readyOpener, scheduling, TYPE, UPDATE } from "./raw-host.mjs";

const all = await world();
const { config } = all;
const openReady = readyOpener(all);
const oneForAll = await openReady({}, undefined, true);

test("the scripted host is a good one until a test changes it", async () => {
  const { widget, heard } = await openReady();
  const sent = good(await widget.call("sendEvent", event()));
  assert.deepEqual(sent, { roomId: config.roomId, eventId: "$raw1" });
  assert.equal((await heard("content_loaded")).length, 1);
  assert.equal((await heard("supported_api_versions")).length, 1);
});

const answers = [
  ["an empty object", {}, "bad_response"],
  ["an event id that is a number", { room_id: "!r:hs", event_id: 7 }, "bad_response"],
  ["an event id that is null", { room_id: "!r:hs", event_id: null }, "bad_response"],
  ["an event id that is empty", { room_id: "!r:hs", event_id: "" }, "bad_response"],
  ["a string", "fine", "bad_response"],
  ["a number", 5, "bad_response"],
  ["true", true, "bad_response"],
  ["a list", [], "bad_response"],
  ["an error that is a string", { error: "no" }, "bad_response"],
  ["an error without a message", { error: {} }, "bad_response"],
  ["an error with a message", { error: { message: "Cannot send events of this type" } }, "host"],
  [
    "a Matrix error",
    {
      error: {
        message: "no",
        matrix_api_error: {
          http_status: 429,
          response: { errcode: "M_LIMIT_EXCEEDED", retry_after_ms: 1500 },
        },
      },
    },
    "matrix",
  ],
];
for (const [name, response, code] of answers) {
  test(`a host that answers ${name} ends the call with ${code}, and the next call works`, async () => {
    const { page, widget } = oneForAll;
    await page.evaluate((response) => {
      const usual = window.handlers.send_event;
      window.handlers.send_event = () => {
        window.handlers.send_event = usual;
        return response;
      };
    }, response);
    const error = refused(await widget.call("sendEvent", event()), code);
    if (code === "host") assert.match(error.message, /Cannot send events of this type/);
    if (code === "matrix")
      assert.deepEqual(
        [error.errcode, error.httpStatus, error.retryAfterMs],
        ["M_LIMIT_EXCEEDED", 429, 1500],
      );
    await nextCallWorks(widget);
  });
}

test("messages that are no messages are passed over", async () => {
  const { page, widget } = await openReady();
  await page.evaluate(() => {
    const deep = {};
    let at = deep;
    for (let i = 0; i < 2000; i++) at = at.data = {};
    const api = "toWidget";
    const { widgetId, post } = window;
    for (const nonsense of [
      null,
      undefined,
      0,
      "",
      "toWidget",
      true,
      [],
      [[]],
      {},
      deep,
      new Date(),
      new Map([["api", api]]),
      new ArrayBuffer(8),
      { api },
      { api, widgetId },
      { api, widgetId, requestId: "", action: "capabilities", data: {} },
      { api, widgetId, requestId: 5, action: 6, data: 7 },
      { api: "sideways", widgetId, requestId: "r", action: "capabilities", data: {} },
      { api: "fromWidget", widgetId, requestId: "unknown", action: "send_event", data: {}, response: {} },
      { api, widgetId, requestId: "r2", action: "x".repeat(1_000_000), data: {} },
      { api, widgetId, requestId: "r3", action: "send_event", data: deep },
      { api, widgetId, requestId: "__proto__", action: "__proto__", data: { __proto__: null } },
    ])
      post(nonsense);
  });
  await nextCallWorks(widget);
});

test("a host that never answers costs the call its deadline, and the next call works", async () => {
  const { page, widget } = await openReady();
  await page.evaluate(() => {
    window.usual = window.handlers.send_event;
    window.handlers.send_event = () => undefined;
  });
  const began = Date.now();
  const error = refused(await widget.call("sendEvent", event(), { deadlineMs: 400 }), "timeout");
  assert.equal(error.deadlineMs, 400);
  assert.ok(Date.now() - began >= 390 && Date.now() - began < 2000);
  await page.evaluate(() => {
    window.handlers.send_event = window.usual;
  });
  await nextCallWorks(widget);
});

test("a host that answers twice is heard once", async () => {
  const { page, widget } = await openReady();
  await page.evaluate(() => {
    window.handlers.send_event = (request) => {
      const response = (event_id) => ({ ...request, response: { room_id: request.data.room_id, event_id } });
      window.post(response("$first"));
      window.post(response("$second"));
      window.post({ ...request, response: { error: { message: "and an error" } } });
    };
  });
  for (let i = 0; i < 3; i++) assert.equal(good(await widget.call("sendEvent", event())).eventId, "$first");
});

test("answers to another widget, in the wrong direction or to no request are passed over", async () => {
  const { page, widget } = await openReady();
  await page.evaluate(() => {
    const usual = window.handlers.send_event;
    window.handlers.send_event = (request) => {
      const response = { room_id: request.data.room_id, event_id: "$wrong" };
      window.post({ ...request, widgetId: "w2", response });
      window.post({ ...request, api: "toWidget", response });
      window.post({ ...request, requestId: `${request.requestId}x`, response });
      window.post({ ...request, requestId: "", response });
      return usual(request);
    };
  });
  assert.match(good(await widget.call("sendEvent", event())).eventId, /^\$raw/);
});

test("requests of a host to another widget are not answered", async () => {
  const { page, widget } = await openReady();
  await page.evaluate(() =>
    window.post({ api: "toWidget", widgetId: "w2", requestId: "other", action: "visibility", data: {} }),
  );
  await nextCallWorks(widget);
  assert.equal(
    await page.evaluate(() => window.heard.some((message) => message.requestId === "other")),
    false,
  );
});

test("a receipt that comes after the deadline is handed over as an orphan that can be cancelled", async () => {
  const { page, widget, heard } = await openReady({}, scheduling);
  await page.evaluate(() => {
    const usual = window.handlers.send_event;
    window.handlers.send_event = (request) => {
      setTimeout(() => window.post({ ...request, response: usual(request) }), 700);
    };
  });
  refused(await widget.schedule("late", future(), { deadlineMs: 300 }), "timeout");
  const orphan = await widget.waitForSeen("orphaned");
  assert.equal(orphan.delayId, "d1");
  assert.equal(orphan.roomId, config.roomId);
  good(await widget.cancel("orphan"));
  const updates = (await heard(UPDATE)).map(({ data }) => data).filter((data) => data.delay_id !== "");
  assert.deepEqual(updates, [{ delay_id: "d1", action: "cancel" }]);
});

test("an event id that comes after the deadline tells the page that its future was sent at once", async () => {
  const { page, widget } = await openReady({}, scheduling);
  await page.evaluate(() => {
    window.handlers.send_event = (request) => {
      const response = { room_id: request.data.room_id, event_id: "$too-soon" };
      setTimeout(() => window.post({ ...request, response }), 700);
    };
  });
  refused(await widget.schedule("late", future(), { deadlineMs: 300 }), "timeout");
  assert.deepEqual(await widget.waitForSeen("sentimmediately"), {
    eventId: "$too-soon",
    roomId: config.roomId,
    type: TYPE,
    stateKey: "k",
  });
});

const receipts = [
  ["null beside the delay id", { event_id: null, delay_id: "d" }],
  ["an empty event id beside the delay id", { event_id: "", delay_id: "d" }],
];
for (const [name, receipt] of receipts) {
  test(`a receipt with ${name} is a scheduled future`, async () => {
    const { page, widget } = await openReady({}, scheduling);
    await page.evaluate((receipt) => {
      window.handlers.send_event = ({ data }) => ({ room_id: data.room_id, ...receipt });
    }, receipt);
    assert.equal(good(await widget.schedule("f", future())).delayId, "d");
  });
}

test("a receipt that names neither event nor future is a bad response", async () => {
  const { page, widget } = await openReady({}, scheduling);
  await page.evaluate(() => {
    window.handlers.send_event = ({ data }) => ({ room_id: data.room_id, event_id: null, delay_id: null });
  });
  refused(await widget.schedule("f", future()), "bad_response");
});

test("a host that acknowledges everything proves nothing: the future is refused and not posted", async () => {
  const { page, widget, heard } = await openReady();
  await page.evaluate(() => {
    window.handlers["*"] = () => ({});
  });
  refused(await widget.schedule("f", future()), "unsupported");
  assert.deepEqual(await heard("send_event"), []);
  await nextCallWorks(widget);
});

test("a host that says nothing to the probe proves nothing either", async () => {
  const { page, widget, heard } = await openReady({ deadlineMs: 500 });
  await page.evaluate(() => {
    window.handlers["*"] = () => undefined;
  });
  refused(await widget.schedule("f", future()), "unsupported");
  assert.deepEqual(await heard("send_event"), []);
  await nextCallWorks(widget);
});
