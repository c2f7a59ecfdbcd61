// The worker in Node: see src/workers.rs.

import { createInterface } from "node:readline";
import { Client, HoodError } from "ocamba-hood";

const [inFlight, timeout, maxRetries] = process.argv.slice(2).map(Number);
const request = JSON.parse(process.env.TORTURE_REQUEST);
const client = new Client({ timeout: timeout * 1000, maxRetries });
const names = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function create(name) {
  const report = { name, id: null, outcome: null, kind: null };
  const started = performance.now();
  try {
    report.id = (await client.integrations.create({ ...request, name })).id;
  } catch (error) {
    if (!(error instanceof HoodError)) throw error;
    Object.assign(report, { outcome: error.outcome, kind: error.code });
  }
  return { ...report, seconds: (performance.now() - started) / 1000, tasks: process.getActiveResourcesInfo().length };
}

async function oneAfterAnother() {
  for await (const name of names) {
    const report = await create(name);
    process.stdout.write(`${JSON.stringify(report)}\n`);
  }
}

await Promise.all(Array.from({ length: inFlight }, oneAfterAnother));
