// Calls on existing integrations.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret, reveal, unknownProvider } from "ocamba-hood";
import { example, recording, sandbox } from "./helpers.mjs";

const made = await sandbox();
const { integrations } = made.client();
const [setting, value] = Object.entries(example.settings)[0];
const clear = (value) => JSON.parse(reveal(() => JSON.stringify(value)));

test("get returns all fields and hides secrets", async () => {
  const { id } = await integrations.create(example);
  const integration = await integrations.get(id);
  assert.equal(integration.id, id);
  assert.deepEqual(clear(integration.settings), example.settings);
  assert.ok(Object.values(integration.settings).some((value) => value instanceof Secret));
  assert.match(integration.create_time, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  assert.equal(typeof integration.effective_status, "string");
  assert.equal(integration.provider.id, example.provider_id);
  assert.ok(integration.provider.settings.some(({ name }) => name === setting), "the description is not hidden");
});

test("update sends null, but not omitted settings or the provider", async () => {
  const { client, sent } = await recording(204);
  const { integrations } = client();
  const { provider_id } = example;
  await integrations.update("7", { provider_id, settings: { [setting]: null } });
  await integrations.update("7", { name: "n", provider_id, settings: { [setting]: new Secret(value) } });
  await integrations.update("7", { status: "paused", name: undefined });
  await integrations.update("7", unknownProvider({ provider_id: "2000", settings: { a: null, b: [1] } }));
  assert.deepEqual(sent.map(({ body }) => body), [
    { settings: { [setting]: null } },
    { name: "n", settings: { [setting]: value } },
    { status: "paused" },
    { settings: { a: null, b: [1] } },
  ]);
  assert.ok(sent.every(({ method, url }) => method === "PATCH" && url === "/v1/hood/integrations/7"));
});

test("sendTest accepts an id or a request", async () => {
  const { client, sent } = await recording(204);
  assert.equal(await client().integrations.sendTest("7"), undefined);
  await client().integrations.sendTest(example);
  assert.deepEqual(sent.map(({ body }) => body), [{ integration: { id: "7" } }, { integration: example }]);
  assert.equal(sent[0].url, "/v1/hood/test-notification");
});

test("view with responses resolves to the status and headers of each call", async () => {
  const { id } = await integrations.create(example);
  const calls = {
    create: [201, example],
    validate: [204, example],
    ensure: [200, { ...example, name: "other" }],
    get: [200, id],
    update: [204, id, { name: "updated" }],
  };
  await integrations.create({ ...example, name: "other" });
  for (const [method, [expected, ...args]] of Object.entries(calls)) {
    const { value, status, headers, trace_id } = await integrations.withResponse[method](...args);
    assert.equal(status, expected, method);
    assert.equal(typeof headers.date, "string");
    assert.ok(trace_id === null || typeof trace_id === "string");
    assert.equal(value === undefined, expected === 204, method);
  }
});
