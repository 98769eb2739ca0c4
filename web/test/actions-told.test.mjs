/**
 * What a host asks of a page reaches it as an event, and is answered: by the page, or as the host expects of one that does
 * not care. On the real host of matrix-widget-api 1.19.0; what there is to ask: actions/told.mjs.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { opener } from "./actions/play.mjs";
import { TOLD } from "./actions/told.mjs";
import { world } from "./harness.mjs";

const all = await world();
const open = opener(all);
const THROWN = "a listener of the test has failed";
const kept = await open({ keep: true, expect: [new RegExp(THROWN)] });
const { host, widget } = kept;

/** Has the host ask, as its client makes it do. The room's id is not known before. */
function ask({ action, tell, ask }) {
  const args = JSON.parse(
    JSON.stringify(tell ?? ask).replaceAll('"room_id":""', `"room_id":"${all.config.roomId}"`),
  );
  return tell ? host.tell(...args) : host.ask(action, args);
}

/** The page's next event of that action, answered in some manner; tells what it was, and what came of replying. */
const listen = (action, manner) =>
  widget.frame.evaluate(
    ([action, manner, thrown]) => {
      const told = { errors: [] };
      window.told = told;
      const reply = (event, response) => {
        try {
          event.reply(response);
        } catch (error) {
          told.errors.push({ code: error.code, name: error.name, message: error.message });
        }
      };
      const manners = {
        replies: (event) => reply(event, { mine: 1 }),
        "replies later": (event) => {
          event.preventDefault();
          setTimeout(() => reply(event, { mine: 1 }), 50);
        },
        "replies twice": (event) => {
          reply(event, { mine: 1 });
          reply(event, { mine: 2 });
        },
        "replies too late": (event) => setTimeout(() => reply(event, { mine: 1 }), 50),
        "replies with what cannot be cloned, then better": (event) => {
          reply(event, { no: () => {} });
          reply(event, { mine: 1 });
        },
        "replies with no object, then better": (event) => {
          reply(event, 5);
          reply(event, { mine: 1 });
        },
        listens: () => {},
        throws: () => {
          throw new Error(thrown);
        },
        "says nothing": (event) => event.preventDefault(),
      };
      window.client.addEventListener(
        `action:${action}`,
        (event) => {
          told.detail = event.detail;
          told.action = event.action;
          manners[manner](event);
        },
        { once: true },
      );
    },
    [action, manner, THROWN],
  );

const told = () => widget.frame.evaluate(() => window.told);

/** The widget's answers to what the host asked last for that action. */
async function lastAnswers(action) {
  const wire = (await host.wire()).map(({ direction, message }) => ({ direction, ...message }));
  const { requestId } = wire.findLast(
    (message) => message.direction === "host>widget" && message.action === action && !message.response,
  );
  return wire
    .filter(({ direction, ...message }) => direction === "widget>host" && message.requestId === requestId)
    .map(({ response }) => response);
}

function assertAnswered({ action, answer, refused }, outcome, mine = {}) {
  if (refused && !mine.mine) {
    assert.equal(outcome.ok, false, `${action}: an error was expected`);
    assert.ok(outcome.message.endsWith(`to-widget action: ${action}`), outcome.message);
    return;
  }
  assert.ok(outcome.ok, outcome.message);
  assert.deepEqual(outcome.value, answer === "nothing" ? undefined : mine);
}

for (const one of TOLD) {
  const { action, detail } = one;
  const heard = async () => {
    const { action: name, detail: data } = await told();
    assert.equal(name, action);
    const here = JSON.stringify(data).replaceAll(all.config.roomId, "");
    assert.deepEqual(JSON.parse(here), detail);
  };
  describe(action, () => {
    test("nobody listens: the host gets the answer that it expects of a widget that does not care", async () => {
      assertAnswered(one, await ask(one));
      assert.equal((await lastAnswers(action)).length, 1);
    });

    for (const manner of ["replies", "replies later", "replies twice"])
      test(`the page ${manner}: it has heard the data, and the host gets its answer once`, async () => {
        await listen(action, manner);
        assertAnswered(one, await ask(one), { mine: 1 });
        await heard();
        await widget.settle();
        assert.deepEqual(await lastAnswers(action), [{ mine: 1 }]);
        const { errors } = await told();
        assert.deepEqual(
          errors.map(({ code }) => code),
          manner === "replies twice" ? ["invalid"] : [],
        );
      });

    for (const manner of ["listens", "throws", "replies too late"])
      test(`the page ${manner}: the host gets the default answer, once`, async () => {
        await listen(action, manner);
        assertAnswered(one, await ask(one));
        await heard();
        await widget.frame.waitForTimeout(80);
        await widget.settle();
        assert.equal((await lastAnswers(action)).length, 1);
        const { errors } = await told();
        assert.deepEqual(
          errors.map(({ code }) => code),
          manner === "replies too late" ? ["invalid"] : [],
        );
      });
  });
}

test("what is no answer throws in the listener, and a better one can follow", async () => {
  const manners = {
    "replies with what cannot be cloned, then better": "DataCloneError",
    "replies with no object, then better": "WidgetError",
  };
  for (const [manner, name] of Object.entries(manners)) {
    await listen("theme_change", manner);
    assert.deepEqual(await host.tell("updateTheme", {}), { ok: true, value: { mine: 1 } });
    assert.deepEqual(
      (await told()).errors.map((error) => error.name),
      [name],
    );
  }
});

test("what the negotiation is made of is answered for the page, which does not hear of it", async () => {
  for (const action of ["supported_api_versions", "capabilities", "notify_capabilities"])
    await listen(action, "replies");
  const versions = await host.ask("supported_api_versions");
  assert.ok(versions.value.supported_versions.includes("org.matrix.msc2974"), JSON.stringify(versions));
  const approved = ["org.matrix.msc2931.navigate"];
  assert.deepEqual(await host.ask("notify_capabilities", { requested: [], approved }), {
    ok: true,
    value: {},
  });
  assert.deepEqual(await widget.frame.evaluate(() => [...window.client.approvedCapabilities]), approved);
  const { value } = await host.ask("capabilities");
  assert.ok(value.capabilities.includes("org.matrix.msc2931.navigate"));
  assert.equal((await told()).action, undefined);
});

test("a page that takes a request and never replies leaves the host without an answer, and to its deadline", async () => {
  await listen("theme_change", "says nothing");
  const outcome = await host.tell("updateTheme", {});
  assert.deepEqual(outcome, { ok: false, message: "Request timed out" });
  assert.deepEqual(await lastAnswers("theme_change"), []);
});

test("a screenshot that the page makes arrives at the host as it was made", async () => {
  await widget.frame.evaluate(() =>
    window.client.addEventListener(
      "action:screenshot",
      (event) => event.reply({ screenshot: new Blob(["pixels"], { type: "image/png" }) }),
      { once: true },
    ),
  );
  const { value } = await host.tell("takeScreenshot");
  assert.deepEqual(value.screenshot, { type: "image/png", text: "pixels" });
});
