/** The host page of a test, beside pages/host/host.ts: what crossed the wire, what the client did, what it says to the widget. */
import { Widget } from "./widget.mjs";

export class HostPage {
  constructor(page) {
    this.page = page;
  }

  wire() {
    return this.page.evaluate(() => window.wire);
  }

  /** The requests of the widget for one action. */
  async requests(action) {
    return (await this.wire())
      .filter(
        ({ direction, message }) =>
          direction === "widget>host" && message.action === action && !message.response,
      )
      .map(({ message }) => message);
  }

  /** The host's answers to one action. */
  async answers(action) {
    return (await this.wire())
      .filter(
        ({ direction, message }) =>
          direction === "host>widget" && message.action === action && message.response,
      )
      .map(({ message }) => message.response);
  }

  driverCalls() {
    return this.page.evaluate(() => window.driverCalls);
  }

  /** The arguments of every call of one of the driver's methods. */
  async calls(method) {
    return (await this.driverCalls()).filter((call) => call.method === method).map(({ args }) => args);
  }

  /** Changes what the client has beside the room (pages/host/services): lists are replaced, all else is merged. */
  set(changes) {
    return this.page.evaluate((changes) => {
      const { services } = window;
      for (const [name, value] of Object.entries(changes)) {
        if (Array.isArray(value)) services[name] = value;
        else Object.assign(services[name], value);
      }
    }, changes);
  }

  /** What the client was asked for that its library leaves to it. */
  clientActions() {
    return this.page.evaluate(() => window.actions.asked);
  }

  /** Calls a method of ClientWidgetApi; tells how it ends. */
  tell(method, ...args) {
    return this.#run("tell", method, args);
  }

  /** Makes a request of the host, whatever the library knows; tells the widget's answer. */
  ask(action, data = {}) {
    return this.#run("ask", action, [data]);
  }

  #run(how, name, args) {
    return this.page.evaluate(
      async ([how, name, args]) => {
        try {
          const value = await window[how](name, ...args);
          const file = value?.screenshot;
          if (!(file instanceof Blob)) return { ok: true, value };
          return { ok: true, value: { screenshot: { type: file.type, text: await file.text() } } };
        } catch (error) {
          return { ok: false, message: error.message };
        }
      },
      [how, name, args],
    );
  }

  events() {
    return this.page.evaluate(() => window.hostEvents);
  }

  removeWidget() {
    return this.page.evaluate(() => window.removeWidget());
  }

  async reloadWidget() {
    const element = await this.page.$("iframe[title=Widget]");
    const frame = await element.contentFrame();
    await frame.evaluate(() => {
      window.oldPage = true;
    });
    await this.page.evaluate(() => window.reloadWidget());
    await frame.waitForFunction(() => window.start && !window.oldPage);
    return new Widget(frame);
  }
}
