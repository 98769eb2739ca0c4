/**
 * Real Synapses on loopback, each with a folder, an SQLite file, a port and settings of its own. One may be stopped and
 * started again; it keeps all of them. Accounts are made with the shared secret, so no rate limit stands in the way.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createHmac, randomBytes } from "node:crypto";
import { closeSync, openSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../scripts/steps.mjs";

/** Another Synapse than the pinned one has a virtual environment of its own (.tools/synapse/install). */
const VERSION = process.env.SYNAPSE_VERSION;
const PYTHON = join(root, "build", "synapse", VERSION ? `venv-${VERSION}` : "venv", "bin", "python");
const SERVER_NAME = "interop.test";
const START_MS = 120_000;
/** An open long poll holds a Synapse back that was asked to end. */
const STOP_MS = 2000;

/** High enough to be in nobody's way. */
const RAISED = { per_second: 1000, burst_count: 1000 };

/** The three servers that the cases need differ in nothing else. */
export const settings = {
  raised: {
    max_event_delay_duration: "24h",
    rc_message: RAISED,
    rc_delayed_event_mgmt: RAISED,
    rc_joins: { local: RAISED },
    rc_login: { address: RAISED, account: RAISED, failed_attempts: RAISED },
  },
  defaultLimits: { max_event_delay_duration: "24h" },
  withoutDelayedEvents: {},
};

/** A port that was free a moment ago. */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** YAML takes JSON as it is. */
const yaml = (value) => `${JSON.stringify(value, null, 2)}\n`;

/** Which Synapse the cases run on. */
export function synapseVersion() {
  const ask = "import importlib.metadata as m; print(m.version('matrix-synapse'))";
  return execFileSync(PYTHON, ["-c", ask], { encoding: "utf8" }).trim();
}

export class Synapse {
  #secret = randomBytes(24).toString("hex");
  #child;
  #exited;

  constructor(name, dir, extra) {
    this.name = name;
    this.dir = dir;
    this.extra = extra;
  }

  /** Makes the server's folder and starts it. */
  static async create(name, dir, extra) {
    const synapse = new Synapse(name, dir, extra);
    await mkdir(dir, { recursive: true });
    synapse.port = await freePort();
    synapse.baseUrl = `http://127.0.0.1:${synapse.port}/`;
    await synapse.#configure();
    await synapse.start();
    return synapse;
  }

  async #configure() {
    const file = (name) => join(this.dir, name);
    const seed = randomBytes(32).toString("base64").replace(/=+$/, "");
    await writeFile(file("signing.key"), `ed25519 a_interop ${seed}\n`, { mode: 0o600 });
    await writeFile(
      file("log.yaml"),
      yaml({
        version: 1,
        formatters: { line: { format: "%(asctime)s %(levelname)s %(name)s %(message)s" } },
        handlers: {
          file: { class: "logging.FileHandler", filename: file("synapse.log"), formatter: "line" },
        },
        root: { level: "WARNING", handlers: ["file"] },
        disable_existing_loggers: false,
      }),
    );
    await writeFile(
      file("homeserver.yaml"),
      yaml({
        server_name: SERVER_NAME,
        report_stats: false,
        listeners: [
          {
            port: this.port,
            type: "http",
            bind_addresses: ["127.0.0.1"],
            resources: [{ names: ["client"] }],
          },
        ],
        database: { name: "sqlite3", args: { database: file("homeserver.db") } },
        log_config: file("log.yaml"),
        media_store_path: file("media"),
        signing_key_path: file("signing.key"),
        trusted_key_servers: [],
        registration_shared_secret: this.#secret,
        macaroon_secret_key: randomBytes(24).toString("hex"),
        form_secret: randomBytes(24).toString("hex"),
        bcrypt_rounds: 4,
        presence: { enabled: false },
        turn_uris: ["turn:turn.example.org"],
        turn_shared_secret: randomBytes(24).toString("hex"),
        turn_user_lifetime: "1h",
        ...this.extra,
      }),
    );
  }

  get pid() {
    return this.#child?.pid;
  }

  /** Starts the server; returns when it answers. */
  async start() {
    assert.equal(this.#child, undefined, `the Synapse "${this.name}" runs already`);
    const output = openSync(join(this.dir, "output.txt"), "a");
    this.#child = spawn(PYTHON, ["-m", "synapse.app.homeserver", "-c", join(this.dir, "homeserver.yaml")], {
      cwd: this.dir,
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    this.#exited = new Promise((resolve) => {
      this.#child.once("exit", (code, signal) => resolve(code ?? signal));
      this.#child.once("error", (error) => resolve(error.message));
    });
    let ended;
    this.#exited.then((how) => {
      ended = how;
    });
    const deadline = Date.now() + START_MS;
    for (;;) {
      const answers = await fetch(new URL("_matrix/client/versions", this.baseUrl)).then(
        (response) => response.ok,
        () => false,
      );
      if (answers) return;
      if (ended !== undefined || Date.now() > deadline)
        throw new Error(
          `the Synapse "${this.name}" ${ended === undefined ? "does not answer" : `ended with ${ended}`}:\n${await this.#said()}`,
        );
      await sleep(50);
    }
  }

  /** Stops the server, with SIGKILL as a machine that dies. */
  async stop(signal = "SIGTERM") {
    const child = this.#child;
    if (!child) return;
    child.kill(signal);
    const gone = await Promise.race([this.#exited.then(() => true), sleep(STOP_MS, false, { ref: false })]);
    if (!gone) child.kill("SIGKILL");
    await this.#exited;
    this.#child = undefined;
  }

  async #said() {
    const texts = await Promise.all(
      ["output.txt", "synapse.log"].map((name) => readFile(join(this.dir, name), "utf8").catch(() => "")),
    );
    return texts.join("").slice(-4000);
  }

  // -------------------------------------------------------------------- requests

  async request(method, path, token, body) {
    const response = await fetch(new URL(path, this.baseUrl), {
      method,
      headers: {
        "Content-Type": "application/json",
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const answer = await response.json();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  }

  /** A new account that is logged in. */
  async register(username) {
    const path = "_synapse/admin/v1/register";
    const { nonce } = await this.request("GET", path);
    const password = randomBytes(12).toString("hex");
    const mac = createHmac("sha1", this.#secret)
      .update([nonce, username, password, "notadmin"].join("\0"))
      .digest("hex");
    const answer = await this.request("POST", path, undefined, {
      nonce,
      username,
      password,
      mac,
      admin: false,
    });
    return { userId: answer.user_id, accessToken: answer.access_token, deviceId: answer.device_id, password };
  }
}

let started = 0;

/** Starts one more Synapse of a kind in a folder of its own; `end` stops it and takes the folder away. */
export async function startSynapse(kind) {
  const dir = join(root, "build", "interop", `${kind}.${process.pid}.${++started}`);
  const removeFolder = () => rm(dir, { recursive: true, force: true });
  try {
    const synapse = await Synapse.create(kind, dir, settings[kind]);
    return { synapse, end: () => synapse.stop().then(removeFolder) };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}
