// What must work under other runtimes too: Bun and Deno run this file, and Node could.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { inspect } from "node:util";
import { Client, HoodError, Secret, ValidationError } from "ocamba-hood";
import { Sandbox } from "ocamba-hood/testing";
import { readFileSync, readdirSync } from "node:fs";

const examples = new URL("../../examples/", import.meta.url);
const folders = readdirSync(examples).filter((folder) => !["errors", "operations"].includes(folder));
assert.equal(createRequire(import.meta.url)("ocamba-hood").Client, Client);

const sandbox = await Sandbox.start({ limits: false });
const client = sandbox.client();
for (const folder of folders) {
  const request = JSON.parse(readFileSync(new URL(`${folder}/request.json`, examples)));
  const { value, status } = await client.integrations.withResponse.create(request);
  assert.equal(status, 201);
  assert.equal(value.name, request.name);
  assert.ok(Object.values(value.settings).some((setting) => setting instanceof Secret));
  assert.ok(!inspect(value).includes("XXXX\"") && inspect(client).includes("[REDACTED]"));
  const many = Array.from({ length: 500 }, (_, i) => client.integrations.create({ ...request, name: `n ${i}` }));
  (await Promise.all(many)).forEach(({ name }, i) => assert.equal(name, `n ${i}`));
}

assert.deepStrictEqual({ secret: new Secret("a") }, { secret: new Secret("a") });
assert.throws(() => assert.deepStrictEqual({ secret: new Secret("a") }, { secret: new Secret("b") }));
const ids = new Set();
for await (const { id } of client.integrations.list({ page_size: 500 })) ids.add(id);
assert.equal(ids.size, folders.length * 501);
const [{ id }] = (await client.integrations.list({ page_size: 1 }).page(1)).items;
const before = await client.integrations.get(id);
await client.integrations.update(id, { name: "ensured" });
const { integration, action } = await client.integrations.ensure({
  name: "ensured",
  provider_id: before.provider_id,
  settings: before.settings,
});
assert.deepEqual([integration.id, action], [id, "adopted"]);
assert.equal((await client.providers.list().all()).length, folders.length);

const wrong = await client.integrations.create({}).catch((error) => error);
assert.ok(wrong instanceof ValidationError && wrong instanceof HoodError && wrong.field_errors.length > 0);
const controller = new AbortController();
const request = JSON.parse(readFileSync(new URL(`${folders[0]}/request.json`, examples)));
const pending = client.integrations.create(request, { signal: controller.signal }).catch((error) => error);
controller.abort();
assert.equal((await pending).name, "AbortError");
await sandbox.stop();
const runtime = globalThis.Bun ? `Bun ${Bun.version}` : globalThis.Deno ? `Deno ${Deno.version.deno}` : "Node";
console.log(`  ${runtime}: ${folders.length} providers created`);
