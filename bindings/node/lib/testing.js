// A server for tests that behaves like the API and needs no network.
"use strict";

const { spawn } = require("node:child_process");
const { readFileSync } = require("node:fs");
const { version } = require("../package.json");
const { Client } = require("./client.js");

/** Maximum time until the server says where it listens, in milliseconds. */
const START_TIMEOUT = 10_000;

class Sandbox {
  #child;
  #options;

  constructor(child, options) {
    this.#child = child;
    this.#options = options;
  }

  static async start({ token = "sandbox-token", burst, steady, limits = true, tls = false } = {}) {
    const args = ["sandbox", "--listen", "127.0.0.1:0", "--token", token];
    if (burst !== undefined) args.push("--burst", String(burst));
    if (steady !== undefined) args.push("--steady", String(steady));
    if (!limits) args.push("--no-limits");
    if (tls) args.push("--tls");
    const child = spawn(binary(), args, { stdio: ["ignore", "pipe", "pipe"] });
    const kill = () => child.kill();
    process.once("exit", kill);
    child.once("exit", () => process.removeListener("exit", kill));
    try {
      const { url, certificate } = await firstLines(child);
      // A rate limit would delay requests that a sandbox without limits accepts.
      const options = { token, baseUrl: url, rateLimit: limits ? "memory" : "off" };
      if (certificate) options.rootCertificates = readFileSync(certificate, "ascii");
      return new Sandbox(child, options);
    } catch (error) {
      kill();
      throw error;
    }
  }

  get url() {
    return this.#options.baseUrl;
  }

  get caCertificate() {
    return this.#options.rootCertificates;
  }

  client(options) {
    return new Client({ ...this.#options, ...options });
  }

  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
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
    // Not by `setTimeout`, which tests replace.
    AbortSignal.timeout(START_TIMEOUT).addEventListener("abort", () => fail(`the sandbox did not start within ${START_TIMEOUT} ms`));
    child.stderr.on("data", (text) => (errors += text));
    child.stdout.on("data", (text) => {
      output += text;
      const [, certificate, url] = /^(?:certificate authority (.+)\n)?listening on (\S+)\n/.exec(output) ?? [];
      if (!url) return;
      // A sandbox that nobody stops must not keep the process alive: it ends with the process.
      for (const handle of [child, child.stdout, child.stderr]) handle.unref();
      resolve({ url, certificate });
    });
    child.once("error", (cause) => fail("the program ocamba could not be started; reinstall ocamba-cli", cause));
    child.once("exit", (code) => fail(`the sandbox ended with code ${code} before it listened: ${errors.trim()}`));
  });
}

module.exports = { Sandbox };
