// Starts `ocamba sandbox` for `ocamba-hood/testing`.
"use strict";

const { spawn } = require("node:child_process");
// Not that of the global object, which tests replace.
const { setTimeout } = require("node:timers");
const cli = require("./index.js");

/** Maximum time until the server says where it listens, in milliseconds. */
const START_TIMEOUT = 10_000;

/** Resolves to `{ url, certificate, stop }`: where it listens, the path of its authority's certificate, and how to stop it. */
async function start({ token, burst, steady, limits, tls = false, seed, state }) {
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
    return { ...(await firstLines(child)), stop: () => stop(child) };
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
