/** What the client around the library does by itself. */
import assert from "node:assert/strict";
import { good, refused } from "../harness.mjs";

const answering = (page, action, answer) =>
  page.evaluate(
    ([action, answer]) => {
      window.actions.answers[action] = answer;
    },
    [action, answer],
  );

export const CLIENT_SCENES = [
  {
    name: "a sticker is in the room",
    asked: ["m.sticker"],
    async play(open) {
      const { room, widget } = await open();
      const description = `a cat ${room.key()}`;
      const sticker = { name: "Cat", description, content: { url: "mxc://example.org/cat", info: { w: 9 } } };
      assert.equal(good(await widget.call("sendSticker", sticker)), undefined);
      const found = async () => (await room.timeline()).find(({ content }) => content.body === description);
      while (!(await found())) await widget.settle(); // the client acknowledges first
      const { type, content } = await found();
      assert.deepEqual([type, content.url, content.info], ["m.sticker", "mxc://example.org/cat", { w: 9 }]);
    },
  },
  {
    name: "a client that only acknowledges keeps the widget on the screen, one that says no does not",
    asked: ["set_always_on_screen"],
    async play(open) {
      const { page, widget } = await open();
      await answering(page, "set_always_on_screen", {}); // as Element Web
      assert.equal(good(await widget.call("setAlwaysOnScreen", true)), true);
      await answering(page, "set_always_on_screen", { success: false });
      assert.equal(good(await widget.call("setAlwaysOnScreen", true)), false);
      await answering(page, "set_always_on_screen", { success: "yes" });
      refused(await widget.call("setAlwaysOnScreen", true), "bad_response");
    },
  },
  {
    name: "a client without a sticker's capability, and one that knows no stickers, refuse",
    asked: ["m.sticker", "set_always_on_screen"],
    async play(open) {
      for (const how of [{ grant: "none" }, { lib: "rust-style" }]) {
        const { widget } = await open(how);
        const sticker = { name: "Cat", content: { url: "mxc://example.org/cat" } };
        refused(await widget.call("sendSticker", sticker), "host");
        refused(await widget.call("setAlwaysOnScreen", true), "host");
      }
    },
  },
  {
    name: "a native host has no modals, and approves no TURN servers",
    asked: ["open_modal", "close_modal", "set_button_enabled"],
    async play(open) {
      const { host, widget } = await open({ lib: "rust-style" });
      refused(await widget.call("openModal", { url: "https://example.org/", name: "Modal" }), "host");
      refused(await widget.call("closeModal"), "host");
      refused(await widget.call("setModalButtonEnabled", "ok", true), "host");
      const next = () => window.outcome(() => window.client.turnServers().next());
      refused(await widget.frame.evaluate(next), "capability");
      await widget.settle();
      for (const action of ["watch_turn_servers", "unwatch_turn_servers"])
        assert.deepEqual(await host.requests(action), []);
    },
  },
  {
    name: "a link that the client cannot follow is a refusal, although the host then says that all is well",
    asked: ["org.matrix.msc2931.navigate"],
    async play(open) {
      const { host, widget } = await open({ expect: [/Failed to handle navigation/] });
      await host.set({ failures: { navigate: "network" } });
      refused(await widget.call("navigate", "https://matrix.to/#/#room:example.org"), "host");
      await widget.settle();
      assert.equal((await host.answers("org.matrix.msc2931.navigate")).length, 2);
      await host.set({ failures: { navigate: undefined } });
      good(await widget.call("navigate", "https://matrix.to/#/#room:example.org"));
    },
  },
  {
    name: "account data that the client cannot read is a timeout: the host says nothing",
    asked: ["com.beeper.read_room_account_data"],
    async play(open) {
      const { host, widget } = await open({ expect: [/uncaught: Failed to fetch/] });
      await host.set({ failures: { readRoomAccountData: "network" } });
      const spec = { type: "org.example.mark" };
      refused(await widget.call("readAccountData", spec, { deadlineMs: 400 }), "timeout");
    },
  },
];
