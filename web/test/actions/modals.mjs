/** Modal widgets (MSC2790): one opens, hears of its buttons, and gives something back. */
import assert from "node:assert/strict";
import { good, refused, widgetIn } from "../harness.mjs";

const BUTTONS = [
  { id: "ok", label: "OK", kind: "m.primary" },
  { id: "more", label: "More", kind: "m.secondary", disabled: true },
];

function modal({ config }, extra) {
  const query = new URLSearchParams({ auto: "1", listen: "widget_config button_clicked" });
  return { url: `${config.widget}widget.html?${query}`, name: "Modal", data: { question: 7 }, ...extra };
}

/** Opens one, and waits until it was told what it was opened with. */
async function openModal(place, extra) {
  await place.widget.listen("close_modal", {});
  good(await place.widget.call("openModal", modal(place, extra)));
  const inner = await widgetIn(place.page, "Modal");
  return { inner, config: await inner.waitForSeen("action:widget_config") };
}

const click = (page, id) => page.evaluate((id) => window.modals.click(id), id);

/** What was said to the modal, and by it. */
const actionsOf = (page) => page.evaluate(() => window.modals.wire.map(({ message }) => message.action));

export const MODAL_SCENES = [
  {
    name: "a modal is told what it was opened with, hears its buttons, and what it closes with comes back",
    asked: ["open_modal", "close_modal", "set_button_enabled"],
    told: ["widget_config", "button_clicked", "close_modal"],
    async play(open) {
      const place = await open();
      const { page, host, widget } = place;
      const { inner, config } = await openModal(place, { buttons: BUTTONS });
      const { type, name, url, buttons, data } = config;
      assert.deepEqual([type, name, buttons, data], ["m.custom", "Modal", BUTTONS, { question: 7 }]);
      assert.equal(url, modal(place).url);
      assert.deepEqual((await host.requests("open_modal"))[0].data, config);

      await click(page, "more"); // disabled: it cannot be
      await click(page, "ok");
      assert.deepEqual(await inner.waitForSeen("action:button_clicked"), { id: "ok" });
      good(await inner.call("setModalButtonEnabled", "more", true));
      good(await inner.call("setModalButtonEnabled", "ok", false));
      assert.deepEqual(await page.evaluate(() => [...window.modals.disabled]), ["ok"]);
      await click(page, "more");
      assert.equal((await inner.seen("action:button_clicked")).length, 2);
      refused(await inner.call("setModalButtonEnabled", "unknown", true), "host");

      good(await inner.call("closeModal", { answer: 42 }));
      assert.deepEqual(await widget.waitForSeen("action:close_modal"), { answer: 42 });
      for (const action of ["close_modal", "set_button_enabled", "button_clicked"])
        assert.ok((await actionsOf(page)).includes(action));
    },
  },
  {
    name: "a modal that the person closes says so, and another can be opened then",
    asked: ["open_modal"],
    told: ["close_modal"],
    async play(open) {
      const place = await open();
      await openModal(place);
      refused(await place.widget.call("openModal", modal(place)), "host");
      await place.page.evaluate(() => window.modals.dismiss());
      assert.deepEqual(await place.widget.waitForSeen("action:close_modal"), { "m.exited": true });
      good(await place.widget.call("openModal", modal(place)));
    },
  },
  {
    name: "what cannot open, close or change a modal is invalid by its name, and is not posted",
    async play(open) {
      const place = await open();
      const { host, widget } = place;
      const bad = [
        ["openModal", [undefined], "url"],
        ["openModal", [modal(place, { url: "" })], "url"],
        ["openModal", [modal(place, { name: undefined })], "name"],
        ["openModal", [modal(place, { type: 5 })], "type"],
        ["openModal", [modal(place, { buttons: "ok" })], "buttons"],
        ["openModal", [modal(place, { data: "text" })], "data"],
        ["closeModal", ["text"], "data"],
        ["setModalButtonEnabled", ["", true], "buttonId"],
        ["setModalButtonEnabled", ["m.close", true], "buttonId"],
        ["setModalButtonEnabled", ["ok", "yes"], "enabled"],
      ];
      for (const [method, args, name] of bad) {
        const error = refused(await widget.call(method, ...args), "invalid");
        assert.ok(error.message.startsWith(`${name}: `), `${method}: ${error.message}`);
      }
      await widget.settle();
      for (const action of ["open_modal", "close_modal", "set_button_enabled"])
        assert.deepEqual(await host.requests(action), []);
    },
  },
];
