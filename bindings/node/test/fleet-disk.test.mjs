// A disk that becomes full during a run: the error names the rows that were made and could not be recorded.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { account, folder, rows } from "./fleets.mjs";
import { created, rejection, sandbox } from "./helpers.mjs";

const files = folder();
const limited = join(files, "limited");
const fleet = createRequire(createRequire(import.meta.url).resolve("ocamba-fleet"));
const { binary } = fleet("ocamba-cli");
// A program that cannot write a file of more than 40 KB, if LIMIT is set.
const script = `#!/bin/sh\ntrap '' XFSZ\nulimit -f \${LIMIT:-unlimited}\nexec '${binary}' "$@"\n`;
writeFileSync(limited, script, { mode: 0o700 });
fleet.cache[fleet.resolve("ocamba-cli")].exports = { binary: limited };
const { Fleet } = await import("ocamba-fleet");

test("error has the rows that the ledger lacks, and they are not made again", async () => {
  const [server, ledger] = [await sandbox(), join(files, "ledger")];
  const apply = (options) => new Fleet(rows(60)).apply({ ...account(server), ledger, ...options });
  process.env.LIMIT = "80";
  const error = await rejection(apply({ inFlight: 4 }));
  delete process.env.LIMIT;
  assert.deepEqual([error.code, error.outcome], ["ledger", "unknown"], error);
  assert.ok(error.made.length > 0 && error.made.length <= 8, JSON.stringify(error));
  for (const { line, name, id } of error.made) {
    assert.ok(error.message.includes(`line ${line}, "${name}" (id ${id})`), error.message);
  }
  const report = await apply({ reconcileTimeout: 200 });
  assert.equal(report.isComplete, true);
  const ids = new Map(report.rows.map(({ name, id }) => [name, id]));
  for (const { name, id } of error.made) assert.equal(ids.get(name), id);
  assert.deepEqual(await created(server), Object.fromEntries(rows(60).map(({ name }) => [name, 1])));
});

test("error of a result file has the rows", async () => {
  const server = await sandbox();
  const run = new Fleet(rows(3)).apply({ ...account(server), ledger: join(files, "other"), report: "/dev/full" });
  const { message, made } = await rejection(run);
  assert.match(message, /\/dev\/full cannot be written/);
  assert.deepEqual(made.map(({ line }) => line), [1, 2, 3]);
});
