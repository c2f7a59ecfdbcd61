// A server for tests that behaves like the API and needs no network.
"use strict";

const { readFileSync } = require("node:fs");
const { connect } = require("node:net");
const { version } = require("../package.json");
const { Client } = require("./client.js");
const native = require("./native.js");
const { reveal } = require("./secret.js");

class Sandbox {
  #options;
  #stop;

  static async start(options) {
    return new Sandbox().#start(options);
  }

  static forTests({ beforeAll, before = beforeAll, afterAll, after = afterAll, beforeEach }, options) {
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

  async #start({ token = "sandbox-token", limits = true, ...rest } = {}) {
    const { url, certificate, stop } = await start({ token, limits, ...rest });
    // A rate limit would delay requests that a sandbox without limits accepts.
    const options = { token, baseUrl: url, rateLimit: limits ? "memory" : "off", proxy: "off" };
    if (certificate) options.rootCertificates = readFileSync(certificate, "ascii");
    this.#options = options;
    this.#stop = stop;
    return this;
  }

  get url() {
    if (!this.#options) throw new Error("the sandbox starts before the first test; use it within tests");
    return this.#options.baseUrl;
  }

  get caCertificate() {
    return this.#options.rootCertificates;
  }

  client(options) {
    return new Client({ ...this.#options, baseUrl: this.url, ...options });
  }

  get env() {
    const { token, baseUrl, rateLimit, proxy, rootCertificates } = this.#options;
    const certificates = rootCertificates && { OCAMBA_ROOT_CERTIFICATES: rootCertificates };
    return { OCAMBA_TOKEN: token, OCAMBA_BASE_URL: baseUrl, OCAMBA_RATE_LIMIT: rateLimit, OCAMBA_PROXY: proxy, ...certificates };
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

  /** By a socket, since tests replace `fetch` and `node:http`. The control is not in TLS. */
  async #control(method, path, body) {
    const { token, baseUrl } = this.#options;
    const { host, port } = new URL(baseUrl);
    const text = body === undefined ? "" : reveal(() => JSON.stringify(body));
    const type = "Content-Type: application/json";
    const headers = `Host: ${host}\r\nAuthorization: Bearer ${token}\r\n${type}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n`;
    const socket = connect(port, "127.0.0.1");
    // The server of HTTP/1.0 closes after its response, which has no parts.
    socket.write(`${method} /_sandbox/${path} HTTP/1.0\r\n${headers}${text}`);
    const [head, ...parts] = Buffer.concat(await socket.toArray()).toString().split("\r\n\r\n");
    const answer = parts.join("\r\n\r\n");
    const value = answer ? JSON.parse(answer) : undefined;
    if (!/^HTTP\S+ 2/.test(head)) throw new Error(`the sandbox refused the ${path}: ${value?.message ?? head}`);
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
  if (found === version) return require("ocamba-cli/sandbox.js").start(options);
  throw new Error(`ocamba-cli is ${found}; to install it, run: npm install ocamba-cli@${version}`);
}

function disableNetConnect() {
  native.Calls.disableNetConnect();
  // For fleets and other processes.
  process.env.OCAMBA_DISABLE_NET_CONNECT = "1";
}

module.exports = { Sandbox, disableNetConnect };
