// The worker in Node: see src/workers.rs.

import { createInterface } from "node:readline";
import { Client, HoodError } from "ocamba-hood";

const [inFlight, timeout, maxRetries] = process.argv.slice(2).map(Number);
const request = JSON.parse(process.env.TORTURE_REQUEST);
const client = new Client({ timeout: timeout * 1000, maxRetries });
const names = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function call(line) {
  const report = { name: line, id: null, outcome: null, kind: null };
  const started = performance.now();
  try {
    report.id = await carryOut(line);
  } catch (error) {
    if (!(error instanceof HoodError)) throw error;
    Object.assign(report, { outcome: error.outcome, kind: error.code });
  }
  return { ...report, seconds: (performance.now() - started) / 1000, tasks: process.getActiveResourcesInfo().length };
}

/** Carries out a line, and returns the id of the result, if it has one. */
async function carryOut(line) {
  const [name, id] = line.split(":");
  const { integrations } = client;
  if (id === undefined) return (await integrations.create({ ...request, name })).id;
  if (name === "get") return (await integrations.get(id)).id;
  if (name === "list") await integrations.list().all();
  else if (name === "validate") await integrations.validate(request);
  else if (name === "update") await integrations.update(id, { name: "other" });
  else if (name === "send_test") await integrations.sendTest(id);
  else throw new Error(`${name} is not an operation`);
  return null;
}

async function oneAfterAnother() {
  for await (const name of names) {
    const report = await call(name);
    process.stdout.write(`${JSON.stringify(report)}\n`);
  }
}

await Promise.all(Array.from({ length: inFlight }, oneAfterAnother));
