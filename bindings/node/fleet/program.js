// Runs the program `ocamba`, as the command line does: rows in, progress and a result out.
"use strict";

const { spawn } = require("node:child_process");
const { createInterface } = require("node:readline");
const { Readable } = require("node:stream");
const { FleetError } = require("./errors.js");
const { version } = require("./package.json");

// Tests replace it.
const { nextTick } = process;

/** Maximum number of lines of text to keep, for an unexpected end. */
const MAX_LINES = 20;

/**
 * Runs the program and resolves to `{ code, killed, output, error, text, isUnstarted }`: how it ended, its JSON, error and
 * other text, and whether it was stopped before it did anything.
 *
 * @param lines - the rows, if the program reads them from its standard input.
 * @param changes - whether requests on their way must finish.
 */
function run(args, options) {
  const path = program();
  return require("ocamba-cli/next-tick.js").withNextTick(nextTick, () => runProgram(path, args, options));
}

async function runProgram(path, args, { env, lines, changes, signal, onProgress }) {
  // In a session of its own, so that Ctrl-C reaches it only once.
  const detached = process.platform !== "win32";
  const stdio = [lines ? "pipe" : "ignore", "pipe", "pipe"];
  const child = started(() => spawn(path, args, { env, stdio, detached, windowsHide: true }));
  const ended = new Promise((resolve) => {
    child.once("error", (cause) => resolve({ cause }));
    child.once("close", (code, killed) => resolve({ code, killed }));
  });
  // Then there may be no pipes.
  if (child.pid === undefined) throw notStarted((await ended).cause);
  const rows = lines && feed(child, lines);
  const messages = listen(child.stderr, onProgress, () => stop());
  let output = "";
  let isUnstarted = false;
  let isStopped = false;
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));

  function stop() {
    if (isStopped) return;
    isStopped = true;
    // Nothing is sent before the last row was read, and the program must not take the first rows for all.
    isUnstarted = !changes || rows?.isDone === false;
    if (isUnstarted) child.kill("SIGKILL");
    // Windows has no SIGINT, but the program also stops when its stderr is closed.
    else if (process.platform === "win32") child.stderr.destroy();
    else child.kill("SIGINT");
  }
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const end = await ended;
    if (rows?.failed) throw rows.failed.error;
    if (messages.failed) throw messages.failed.error;
    // The program handles this signal as soon as it runs.
    isUnstarted ||= signal?.aborted === true && end.killed === "SIGINT";
    return { ...end, isUnstarted, output: value(output), error: messages.error, text: messages.lines.join("\n") };
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** Returns the path of the program of this version: no other gets the token. */
function program() {
  let found = "missing";
  try {
    found = require("ocamba-cli/package.json").version;
  } catch {}
  if (found !== version) throw notStarted(new Error(`ocamba-cli is ${found}; run npm install ocamba-cli@${version}`));
  return started(() => require("ocamba-cli").binary);
}

/** Returns the result of `work`, or throws why the program cannot start. */
function started(work) {
  try {
    return work();
  } catch (cause) {
    throw notStarted(cause);
  }
}

function notStarted(cause) {
  const message = `the program ocamba could not be started: ${cause.message}`;
  return new FleetError({ code: "not_started", outcome: "not_sent", message, cause });
}

/** Writes the rows as fast as the program reads them. */
function feed(child, lines) {
  const rows = { isDone: false, failed: undefined };
  const source = Readable.from(lines);
  source.once("end", () => (rows.isDone = true));
  source.once("error", (error) => {
    rows.failed = { error };
    // The program would take the end of its input for the last row.
    child.kill("SIGKILL");
  });
  // The program closed its input or ended, and its own messages say why.
  child.stdin.on("error", () => source.destroy());
  child.once("close", () => source.destroy());
  source.pipe(child.stdin);
  return rows;
}

/** Reads the program's stderr: progress, its error, and other text. */
function listen(stderr, onProgress, stop) {
  const messages = { error: undefined, lines: [], failed: undefined };
  const report = async (progress) => onProgress(progress);
  const fail = (error) => {
    messages.failed ??= { error };
    stop();
  };
  createInterface({ input: stderr, crlfDelay: Infinity }).on("line", (line) => {
    const message = line.startsWith("{") ? value(line) : undefined;
    if (message?.error) messages.error = message.error;
    else if (message?.warning) process.emitWarning(message.warning, "HoodWarning");
    else if (!message?.progress) messages.lines = [...messages.lines, line].slice(-MAX_LINES);
    else if (onProgress && !messages.failed) report(inMilliseconds(message.progress)).catch(fail);
  });
  return messages;
}

function inMilliseconds({ elapsed, waited, remaining, ...progress }) {
  const times = Object.entries({ elapsed, waited, remaining }).filter(([, time]) => typeof time === "number");
  return { ...progress, remaining: null, ...Object.fromEntries(times.map(([name, time]) => [name, time * 1000])) };
}

function value(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

module.exports = { run };
