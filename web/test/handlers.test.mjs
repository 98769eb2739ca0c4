/**
 * Requests of the host, as a page's listeners handle them: badly, late, never, twice. Whatever they
 * do, the host gets one answer or, where the page takes it upon itself, none; and the page learns of its own mistakes.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { good, world } from "./harness.mjs";
import { nextCallWorks, readyOpener } from "./raw-host.mjs";

const openReady = readyOpener(await world());
const ACTION = "org.example.ask";

/** Asks the widget and returns all that it answers, within a moment after the first answer or in all. */
async function asks(page, action, data = {}) {
  const before = await page.evaluate(() => window.heard.length);
  await page.evaluate(([action, data]) => void window.ask(action, data), [action, data]);
  const answers = () =>
    page.evaluate(
      ([before, action]) =>
        window.heard
          .slice(before)
          .filter((message) => message.action === action && "response" in message)
          .map(({ response }) => response),
      [before, action],
    );
  for (let waited = 0; waited < 1000 && (await answers()).length === 0; waited += 50) await sleep(50);
  await sleep(150);
  return answers();
}

/** Adds a listener in the page; what it throws, at once or later, is in `window.mistakes`. */
const listens = (widget, action, listener, options) =>
  widget.frame.evaluate(
    ([action, listener, options]) => {
      window.mistakes ??= [];
      const note = ({ name, code }) => window.mistakes.push(name === "WidgetError" ? code : name);
      window.onerror = (_message, _source, _line, _column, error) => note(error) > 0;
      window.onunhandledrejection = (event) => {
        note(event.reason);
        event.preventDefault();
      };
      // biome-ignore lint/security/noGlobalEval: a listener of the test
      window.client.addEventListener(`action:${action}`, eval(listener), options);
    },
    [action, String(listener), options],
  );
const mistakes = (widget) => widget.frame.evaluate(() => window.mistakes.splice(0));

const cases = [
  ["answers", (event) => event.reply({ n: 1 }), [{ n: 1 }], []],
  ["answers with nothing", (event) => event.reply(), [{}], []],
  [
    "throws",
    () => {
      throw new RangeError("the page's own");
    },
    ["default"],
    ["RangeError"],
  ],
  [
    "answers and then throws",
    (event) => {
      event.reply({ n: 1 });
      throw new RangeError("the page's own");
    },
    [{ n: 1 }],
    ["RangeError"],
  ],
  [
    "answers twice",
    (event) => {
      event.reply({ n: 1 });
      event.reply({ n: 2 });
    },
    [{ n: 1 }],
    ["invalid"],
  ],
  [
    "takes it and answers later, twice",
    async (event) => {
      event.preventDefault();
      await new Promise((resolve) => setTimeout(resolve, 20));
      event.reply({ late: true });
      event.reply({ late: true });
    },
    [{ late: true }],
    ["invalid"],
  ],
  ["takes it and never answers", (event) => event.preventDefault(), [], []],
  [
    "answers later without having taken it",
    async (event) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      event.reply({ late: true });
    },
    ["default"],
    ["invalid"],
  ],
  ["answers what cannot be cloned", (event) => event.reply({ f() {} }), ["default"], ["DataCloneError"]],
  [
    "answers what cannot be cloned, and then what can",
    (event) => {
      try {
        event.reply({ f() {} });
      } catch {
        event.reply({ n: 2 });
      }
    },
    [{ n: 2 }],
    [],
  ],
  ["answers a string", (event) => event.reply("x"), ["default"], ["invalid"]],
  ["answers null", (event) => event.reply(null), ["default"], ["invalid"]],
];

const oneForAll = await openReady({}, undefined, true);
for (const [index, [name, listener, expected, wrong]] of cases.entries()) {
  test(`a listener that ${name} leaves the host with ${JSON.stringify(expected)}`, async () => {
    const { page, widget } = oneForAll;
    const action = `${ACTION}.${index}`;
    await listens(widget, action, listener);
    const answers = await asks(page, action);
    const shown = answers.map((answer) => (answer.error ? "default" : answer));
    assert.deepEqual(shown, expected);
    assert.deepEqual(await mistakes(widget), wrong);
    await nextCallWorks(widget);
  });
}

test("of two listeners the second still hears, and may not answer again", async () => {
  const { page, widget } = await openReady();
  await listens(widget, ACTION, () => {
    throw new RangeError("the page's own");
  });
  await listens(widget, ACTION, (event) => event.reply({ by: "second" }));
  await listens(widget, ACTION, (event) => event.reply({ by: "third" }));
  assert.deepEqual(await asks(page, ACTION), [{ by: "second" }]);
  assert.deepEqual(await mistakes(widget), ["RangeError", "invalid"]);
});

test("a passive listener, which can prevent nothing, answers all the same, once", async () => {
  const { page, widget } = await openReady();
  await listens(widget, ACTION, (event) => event.reply({ n: 1 }), { passive: true });
  assert.deepEqual(await asks(page, ACTION), [{ n: 1 }]);
  await listens(widget, "visibility", (event) => event.reply({ n: 2 }), { passive: true });
  assert.deepEqual(await asks(page, "visibility"), [{ n: 2 }]);
});

test("requests that are the module's own reach no listener and are answered all the same", async () => {
  const { page, widget } = await openReady();
  for (const action of ["capabilities", "notify_capabilities", "supported_api_versions"]) {
    await listens(widget, action, (event) => event.reply({ stolen: true }));
  }
  const [versions] = await asks(page, "supported_api_versions");
  assert.ok(versions.supported_versions.length > 0);
  await page.evaluate(() => window.negotiate());
  await nextCallWorks(widget);
  assert.deepEqual(await mistakes(widget), []);
});

test("a listener that closes the client leaves nobody waiting", async () => {
  const { page, widget } = await openReady();
  await listens(widget, ACTION, (event) => {
    window.client.close();
    event.reply({ n: 1 });
  });
  await asks(page, ACTION);
  assert.equal(await widget.frame.evaluate(() => window.client.status), "closed");
  assert.deepEqual(await mistakes(widget), []);
});

/** A host that tells TURN servers before it answers the watch. */
const turnHost = () => {
  window.server = (name) => ({ uris: [`turn:${name}`], username: name, password: "p" });
  window.asked = [];
  window.handlers.watch_turn_servers = () => {
    window.asked.push("watch");
    window.first = window.ask("update_turn_servers", window.server("a"));
    return {};
  };
  window.handlers.unwatch_turn_servers = () => {
    window.asked.push("unwatch");
    return {};
  };
};
const openTurn = () => openReady({ capabilities: ["town.robin.msc3846.turn_servers"] }, turnHost);
/** The widget's answer to the first servers; a host that gets none is no reason to wait for ever. */
const acknowledged = (page) =>
  page.evaluate(async () => {
    const late = new Promise((resolve) => setTimeout(resolve, 3000, { response: "none" }));
    return (await Promise.race([window.first, late])).response;
  });
const asked = (page) => page.evaluate(() => window.asked);
const reads = (widget) =>
  widget.frame.evaluate(async () => {
    window.reader ??= window.client.turnServers();
    const late = new Promise((resolve) => setTimeout(resolve, 5000, { code: "it hangs" }));
    return Promise.race([window.outcome(() => window.reader.next()), late]);
  });

test("TURN servers that come before the answer are read, acknowledged, and heard by listeners too", async () => {
  const { page, widget } = await openTurn();
  await widget.listen("update_turn_servers");
  assert.equal(good(await reads(widget)).value.username, "a");
  assert.deepEqual(await acknowledged(page), {});
  assert.equal((await widget.seen("action:update_turn_servers"))[0].detail.username, "a");
  const left = await widget.frame.evaluate(async () => {
    for await (const { username } of window.client.turnServers()) return username;
  });
  assert.equal(left, "a");
  assert.deepEqual(await asked(page), ["watch"]);
  await widget.frame.evaluate(() => window.reader.return());
  await widget.settle();
  assert.deepEqual(await asked(page), ["watch", "unwatch"]);
});

test("a page that handles the servers itself gives its own answer", async () => {
  const { page, widget } = await openTurn();
  await widget.listen("update_turn_servers", { mine: true });
  good(await reads(widget));
  assert.deepEqual(await acknowledged(page), { mine: true });
  const more = { uris: ["turn:b"], username: "b", password: "p" };
  assert.deepEqual(await asks(page, "update_turn_servers", more), [{ mine: true }]);
});

test("TURN servers without what they need end the reading with a bad_response, and the watch", async () => {
  const { page, widget } = await openTurn();
  good(await reads(widget));
  const next = reads(widget);
  await page.evaluate(
    () => void window.ask("update_turn_servers", { uris: "turn:b", username: "b", password: "p" }),
  );
  const { code, message } = await next;
  assert.deepEqual([code, message], ["bad_response", "response.uris: must be of type list"]);
  await widget.settle();
  assert.deepEqual(await asked(page), ["watch", "unwatch"]);
});

test("closing the client un-watches while the host can be told, and rejects who waits", async () => {
  const { page, widget } = await openTurn();
  good(await reads(widget));
  const next = reads(widget);
  await widget.settle();
  await widget.frame.evaluate(() => window.client.close());
  assert.equal((await next).code, "closed");
  await page.waitForFunction(() => window.asked.length === 2);
  assert.deepEqual(await asked(page), ["watch", "unwatch"]);
  const late = await widget.frame.evaluate(() => window.outcome(() => window.client.turnServers().next()));
  assert.equal(late.code, "closed");
});

test("a wasm that dies rejects who reads TURN servers", async () => {
  const { widget } = await openTurn();
  good(await reads(widget));
  const next = reads(widget);
  await widget.settle();
  await widget.frame.evaluate(() => window.inspect().crash());
  assert.equal((await next).code, "internal");
});
