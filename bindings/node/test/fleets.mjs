// Helpers of the tests of fleets.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { example, misbehave } from "./helpers.mjs";

/** Creates a folder that is removed after the tests of the file. */
export function folder() {
  const path = mkdtempSync(join(tmpdir(), "ocamba-fleet-"));
  after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Returns the options for a sandbox. */
export function account({ url }) {
  return { token: "sandbox-token", baseUrl: url, rateLimit: "off" };
}

/** Returns this number of rows. */
export function rows(count) {
  return Array.from({ length: count }, (_, i) => ({ ...example, name: `row ${i}` }));
}

/** Delays every create after the first `fast` by 300 ms, so that a run cannot end before a test meets it. */
export function slow(sandbox, fast = 12) {
  const creates = (ms, times) => ({ operation: "createIntegration", times, fault: { delay: { ms } } });
  return misbehave(sandbox, ...(fast > 0 ? [creates(20, fast)] : []), creates(300));
}

/** Returns the child processes of a process, with their arguments. */
function children(parent = process.pid) {
  const threads = readdirSync(`/proc/${parent}/task`);
  const pids = threads.flatMap((thread) => read(`/proc/${parent}/task/${thread}/children`).split(" "));
  return pids.filter((pid) => pid !== "").map((pid) => ({ pid: Number(pid), words: read(`/proc/${pid}/cmdline`) }));
}

/** Returns those that apply a fleet. */
export function programs(parent) {
  return children(parent).filter(({ words }) => words.includes("\0fleet\0apply\0"));
}

/** Returns whether a process has not ended. A zombie has no command line. */
export function isRunning(pid) {
  return read(`/proc/${pid}/cmdline`) !== "";
}

/** Reads a file of a process, which may end meanwhile. */
function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
