#!/usr/bin/env node
// `npx ocamba`: runs the program, and ends with it.
"use strict";

const { spawn } = require("node:child_process");
const cli = require("./index.js");

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"];

try {
  // By its number, a sandbox knows that it ends with this process, even if that is killed.
  const env = { ...process.env, OCAMBA_WRAPPER_PID: String(process.pid) };
  // The program decides when to end. What the system has sent to both, as Ctrl-C, it takes for one signal.
  // On Windows, the console sends to both, and there is no other way.
  const pass = (signal) => process.platform !== "win32" && child.kill(signal);
  // Before the program starts: a signal can come as soon as it does, and is passed on when this script has been read.
  for (const signal of SIGNALS) process.on(signal, pass);
  const child = spawn(cli.binary, process.argv.slice(2), { stdio: "inherit", env });
  child.on("error", fail);
  child.on("exit", (code, signal) => {
    for (const caught of SIGNALS) process.removeListener(caught, pass);
    if (signal) process.kill(process.pid, signal);
    process.exitCode = code ?? 1;
  });
} catch (error) {
  fail(error);
}

function fail({ message }) {
  console.error(`ocamba: ${message}`);
  process.exitCode = 1;
}
