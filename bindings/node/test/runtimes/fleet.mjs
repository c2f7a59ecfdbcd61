// Fleets under other runtimes too: Bun and Deno run this file, and Node could.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Fleet, InvalidRowsError } from "ocamba-fleet";
import { Sandbox } from "ocamba-hood/testing";

const examples = new URL("../../examples/", import.meta.url);
const [provider] = readdirSync(examples).filter((folder) => !["errors", "operations"].includes(folder));
const request = JSON.parse(readFileSync(new URL(`${provider}/request.json`, examples)));
const folder = mkdtempSync(join(tmpdir(), "ocamba-fleet-"));
const sandbox = await Sandbox.start({ limits: false });
const options = { token: "sandbox-token", baseUrl: sandbox.url, rateLimit: "off", ledger: join(folder, "ledger") };

async function* rows() {
  for (let i = 0; i < 2_000; i += 1) yield { ...request, name: `n ${i}` };
}
// All of it takes less time than this process may be stopped for by others: without faults, it could be complete first.
await sandbox.setFaults({ operation: "createIntegration", skip: 100, fault: { delay: { ms: 500 } } });
const fleet = new Fleet(rows);
assert.equal(await fleet.check(), 2_000);
const controller = new AbortController();
const onProgress = ({ done }) => done > 0 && controller.abort();
const { stopped, counts } = await fleet.apply({ ...options, signal: controller.signal, onProgress });
assert.equal(stopped, "cancelled");
assert.ok(counts.created > 0 && counts.created + counts.pending === 2_000);
await sandbox.clearFaults();
const rest = await fleet.apply(options);
assert.deepEqual([rest.isComplete, rest.counts.created], [true, counts.pending]);
const error = await new Fleet([{}]).check().catch((error) => error);
assert.ok(error instanceof InvalidRowsError && error.row_errors.length > 0);
await sandbox.stop();
rmSync(folder, { recursive: true });
const runtime = globalThis.Bun ? `Bun ${Bun.version}` : globalThis.Deno ? `Deno ${Deno.version.deno}` : "Node";
console.log(`  ${runtime}: a fleet of ${rest.rows.length} applied, stopped once`);
