// A server for tests that behaves like the API and needs no network.
"use strict";

const { spawn } = require("node:child_process");
const { readFileSync } = require("node:fs");
const { connect } = require("node:net");
// Not that of the global object, which tests replace.
const { setTimeout } = require("node:timers");
const { version } = require("../package.json");
const { Client } = require("./client.js");
const native = require("./native.js");
const { reveal } = require("./secret.js");

/** Maximum time until the server says where it listens, in milliseconds. */
const START_TIMEOUT = 10_000;

class Sandbox {
  #child;
  #options;

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

  async #start({ token = "sandbox-token", burst, steady, limits = true, tls = false } = {}) {
    const args = ["sandbox", "--listen", "127.0.0.1:0", "--until-input-ends", "--token", token];
    if (burst !== undefined) args.push("--burst", String(burst));
    if (steady !== undefined) args.push("--steady", String(steady));
    if (!limits) args.push("--no-limits");
    if (tls) args.push("--tls");
    // The input ends with this process, even if that is killed.
    const child = spawn(binary(), args, { stdio: ["pipe", "pipe", "pipe"] });
    const kill = () => child.kill();
    process.once("exit", kill);
    child.once("exit", () => process.removeListener("exit", kill));
    try {
      const { url, certificate } = await firstLines(child);
      // A rate limit would delay requests that a sandbox without limits accepts.
      const options = { token, baseUrl: url, rateLimit: limits ? "memory" : "off", proxy: "off" };
      if (certificate) options.rootCertificates = readFileSync(certificate, "ascii");
      this.#child = child;
      this.#options = options;
      return this;
    } catch (error) {
      kill();
      throw error;
    }
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
    if (!this.#child || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.ref();
    this.#child.kill();
    await ended;
  }

  async [Symbol.asyncDispose]() {
    await this.stop();
  }
}

/** Returns the program that `ocamba-cli` of this version has or accepts. */
function binary() {
  let found = "missing";
  try {
    found = require("ocamba-cli/package.json").version;
  } catch {}
  if (found === version) return require("ocamba-cli").binary;
  throw new Error(`ocamba-cli is ${found}; to install it, run: npm install ocamba-cli@${version}`);
}

/** Waits for the lines with the server's certificate, if it has one, and with its URL. */
function firstLines(child) {
  return new Promise((resolve, reject) => {
    const fail = (message, cause) => reject(new Error(message, cause && { cause }));
    let output = "";
    let errors = "";
    setTimeout(fail, START_TIMEOUT, `the sandbox did not start within ${START_TIMEOUT} ms`).unref();
    child.stderr.on("data", (text) => (errors += text));
    child.stdout.on("data", (text) => {
      output += text;
      const [, certificate, url] = /^(?:certificate authority (.+)\n)?listening on (\S+)\n/.exec(output) ?? [];
      if (!url) return;
      // A sandbox that nobody stops must not keep the process alive: it ends with the process.
      // Not every pipe of Bun can be unreferenced, or needs to be.
      for (const handle of [child, ...child.stdio]) handle.unref?.();
      resolve({ url, certificate });
    });
    child.once("error", (cause) => fail("the program ocamba could not be started; reinstall ocamba-cli", cause));
    child.once("exit", (code) => fail(`the sandbox ended with code ${code} before it listened: ${errors.trim()}`));
  });
}

function disableNetConnect() {
  native.Calls.disableNetConnect();
  // For fleets and other processes.
  process.env.OCAMBA_DISABLE_NET_CONNECT = "1";
}

module.exports = { Sandbox, disableNetConnect };
