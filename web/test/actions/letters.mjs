/** To-device messages (MSC3819), from one widget's client to another's. */
import assert from "node:assert/strict";
import { good, refused } from "../harness.mjs";

const LETTER = "org.example.letter";
const asked = ["send_to_device"];

const came = async (widget) => {
  await widget.waitForSeen("action:send_to_device");
  return (await widget.seen("action:send_to_device")).map(({ detail }) => detail);
};

const letters = (config, devices) => ({ type: LETTER, messages: { [config.moderator.userId]: devices } });

export const LETTER_SCENES = [
  {
    name: "a message reaches the widget on the device that it is for, and no other (both kinds of hosts)",
    asked,
    told: ["send_to_device"],
    async play(open) {
      for (const [lib, other] of [
        ["mwa-1.19.0", "rust-style"],
        ["rust-style", "mwa-1.19.0"],
      ]) {
        const who = (device) => ({ as: "moderator", device });
        const [alice, one, two] = await Promise.all([
          open({ lib }),
          open({ lib: other, who: who(`ONE-${lib}`) }),
          open({ lib: other, who: who(`TWO-${lib}`) }),
        ]);
        const { config } = alice;
        for (const { widget } of [one, two]) await widget.listen("send_to_device", {});
        const spec = letters(config, { [`ONE-${lib}`]: { n: 1 } });
        assert.deepEqual(good(await alice.widget.call("sendToDevice", spec)), {});
        const message = { type: LETTER, sender: config.userId, content: { n: 1 }, encrypted: false };
        assert.deepEqual(await came(one.widget), [message]);
        const all = { ...letters(config, { "*": { n: 2 } }), encrypted: true };
        good(await alice.widget.call("sendToDevice", all));
        assert.deepEqual(await came(two.widget), [{ ...message, content: { n: 2 }, encrypted: true }]);
      }
    },
  },
  {
    name: "a widget that may not receive a type does not hear of it",
    asked,
    async play(open) {
      const who = { as: "moderator", device: "DEAF" };
      const [alice, deaf] = await Promise.all([open(), open({ who, grant: "^org.matrix.msc2762" })]);
      await deaf.widget.listen("send_to_device", {});
      good(await alice.widget.call("sendToDevice", letters(alice.config, { DEAF: {} })));
      await deaf.page.waitForFunction(() => window.services.toDevice.received.length === 1);
      await deaf.widget.settle();
      assert.deepEqual(await deaf.widget.seen("action:send_to_device"), []);
    },
  },
  {
    name: "a native host says whom it did not reach",
    asked,
    async play(open) {
      const { config, host, widget } = await open({ lib: "rust-style" });
      const user = config.moderator.userId;
      await host.set({ toDevice: { unreachable: { [user]: ["GONE"] } } });
      const spec = letters(config, { GONE: {}, THERE: {} });
      assert.deepEqual(good(await widget.call("sendToDevice", spec)), { failures: { [user]: ["GONE"] } });
    },
  },
  {
    name: "what the homeserver says of a message is passed on",
    asked,
    async play(open) {
      const { config, host, widget } = await open({ expect: [/error sending to-device/] });
      const body = { errcode: "M_FORBIDDEN", error: "No." };
      await host.set({ failures: { sendToDevice: { status: 403, body } } });
      const error = refused(await widget.call("sendToDevice", letters(config, { D: {} })), "matrix");
      assert.deepEqual([error.httpStatus, error.errcode], [403, "M_FORBIDDEN"]);
    },
  },
];
