// What the tests of fleets need.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { example, misbehave } from "./helpers.mjs";

/** A folder that goes with the tests of the file. */
export function folder() {
  const path = mkdtempSync(join(tmpdir(), "ocamba-fleet-"));
  after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** The account of a sandbox. */
export function account({ url }) {
  return { token: "sandbox-token", baseUrl: url, rateLimit: "off" };
}

/** So many rows, of names that begin so. */
export function rows(count, name = "row") {
  return Array.from({ length: count }, (_, i) => ({ ...example, name: `${name} ${i}` }));
}

/** Has every create take its time, so that a run can be met in its midst. */
export function slow(sandbox, ms = 20) {
  return misbehave(sandbox, { operation: "createIntegration", fault: { delay: { ms } } });
}

/** How often each name was created. */
export async function created({ url }) {
  const journal = await (await fetch(`${url}/_sandbox/journal`)).json();
  const counts = {};
  for (const { operation, committed, name } of journal) {
    if (operation === "createIntegration" && committed) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** The processes that this one has started, with their arguments. */
export function children(parent = process.pid) {
  const threads = readdirSync(`/proc/${parent}/task`);
  const pids = threads.flatMap((thread) => read(`/proc/${parent}/task/${thread}/children`).split(" "));
  return pids.filter((pid) => pid !== "").map((pid) => ({ pid: Number(pid), words: read(`/proc/${pid}/cmdline`) }));
}

/** Those of them that apply a fleet. */
export function programs(parent) {
  return children(parent).filter(({ words }) => words.includes("\0fleet\0apply\0"));
}

/** Whether a process has not ended: of one that nobody has asked for its end, nothing but its number is left. */
export function isRunning(pid) {
  return read(`/proc/${pid}/cmdline`) !== "";
}

/** One may end while it is looked at. */
function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
