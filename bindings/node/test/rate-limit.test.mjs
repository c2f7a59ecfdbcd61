// The state of the rate limit, and the warning where it cannot be shared.
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Fleet } from "ocamba-fleet";
import { account, rows } from "./fleets.mjs";
import { example, sandbox } from "./helpers.mjs";

const folder = mkdtempSync(join(tmpdir(), "ocamba-hood-rate-limit-"));
after(() => rmSync(folder, { recursive: true, force: true }));

test("status counts the requests of all clients", async () => {
  const made = await sandbox();
  const [one, other] = [0, 1].map(() => made.client({ rateLimit: "shared", rateLimitDir: folder }));
  await one.integrations.create(example);
  const { used_in_second, ...status } = await other.rateLimitStatus();
  assert.ok(used_in_second <= 1);
  assert.deepEqual(status, {
    storage: "file",
    fallback_reason: null,
    tier: "10/150",
    used_in_minute: 1,
    in_flight: 0,
    in_flight_limit: null,
    blocked_for: 0,
    waiting: 0,
  });
});

test("folder that cannot be used is warned of once, and fails no call", async () => {
  const made = await sandbox();
  const rateLimitDir = join(folder, "file");
  writeFileSync(rateLimitDir, "not a folder");
  const client = made.client({ rateLimit: "shared", rateLimitDir });
  const warnings = [];
  process.on("warning", (warning) => warnings.push(warning));
  const warned = once(process, "warning");
  await client.integrations.create(example);
  await warned;
  await client.integrations.create(example);
  const { storage, fallback_reason, used_in_minute } = await client.rateLimitStatus();
  assert.deepEqual([storage, used_in_minute], ["memory", 2]);
  assert.ok(warnings.length === 1 && warnings[0].name === "HoodWarning");
  assert.ok(warnings[0].message.startsWith(fallback_reason) && fallback_reason.includes(rateLimitDir));
});

test("fleet warns of a folder that cannot be used", async () => {
  const made = await sandbox();
  const before = process.env.OCAMBA_RATE_LIMIT_DIR;
  process.env.OCAMBA_RATE_LIMIT_DIR = join(folder, "fleet");
  writeFileSync(process.env.OCAMBA_RATE_LIMIT_DIR, "not a folder");
  const warned = once(process, "warning");
  const options = { ...account(made), rateLimit: "shared", ledger: join(folder, "ledger") };
  const report = await new Fleet(rows(2)).apply(options).finally(() => (process.env.OCAMBA_RATE_LIMIT_DIR = before));
  const [warning] = await warned;
  assert.ok(report.isComplete && warning.name === "HoodWarning");
});
