// A server for tests that behaves like the API and needs no network.
"use strict";

const { version } = require("../package.json");
const { begin, calls, conclude } = require("./calls.js");
const { Client } = require("./client.js");
const { invalid } = require("./failure.js");
const { write } = require("./json.js");
const native = require("./native.js");

// Tests replace it.
const { nextTick } = process;

class Sandbox {
  /** Options of its clients, once it has started. */
  #options;
  #stop;

  static async start(options) {
    return new Sandbox().#start(options);
  }

  static forTests({ beforeAll, before = beforeAll, afterAll, after = afterAll, beforeEach } = {}, options) {
    if (!(before && after && beforeEach)) throw new Error("forTests needs the hooks beforeAll, beforeEach and afterAll");
    const sandbox = new Sandbox();
    let replaced;
    before(async () => {
      await sandbox.#start(options);
      replaced = Object.keys(sandbox.env).map((name) => [name, process.env[name]]);
      Object.assign(process.env, sandbox.env);
    });
    beforeEach(() => sandbox.reset());
    after(async () => {
      for (const [name, value] of replaced ?? []) value === undefined ? delete process.env[name] : (process.env[name] = value);
      await sandbox.stop();
    });
    return sandbox;
  }

  async #start(options) {
    [this.#options, this.#stop] = await start(options);
    return this;
  }

  get #started() {
    if (!this.#options) throw new Error("the sandbox starts before the first test; use it within tests");
    return this.#options;
  }

  get url() {
    return this.#started.baseUrl;
  }

  get caCertificate() {
    return this.#started.rootCertificates;
  }

  client(options) {
    return new Client({ ...this.#started, ...options });
  }

  get env() {
    const variable = (option) => `OCAMBA_${option.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
    return Object.fromEntries(Object.entries(this.#started).map(([option, value]) => [variable(option), value]));
  }

  async setFaults(...faults) {
    await this.#control("PUT", "faults", { faults });
  }

  async addFaults(...faults) {
    await this.#control("POST", "faults", { faults });
  }

  async clearFaults() {
    await this.#control("DELETE", "faults");
  }

  async faults() {
    return (await this.#control("GET", "faults")).faults;
  }

  async journal() {
    return this.#control("GET", "journal");
  }

  async clearJournal() {
    await this.#control("DELETE", "journal");
  }

  async addIntegration(request) {
    return (await this.#control("POST", "integrations", request)).id;
  }

  async reset() {
    await this.#control("POST", "reset");
  }

  async #control(method, path, body = {}) {
    const { token, baseUrl } = this.#started;
    const text = write(body, (path, message) => invalid(path.join(".") || "request", message));
    const port = Number(new URL(baseUrl).port);
    const { value } = conclude(await begin((number) => calls.control(number, port, token, `${method} /_sandbox/${path}`, text)));
    return value;
  }

  async stop() {
    await this.#stop?.();
  }

  async [Symbol.asyncDispose]() {
    await this.stop();
  }
}

/** Starts the program of `ocamba-cli`, which must have this version. */
function start(options) {
  let found = "missing";
  try {
    found = require("ocamba-cli/package.json").version;
  } catch {}
  if (found === version) return require("ocamba-cli/sandbox.js").start(options, nextTick);
  throw new Error(`ocamba-cli is ${found}; to install it, run: npm install ocamba-cli@${version}`);
}

function disableNetConnect() {
  native.Calls.disableNetConnect();
  // For fleets and other processes.
  process.env.OCAMBA_DISABLE_NET_CONNECT = "1";
}

module.exports = { Sandbox, disableNetConnect };
