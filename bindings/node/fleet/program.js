// Runs the program `ocamba`: rows in, progress and a result out. What it does is done as by the command line.
"use strict";

const { spawn } = require("node:child_process");
const { createInterface } = require("node:readline");
const { Readable } = require("node:stream");
const { binary } = require("ocamba-cli");
const { FleetError } = require("./errors.js");

/** How many lines that are for people are kept, in case it comes to an end that nobody expects. */
const MAX_KEPT = 20;

/**
 * Runs it to its end, and resolves to `{ code, killed, output, error, said, isUnbegun }`: how it ended, the value on
 * stdout if there is one, the error that it told, what else it said, and whether it was stopped before it did anything.
 *
 * @param lines - the rows, if it is to read any.
 * @param changes - whether it may have begun with what must be ended.
 */
async function run(args, { env, lines, changes, signal, onProgress }) {
  const child = spawn(binary, args, { env, stdio: [lines ? "pipe" : "ignore", "pipe", "pipe"], windowsHide: true });
  const ended = new Promise((resolve) => {
    child.once("error", (cause) => resolve({ cause }));
    child.once("close", (code, killed) => resolve({ code, killed }));
  });
  // It may have no pipes then.
  if (child.pid === undefined) throw notStarted((await ended).cause);
  const rows = lines && feed(child, lines);
  const messages = listen(child.stderr, onProgress, () => stop());
  let output = "";
  let isUnbegun = false;
  child.stdout.setEncoding("utf8").on("data", (text) => (output += text));

  function stop() {
    // Before the last row is there nothing is sent, and it must not take the first ones for all.
    isUnbegun = !changes || rows?.isDone === false;
    if (isUnbegun) child.kill("SIGKILL");
    // Windows has no such signal. The program also stops when nobody listens any more.
    else if (process.platform === "win32") child.stderr.destroy();
    else child.kill("SIGINT");
  }
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const end = await ended;
    if (rows?.failed) throw rows.failed.error;
    if (messages.failed) throw messages.failed.error;
    // Once it is at work, it does not die of this signal.
    isUnbegun ||= signal?.aborted === true && end.killed === "SIGINT";
    return { ...end, isUnbegun, output: value(output), error: messages.error, said: messages.said.join("\n") };
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

function notStarted(cause) {
  const message = "the program ocamba cannot be started; install the package ocamba-cli anew; nothing was sent";
  return new FleetError({ code: "not_started", outcome: "not_sent", message, cause });
}

/** Writes the rows to the program, no faster than it reads them. */
function feed(child, lines) {
  const rows = { isDone: false, failed: undefined };
  const source = Readable.from(lines);
  source.once("end", () => (rows.isDone = true));
  source.once("error", (error) => {
    rows.failed = { error };
    // An end of its input would be the end of the rows.
    child.kill("SIGKILL");
  });
  // It has read enough, or is gone: what it says of that is told.
  child.stdin.on("error", () => source.destroy());
  child.once("close", () => source.destroy());
  source.pipe(child.stdin);
  return rows;
}

/** Reads what the program tells on stderr, a line for each: progress, its error, and words for people. */
function listen(stderr, onProgress, stop) {
  const messages = { error: undefined, said: [], failed: undefined };
  createInterface({ input: stderr, crlfDelay: Infinity }).on("line", (line) => {
    const message = line.startsWith("{") ? value(line) : undefined;
    if (message?.error) messages.error = message.error;
    else if (!message?.progress) messages.said = [...messages.said, line].slice(-MAX_KEPT);
    else if (onProgress && !messages.failed) {
      try {
        onProgress(inMilliseconds(message.progress));
      } catch (error) {
        messages.failed = { error };
        stop();
      }
    }
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
