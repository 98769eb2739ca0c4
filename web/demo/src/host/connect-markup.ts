/** The form of connect-form.ts. Errors stand in the part that caused them, and describe its fields. */

/** A user: by name and password, or by an access token. */
const loginFields = (who: string, autofill: string) => `
  <div id="connect-${who}-by-password" class="fields">
    <label class="field">User name
      <input id="connect-${who}-user" autocomplete="${autofill}" spellcheck="false" autocapitalize="none" aria-describedby="connect-${who}-error"></label>
    <label class="field">Password
      <input id="connect-${who}-password" type="password" autocomplete="off" aria-describedby="connect-${who}-error"></label>
  </div>
  <label id="connect-${who}-by-token" class="field">Access token
    <input id="connect-${who}-token" type="password" autocomplete="off" spellcheck="false" aria-describedby="connect-${who}-error"></label>
  <p class="error" id="connect-${who}-error" role="alert"></p>`;

const radio = (name: string, value: string, words: string, checked = "") =>
  `<label class="check"><input type="radio" name="connect-${name}" value="${value}" ${checked}> ${words}</label>`;

export const MARKUP = `
<form id="connect" novalidate>
  <fieldset>
    <legend>Homeserver</legend>
    <div class="buttons">
      ${radio("where", "embedded", "the one in this demo", "checked")}
      ${radio("where", "synapse", "a Synapse of mine")}
    </div>
  </fieldset>
  <div id="connect-synapse" class="fields" hidden>
    <p class="quiet whole" style="margin: 0">Use a test account. Passwords and tokens stay in this page's memory, and a login
      made here is logged out when you leave.</p>
    <div id="connect-url-part" class="whole">
      <label class="field">URL of the homeserver
        <input id="connect-url" type="url" placeholder="https://matrix.example.org" autocomplete="url" spellcheck="false" aria-describedby="connect-url-error"></label>
      <p class="error" id="connect-url-error" role="alert"></p>
    </div>
    <fieldset id="connect-login-part" class="whole">
      <legend>Who joins the call</legend>
      <div class="buttons">
        ${radio("login", "password", "by user name", "checked")}
        ${radio("login", "token", "by access token")}
      </div>
      ${loginFields("login", "username")}
    </fieldset>
    <div id="connect-room-part" class="whole">
      <label class="field">Room id or alias, if not a new room
        <input id="connect-room" autocomplete="off" spellcheck="false" autocapitalize="none" placeholder="#room:example.org" aria-describedby="connect-room-error"></label>
      <p class="error" id="connect-room-error" role="alert"></p>
    </div>
    <fieldset id="connect-moderator-part" class="whole">
      <legend>Another user, who may end the membership</legend>
      <div class="buttons">
        ${radio("moderator", "none", "nobody", "checked")}
        ${radio("moderator", "password", "by user name")}
        ${radio("moderator", "token", "by access token")}
      </div>
      ${loginFields("moderator", "off")}
    </fieldset>
    <div class="buttons whole"><button class="main" id="connect-submit">Connect</button></div>
  </div>
  <p id="connect-said" class="quiet" role="status" style="margin: .4rem 0 0"></p>
  <ul id="connect-notes" class="quiet"></ul>
</form>`;
