/** Proofs of identity (MSC1960): decided before, or by a person who takes their time. */
import assert from "node:assert/strict";
import { good, refused, sleep } from "../harness.mjs";

const asked = ["get_openid"];
const told = ["openid_credentials"];

const credentials = ({ access_token, matrix_server_name }) => ({
  ...{ accessToken: access_token, expiresInMs: 3_600_000 },
  ...{ matrixServerName: matrix_server_name, tokenType: "Bearer" },
});

const decide = (page, allowed) => page.evaluate((allowed) => window.services.openId.decide(allowed), allowed);

/** What the host told after it had promised to. */
const proofs = async (host) =>
  (await host.wire()).filter(
    ({ direction, message }) => direction === "host>widget" && message.action === "openid_credentials",
  );

const answersTo = async (host) =>
  (await host.wire())
    .filter(
      ({ direction, message }) => direction === "widget>host" && message.action === "openid_credentials",
    )
    .map(({ message }) => message.response);

export const IDENTITY_SCENES = [
  {
    name: "an identity that was allowed before is proved at once",
    asked,
    async play(open) {
      const { host, widget } = await open();
      const proof = good(await widget.call("requestOpenId"));
      const [answer] = await host.answers("get_openid");
      assert.equal(answer.state, "allowed");
      assert.deepEqual(proof, credentials(answer));
      assert.deepEqual(await host.calls("askOpenID"), [[]]);
    },
  },
  {
    name: "an identity that was blocked before is the host's refusal",
    asked,
    async play(open) {
      const { host, widget } = await open();
      await host.set({ openId: { manner: "blocked" } });
      refused(await widget.call("requestOpenId"), "host");
    },
  },
  {
    name: "the person is asked, for longer than any deadline, and allows it (both kinds of hosts)",
    asked,
    told,
    async play(open) {
      for (const lib of ["mwa-1.19.0", "rust-style"]) {
        const { host, page, widget } = await open({ lib, options: { deadlineMs: 300 } });
        await host.set({ openId: { manner: "ask" } });
        const [outcome] = await Promise.all([
          widget.call("requestOpenId"),
          sleep(900).then(() => decide(page, true)),
        ]);
        assert.equal((await host.answers("get_openid"))[0].state, "request");
        const [{ message }] = await proofs(host);
        assert.equal(message.data.state, "allowed");
        assert.deepEqual(good(outcome), credentials(message.data));
        await widget.settle();
        assert.deepEqual(await answersTo(host), [{}]);
      }
    },
  },
  {
    name: "the person is asked and blocks it: the host's refusal (both kinds of hosts)",
    asked,
    told,
    async play(open) {
      for (const lib of ["mwa-1.19.0", "rust-style"]) {
        const { host, page, widget } = await open({ lib });
        await host.set({ openId: { manner: "ask" } });
        const [outcome] = await Promise.all([widget.call("requestOpenId"), decide(page, false)]);
        refused(outcome, "host");
        await widget.settle();
        assert.deepEqual(await answersTo(host), [{}]);
      }
    },
  },
  {
    name: "two who ask at the same time get a proof each",
    asked,
    told,
    async play(open) {
      const { host, page, widget } = await open();
      await host.set({ openId: { manner: "ask" } });
      const both = Promise.all([widget.call("requestOpenId"), widget.call("requestOpenId")]);
      await page.waitForFunction(() => window.driverCalls.length === 2);
      await decide(page, true);
      const tokens = (await both).map((outcome) => good(outcome).accessToken);
      assert.equal(new Set(tokens).size, 2);
      const requests = (await host.requests("get_openid")).map(({ requestId }) => requestId);
      const told = (await proofs(host)).map(({ message }) => message.data);
      for (const { original_request_id: id, access_token: token } of told)
        assert.equal(tokens[requests.indexOf(id)], token);
    },
  },
  {
    name: "a page that does not wait gets a timeout, and the late proof is acknowledged and nobody's",
    asked,
    told,
    async play(open) {
      const { host, page, widget } = await open();
      await widget.listen("openid_credentials");
      await host.set({ openId: { manner: "ask" } });
      refused(await widget.call("requestOpenId", { deadlineMs: 300 }), "timeout");
      await decide(page, true);
      await page.waitForFunction(() =>
        window.wire.some(({ message }) => message.action === "openid_credentials" && message.response),
      );
      assert.deepEqual(await answersTo(host), [{}]);
      good(await widget.call("sendEvent", { type: "org.example.sent", content: {} }));
    },
  },
  {
    name: "a proof that nobody has asked for is refused",
    told,
    async play(open) {
      const { host } = await open();
      const proof = { state: "allowed", original_request_id: "widgetapi-1", access_token: "t" };
      assert.match((await host.ask("openid_credentials", proof)).message, /openid_credentials/);
    },
  },
];
