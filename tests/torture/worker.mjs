// The worker in Node: see src/workers.rs.

import { Client, HoodError } from "ocamba-hood";

const [prefix, creates, inFlight, timeout] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const request = JSON.parse(process.env.TORTURE_REQUEST);
const client = new Client({ timeout: timeout * 1000 });
let next = 0;

async function create(name) {
  try {
    const { id } = await client.integrations.create({ ...request, name });
    return { name, id, outcome: null, kind: null };
  } catch (error) {
    if (!(error instanceof HoodError)) throw error;
    return { name, id: null, outcome: error.outcome, kind: error.code };
  }
}

async function oneAfterAnother() {
  while (next < creates) {
    const report = await create(`${prefix}${next++}`);
    process.stdout.write(`${JSON.stringify(report)}\n`);
  }
}

await Promise.all(Array.from({ length: inFlight }, oneAfterAnother));
