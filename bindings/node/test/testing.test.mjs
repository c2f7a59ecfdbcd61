// What `ocamba-hood/testing` offers to users' tests.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { promisify } from "node:util";
import { Client, Secret } from "ocamba-hood";
import { Sandbox } from "ocamba-hood/testing";
import { example, examples, rejection, sandbox as start } from "./helpers.mjs";

for (const tls of [false, true]) {
  test(`faults, journal and integrations are controlled, ${tls ? "with" : "without"} TLS`, async () => {
    const sandbox = await start({ limits: false, tls });
    const { integrations } = sandbox.client({ maxRetries: 0 });
    const settings = Object.fromEntries(Object.entries(example.settings).map(([name, value]) => [name, new Secret(value)]));
    const id = await sandbox.addIntegration({ ...example, settings });
    assert.deepEqual(await sandbox.journal(), []);
    assert.equal((await integrations.get(id)).name, example.name);
    await sandbox.setFaults({ operation: "createIntegration", times: 1, fault: { answer: { status: 503 } } });
    await sandbox.addFaults({ operation: "getIntegration", fault: { answer: { status: 500 } } });
    assert.equal((await rejection(integrations.create(example))).name, "ServerError");
    assert.equal((await rejection(integrations.get(id))).name, "ServerError");
    assert.deepEqual((await sandbox.faults()).map((fault) => fault.operation), ["getIntegration"]);
    await sandbox.clearFaults();
    const second = await integrations.create({ ...example, name: "Ünïcödé\r\n\r\n" });
    const journal = await sandbox.journal();
    assert.deepEqual(
      journal.map(({ operation, status }) => [operation, status]),
      [["getIntegration", 200], ["createIntegration", 503], ["getIntegration", 500], ["createIntegration", 201]],
    );
    assert.deepEqual([journal.at(-1).committed, journal.at(-1).integration_id], [true, second.id]);
    assert.equal(journal.at(-1).name, "Ünïcödé\r\n\r\n");
    await sandbox.clearJournal();
    assert.deepEqual(await sandbox.journal(), []);
    await sandbox.reset();
    assert.deepEqual(await integrations.list().all(), []);
  });
}

test("a sheet is the seed, and a file keeps the state", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ocamba-sandbox-"));
  const [seed, state] = [join(folder, "seed.json"), join(folder, "state.json")];
  writeFileSync(seed, JSON.stringify(["first", "second"].map((name) => ({ ...example, name }))));
  const names = async (sandbox) => (await sandbox.client().integrations.list().all()).map(({ name }) => name);
  const first = await start({ limits: false, seed, state });
  assert.deepEqual(await names(first), ["first", "second"]);
  await first.addIntegration({ ...example, name: "third" });
  await first.stop();
  const second = await start({ limits: false, seed, state });
  assert.deepEqual(await names(second), ["first", "second", "third"]);
  await assert.rejects(Sandbox.start({ state }), /another sandbox uses it/);
  await second.reset();
  assert.deepEqual(await names(second), ["first", "second"]);
  await second.stop();
  rmSync(folder, { recursive: true });
});

test("invalid faults and requests are named", async () => {
  const sandbox = await start();
  await assert.rejects(sandbox.setFaults({ fault: { anser: {} } }), /refused the faults: .*anser/);
  await assert.rejects(sandbox.setFaults({ operation: () => 1, fault: { answer: { status: 503 } } }), /faults\.0\.operation must not be a function/);
  await assert.rejects(sandbox.addIntegration({ name: "Example" }), /refused the integrations: .*provider_id/);
  await assert.rejects(sandbox.addIntegration(new Map()), /^ValidationError: request must be plain data/);
  assert.deepEqual(await sandbox.faults(), []);
});

test("sandbox ends with its process, even if that is killed", { timeout: 60_000 }, async () => {
  const source = `import("ocamba-hood/testing").then(async ({ Sandbox }) => {
    process.stdout.write((await Sandbox.start()).url, () => process.kill(process.pid, "SIGKILL"));
  });`;
  const { stdout } = await rejection(promisify(execFile)(process.execPath, ["--eval", source]));
  // It ends a moment after its process.
  for (let isServed = true; isServed; ) {
    isServed = await fetch(`${stdout}/_sandbox/journal`).then((response) => response.text(), () => false);
  }
});

describe("sandbox for tests", () => {
  process.env.OCAMBA_TOKEN = "of-the-user";
  const sandbox = Sandbox.forTests({ before, beforeEach, after }, { limits: false });
  for (const early of [() => sandbox.url, () => sandbox.env, () => sandbox.client()]) assert.throws(early, /within tests/);
  assert.throws(() => Sandbox.forTests({ before, beforeEach }), /needs the hooks/);
  for (const number of [1, 2]) {
    test(`is empty, and used by clients without options: ${number}`, async () => {
      assert.deepEqual(await sandbox.client().integrations.list().all(), []);
      await new Client().integrations.create(Object.values(examples)[number]);
      assert.equal((await sandbox.journal()).length, 2);
    });
  }
  after(() => {
    assert.equal(process.env.OCAMBA_TOKEN, "of-the-user");
    assert.ok(!("OCAMBA_BASE_URL" in process.env));
    delete process.env.OCAMBA_TOKEN;
  });
});
