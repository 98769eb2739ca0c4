/** The form by which a person says where the host page goes: the homeserver that comes with it, or one of their own. */
import { MARKUP } from "./connect-markup.js";
import { ConnectError, type Connection, type Credentials, connectSynapse, type Field } from "./connection.js";

/** How the two who may log in are called in the form. */
type Who = "login" | "moderator";

/**
 * Draws the form into an element and calls back with each connection that a person makes, also when they go back to the
 * embedded homeserver. The connection before is left then; so is the last one when the page ends.
 */
export function offerConnection(
  into: HTMLElement,
  embedded: Connection,
  onConnected: (connection: Connection) => unknown,
): void {
  into.innerHTML = MARKUP;
  const form = element<HTMLFormElement>("connect");
  const button = element<HTMLButtonElement>("connect-submit");
  let current = embedded;

  async function goTo(connection: Connection): Promise<void> {
    const before = current;
    current = connection;
    await onConnected(connection);
    await before.leave();
  }

  form.onchange = () => {
    arrange();
    if (chosen("where") === "embedded" && current !== embedded) {
      say("");
      goTo(embedded);
    }
  };
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    clearErrors(form);
    button.disabled = true;
    try {
      const connection = await connectSynapse(read(), say);
      for (const secret of form.querySelectorAll<HTMLInputElement>("input[type=password]")) secret.value = "";
      say(`Connected as ${connection.userId}, in the room ${connection.roomId}.`, connection.notes);
      await goTo(connection);
    } catch (error) {
      say("");
      showError(error);
    } finally {
      button.disabled = false;
    }
  };
  addEventListener("pagehide", () => current.leave());
  // A page that comes back from the back/forward cache has no login any more.
  addEventListener("pageshow", ({ persisted }) => persisted && current !== embedded && location.reload());
  arrange();
}

function element<T extends HTMLElement = HTMLInputElement>(id: string): T {
  return document.getElementById(id) as T;
}

function chosen(name: string): string {
  return document.querySelector<HTMLInputElement>(`input[name=connect-${name}]:checked`)?.value ?? "";
}

/** Shows the fields that the choices ask for. */
function arrange(): void {
  element("connect-synapse").hidden = chosen("where") !== "synapse";
  for (const who of ["login", "moderator"]) {
    for (const how of ["password", "token"]) element(`connect-${who}-by-${how}`).hidden = chosen(who) !== how;
  }
}

function read() {
  const moderator = credentials("moderator");
  return {
    url: value("url"),
    login: credentials("login") as Credentials,
    room: value("room"),
    ...(moderator ? { moderator } : {}),
  };
}

const value = (name: string) => element(`connect-${name}`).value.trim();

/** What somebody logs in with; nothing at all where nobody does. */
function credentials(who: Who): Credentials | undefined {
  const how = chosen(who);
  if (how === "none") return undefined;
  if (how === "token") {
    const accessToken = value(`${who}-token`);
    if (accessToken === "") throw new ConnectError(who, "The access token is missing.");
    return { accessToken };
  }
  const user = value(`${who}-user`);
  const { value: password } = element(`connect-${who}-password`); // spaces and all
  if (user === "" || password === "")
    throw new ConnectError(who, `The ${user === "" ? "user name" : "password"} is missing.`);
  return { user, password };
}

// ------------------------------------------------------------------------ what is said

function say(text: string, notes: string[] = []): void {
  element("connect-said").textContent = text;
  const lines = notes.map((note) => {
    const line = document.createElement("li");
    line.textContent = note;
    return line;
  });
  element("connect-notes").replaceChildren(...lines);
}

function showError(error: unknown): void {
  const field: Field = error instanceof ConnectError ? error.field : "url";
  element(`connect-${field}-error`).textContent = error instanceof Error ? error.message : String(error);
  const inputs = element(`connect-${field}-part`).querySelectorAll<HTMLInputElement>(
    "input:not([type=radio])",
  );
  const shown = [...inputs].filter((input) => input.offsetParent !== null);
  for (const input of shown) input.setAttribute("aria-invalid", "true");
  (shown.find((input) => input.value === "") ?? shown[0])?.focus();
}

function clearErrors(form: HTMLFormElement): void {
  for (const error of form.querySelectorAll(".error")) error.textContent = "";
  for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
}
