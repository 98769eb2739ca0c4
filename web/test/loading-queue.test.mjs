/** What is called, given up and heard before the core is there: each arrives once and in order, or not at all. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { world } from "./harness.mjs";
import { capabilities, event } from "./raw-host.mjs";

const { openRaw, connectOptions, wasmPath } = await world();
const ACTION = "org.example.tell";

/** A scripted host with a widget whose wasm takes its time. */
const openLate = (delayMs) =>
  openRaw({ options: connectOptions({ capabilities, wasm: `${wasmPath()}?delay=${delayMs}` }) });

const posted = async (heard) => (await heard("send_event")).map(({ data }) => data.content.n);

test("of 5,000 calls and 50 requests of the host that come before the wasm, with calls given up among them, none is lost", async () => {
  const { page, widget, heard } = await openLate(4000);
  const { frame } = widget;
  await frame.evaluate((action) => {
    Object.assign(window, { outcomes: [], told: [] });
    window.client.addEventListener(`action:${action}`, (request) => {
      window.told.push(request.detail.n);
      request.reply({ n: request.detail.n });
    });
  }, ACTION);
  const turns = 50;
  for (let turn = 0; turn < turns; turn++) {
    await page.evaluate(
      ([action, n]) => {
        window.answers ??= [];
        window.answers.push(window.ask(action, { n }));
      },
      [ACTION, turn],
    );
    await frame.evaluate(
      ([event, from]) => {
        const givenUp = [];
        for (let n = from; n < from + 100; n++) {
          const controller = new AbortController();
          const { signal } = controller;
          const call = window.client.sendEvent({ ...event, content: { n } }, { signal });
          window.outcomes.push(
            call.then(
              () => "sent",
              (reason) => reason,
            ),
          );
          if (n % 5 === 1) controller.abort(n);
          if (n % 5 === 3) givenUp.push([controller, n]);
        }
        for (const [controller, n] of givenUp) controller.abort(n);
      },
      [event(), turn * 100],
    );
  }
  assert.equal(await frame.evaluate(() => window.client.status), "loading", "the wasm was there too early");
  const outcomes = await frame.evaluate(() => Promise.all(window.outcomes));
  const all = Array.from({ length: 5000 }, (_, n) => n);
  const givenUp = (n) => n % 5 === 1 || n % 5 === 3;
  assert.deepEqual(
    outcomes,
    all.map((n) => (givenUp(n) ? n : "sent")),
  );
  assert.deepEqual(
    await posted(heard),
    all.filter((n) => !givenUp(n)),
  );
  const told = Array.from({ length: turns }, (_, n) => n);
  assert.deepEqual(await frame.evaluate(() => window.told), told);
  const answers = await page.evaluate(async () =>
    (await Promise.all(window.answers)).map(({ response }) => response.n),
  );
  assert.deepEqual(answers, told);
  assert.equal(await frame.evaluate(() => window.inspect().calls), 0);
});

test("what the page calls while it is told what came early waits behind what it called before", async () => {
  const { page, widget, heard } = await openLate(1500);
  await widget.frame.evaluate(
    ([event, action]) => {
      const { client } = window;
      const send = (n, signal) => client.sendEvent({ ...event, content: { n } }, { signal });
      const given = new AbortController();
      client.addEventListener("statuschange", ({ detail }) => detail === "negotiating" && send(4));
      client.addEventListener(`action:${action}`, () => {
        given.abort();
        window.last = send(5);
      });
      send(1);
      send(2, given.signal).catch(() => {});
      send(3);
    },
    [event(), ACTION],
  );
  await page.evaluate((action) => {
    window.ask(action, {});
  }, ACTION);
  await widget.frame.waitForFunction(() => window.last);
  await widget.frame.evaluate(() => window.last);
  assert.deepEqual(await posted(heard), [1, 3, 4, 5]);
});

test("a client that is closed while it is told what came early refuses all that waited, and says nothing", async () => {
  const { widget, page } = await openLate(1500);
  const codes = await widget.frame.evaluate(async (event) => {
    const { client } = window;
    client.addEventListener("statuschange", ({ detail }) => detail === "negotiating" && client.close());
    const refusals = [1, 2].map(() => client.sendEvent(event).catch(({ code }) => code));
    return Promise.all(refusals);
  }, event());
  assert.deepEqual(codes, ["closed", "closed"]);
  assert.equal(await page.evaluate(() => window.heard.length), 0);
});
