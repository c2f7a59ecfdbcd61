#!/usr/bin/env node
// `npx ocamba`: runs the program in place of this script, as far as Node allows.
"use strict";

const { spawnSync } = require("node:child_process");
const cli = require("./index.js");

try {
  // Ctrl-C reaches the program too, which decides when to end.
  process.on("SIGINT", () => {});
  const { status, signal, error } = spawnSync(cli.binary, process.argv.slice(2), { stdio: "inherit" });
  if (error) throw error;
  if (signal) process.kill(process.pid, signal);
  process.exitCode = status ?? 1;
} catch ({ message }) {
  console.error(`ocamba: ${message}`);
  process.exitCode = 1;
}
