// Starts `ocamba sandbox` for `ocamba-hood/testing`.
"use strict";

const { spawn } = require("node:child_process");
const { readFileSync } = require("node:fs");
// Not that of the global object, which tests replace.
const { setTimeout } = require("node:timers");
const cli = require("./index.js");
const { withNextTick } = require("./next-tick.js");

/** Maximum time until the server says where it listens, in milliseconds. */
const START_TIMEOUT = 10_000;

/** The types of the options. */
const OPTIONS = { token: "string", burst: "number", steady: "number", limits: "boolean", tls: "boolean", seed: "string", state: "string" };

/** Resolves to the options of the sandbox's clients, and how to stop it. `nextTick` is Node's own. */
async function start(options = {}, nextTick = process.nextTick) {
  check(options);
  const { token = "sandbox-token", limits = true, ...others } = options;
  const { url, certificate, child } = await withNextTick(nextTick, () => run({ token, limits, ...others }));
  // A rate limit would delay requests that a sandbox without limits accepts.
  const own = { token, baseUrl: url, rateLimit: limits ? "memory" : "off", proxy: "off" };
  if (certificate) own.rootCertificates = readFileSync(certificate, "ascii");
  return [own, () => withNextTick(nextTick, () => stop(child))];
}

/** Throws if an option is unknown, or of another type. */
function check(options) {
  if (typeof options !== "object" || options === null || Array.isArray(options)) throw new TypeError("the options of a sandbox must be an object");
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(OPTIONS, name)) throw new TypeError(`a sandbox has no option ${name}; it has ${Object.keys(OPTIONS).join(", ")}`);
    if (value !== undefined && typeof value !== OPTIONS[name]) throw new TypeError(`the option ${name} of a sandbox must be a ${OPTIONS[name]}`);
  }
}

/** Starts the program, and resolves to `{ url, certificate, child }`: where it listens, and the path of its authority's certificate. */
async function run({ token, burst, steady, limits, tls, seed, state }) {
  const args = ["sandbox", "--listen", "127.0.0.1:0", "--until-input-ends", "--token", token];
  if (burst !== undefined) args.push("--burst", String(burst));
  if (steady !== undefined) args.push("--steady", String(steady));
  if (seed !== undefined) args.push("--seed", seed);
  if (state !== undefined) args.push("--state", state);
  if (!limits) args.push("--no-limits");
  if (tls) args.push("--tls");
  // The input ends with this process, even if that is killed.
  const child = spawn(cli.binary, args, { stdio: ["pipe", "pipe", "pipe"] });
  const kill = () => child.kill();
  process.once("exit", kill);
  child.once("exit", () => process.removeListener("exit", kill));
  try {
    return { ...(await firstLines(child)), child };
  } catch (error) {
    kill();
    throw error;
  }
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.ref();
  child.kill();
  await ended;
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

module.exports = { start };
