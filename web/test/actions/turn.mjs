/** TURN servers (MSC3846): watched for as long as somebody reads. */
import assert from "node:assert/strict";
import { good, refused } from "../harness.mjs";

const asked = ["watch_turn_servers", "unwatch_turn_servers"];
const told = ["update_turn_servers"];
const ONE = { uris: ["turn:one.example.org"], username: "u1", password: "p1" };
const TWO = { uris: ["turn:two.example.org", "turns:two.example.org"], username: "u2", password: "p2" };

/** Reads the next server of a reader known by its name. */
const next = (widget, name) =>
  widget.frame.evaluate((name) => {
    window.readers ??= {};
    window.readers[name] ??= window.client.turnServers();
    return window.outcome(() => window.readers[name].next());
  }, name);

const end = (widget, name) =>
  widget.frame.evaluate((name) => window.outcome(() => window.readers[name].return()), name);

const becomes = (page, server) => page.evaluate((server) => window.services.turn.next(server), server);

const answersTo = async (host) =>
  (await host.wire())
    .filter(
      ({ direction, message }) => direction === "widget>host" && message.action === "update_turn_servers",
    )
    .map(({ message }) => message.response);

export const TURN_SCENES = [
  {
    name: "servers come one after the other, and nothing comes when nobody reads any more",
    ...{ asked, told },
    async play(open) {
      for (const lib of ["mwa-1.19.0", "mwa-1.6.0"]) {
        const { host, page, widget } = await open({ lib });
        assert.deepEqual(good(await next(widget, "a")), { value: ONE, done: false });
        const second = next(widget, "a");
        await becomes(page, TWO);
        assert.deepEqual(good(await second), { value: TWO, done: false });
        assert.deepEqual(good(await end(widget, "a")), { done: true });
        await widget.settle();
        for (const action of asked) assert.deepEqual(await host.answers(action), [{}]);
        assert.deepEqual(await answersTo(host), [{}, {}]);
        await becomes(page, ONE);
        await widget.settle();
        assert.equal((await answersTo(host)).length, 2);
      }
    },
  },
  {
    name: "two readers share one watch, which ends with the second",
    ...{ asked, told },
    async play(open) {
      const { host, page, widget } = await open();
      assert.deepEqual(good(await next(widget, "a")).value, ONE);
      assert.deepEqual(good(await next(widget, "b")).value, ONE);
      const both = Promise.all([next(widget, "a"), next(widget, "b")]);
      await becomes(page, TWO);
      assert.deepEqual(
        (await both).map((outcome) => good(outcome).value),
        [TWO, TWO],
      );
      good(await end(widget, "a"));
      await widget.settle();
      assert.equal((await host.requests("unwatch_turn_servers")).length, 0);
      good(await end(widget, "b"));
      await widget.settle();
      assert.equal((await host.requests("unwatch_turn_servers")).length, 1);
      assert.equal((await host.calls("getTurnServers")).length, 1);
    },
  },
  {
    name: "a host that ends a watch late, as Element Web does, holds nobody up",
    ...{ asked, told },
    async play(open) {
      const { host, page, widget } = await open({ expect: [/error polling for TURN servers/] });
      await host.set({ turn: { endsLate: true } });
      good(await next(widget, "a"));
      const waiting = next(widget, "a");
      const began = Date.now();
      assert.deepEqual(good(await end(widget, "a")), { done: true });
      assert.deepEqual(good(await waiting), { done: true });
      assert.ok(Date.now() - began < 4000, "it waited for the host");
      await widget.settle();
      assert.deepEqual(await host.answers("unwatch_turn_servers"), []);
      await becomes(page, TWO); // the host tells the next to nobody, and ends the watch
      await page.waitForFunction(() =>
        window.wire.some(({ message }) => message.action === "unwatch_turn_servers" && message.response),
      );
    },
  },
  {
    name: "a client that has no servers refuses, and asking again is heard",
    asked: ["watch_turn_servers"],
    async play(open) {
      const { host, page, widget } = await open({ expect: [/TURN server/] });
      await page.evaluate(() => {
        window.services.turn.first = undefined;
      });
      refused(await next(widget, "a"), "host");
      await host.set({ turn: { first: ONE } });
      assert.deepEqual(good(await next(widget, "b")).value, ONE);
    },
  },
  {
    name: "without the capability nothing is posted",
    async play(open) {
      const { host, widget } = await open({ grant: "none" });
      const error = refused(await next(widget, "a"), "capability");
      assert.deepEqual(error.missing, ["town.robin.msc3846.turn_servers"]);
      await widget.settle();
      for (const action of asked) assert.deepEqual(await host.requests(action), []);
    },
  },
  {
    name: "servers that nobody watches are refused",
    told,
    async play(open) {
      const { host } = await open();
      assert.match((await host.ask("update_turn_servers", ONE)).message, /update_turn_servers/);
    },
  },
];
