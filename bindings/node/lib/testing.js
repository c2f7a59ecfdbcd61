// A server for tests: it behaves as the API does, and needs no network.
"use strict";

const { spawn } = require("node:child_process");
const { Client } = require("./client.js");

/** How long the server may take to say where it listens. */
const START_TIMEOUT = 10_000;

class Sandbox {
  #child;
  #options;

  constructor(child, options) {
    this.#child = child;
    this.#options = options;
  }

  static async start({ token = "sandbox-token", burst, steady, limits = true } = {}) {
    const args = ["sandbox", "--listen", "127.0.0.1:0", "--token", token];
    if (burst !== undefined) args.push("--burst", String(burst));
    if (steady !== undefined) args.push("--steady", String(steady));
    if (!limits) args.push("--no-limits");
    const child = spawn(binary(), args, { stdio: ["ignore", "pipe", "pipe"] });
    const kill = () => child.kill();
    process.once("exit", kill);
    child.once("exit", () => process.removeListener("exit", kill));
    try {
      // A rate limit would hold back requests that a sandbox without limits accepts.
      return new Sandbox(child, { token, baseUrl: await address(child), rateLimit: limits ? "memory" : "off" });
    } catch (error) {
      kill();
      throw error;
    }
  }

  get url() {
    return this.#options.baseUrl;
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

/** The program `ocamba`: of the package `ocamba-cli`, of the environment, or on the PATH. */
function binary() {
  try {
    return require("ocamba-cli").binary;
  } catch (error) {
    if (error.code !== "MODULE_NOT_FOUND") throw error;
  }
  return process.env.OCAMBA_BINARY || "ocamba";
}

/** Waits for the line that says where the server listens. */
function address(child) {
  return new Promise((resolve, reject) => {
    let told = "";
    let complaint = "";
    const timer = setTimeout(() => reject(new Error("the sandbox did not start in time")), START_TIMEOUT);
    child.stderr.on("data", (text) => (complaint += text));
    child.stdout.on("data", (text) => {
      told += text;
      const url = /^listening on (\S+)\n/.exec(told)?.[1];
      if (!url) return;
      clearTimeout(timer);
      // A sandbox that nobody stops must not keep the process alive: it is stopped when the process ends.
      for (const handle of [child, child.stdout, child.stderr]) handle.unref();
      resolve(url);
    });
    child.once("error", (cause) => {
      clearTimeout(timer);
      const where = "install the package ocamba-cli, or set OCAMBA_BINARY, or put ocamba on the PATH";
      reject(new Error(`the sandbox needs the program ocamba: ${where}`, { cause }));
    });
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`the sandbox ended with code ${code} before it listened: ${complaint.trim()}`));
    });
  });
}

module.exports = { Sandbox };
