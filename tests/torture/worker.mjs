// The worker in Node: see src/workers.rs.

import { createInterface } from "node:readline";
import { Client, HoodError } from "ocamba-hood";

const [inFlight, timeout, maxRetries] = process.argv.slice(2).map(Number);
const request = JSON.parse(process.env.TORTURE_REQUEST);
const client = new Client({ timeout: timeout * 1000, maxRetries });
const names = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const self = `node-${process.pid}`;
// Ways in which a create ends early.
const early = ["deadline", "cancel"];
let calls = 0;

function write(event, id, more) {
  process.stdout.write(`${JSON.stringify({ event, id, ...more, at_ms: performance.timeOrigin + performance.now() })}\n`);
}

async function call(line) {
  const [operation, id, name = ""] = line.includes(":") ? line.split(":") : ["create", "", line];
  const number = `${self}-${calls++}`;
  const kind = early.includes(operation) ? "create" : ["create", "update"].includes(operation) ? operation : "other";
  write("invoke", number, { process: self, operation: kind, name });
  const report = { name, outcome: "ok", integration: null, kind: null };
  const started = performance.now();
  try {
    report.integration = await carryOut(operation, id, name);
  } catch (error) {
    if (!(error instanceof HoodError)) throw error;
    const { outcome } = error;
    const ended = error.name === "AbortError" ? { outcome: "cancelled", progress: outcome } : { outcome };
    Object.assign(report, ended, { kind: error.code });
  }
  const seconds = (performance.now() - started) / 1000;
  write("return", number, { ...report, seconds, tasks: process.getActiveResourcesInfo().length });
}

/** Carries out an operation, and returns the id of the result, if it has one. */
async function carryOut(operation, id, name) {
  const { integrations } = client;
  if (operation === "create") return (await integrations.create({ ...request, name })).id;
  if (operation === "get") return (await integrations.get(id)).id;
  if (operation === "list") await integrations.list().all();
  else if (operation === "deadline") {
    return (await integrations.create({ ...request, name }, { timeout: id * 1000 })).id;
  } else if (operation === "cancel") return (await aborted(id * 1000, name)).id;
  else if (operation === "validate") await integrations.validate(request);
  else if (operation === "update") await integrations.update(id, { name });
  else if (operation === "send_test") await integrations.sendTest(id);
  else throw new Error(`${operation} is not an operation`);
  return null;
}

/** Aborts a create after this time, which a timer would round to milliseconds. */
function aborted(milliseconds, name) {
  const controller = new AbortController();
  const until = performance.now() + milliseconds;
  const wait = () => (performance.now() < until ? setImmediate(wait) : controller.abort());
  wait();
  return client.integrations.create({ ...request, name }, { signal: controller.signal });
}

async function oneAfterAnother() {
  for await (const name of names) await call(name);
}

await Promise.all(Array.from({ length: inFlight }, oneAfterAnother));
