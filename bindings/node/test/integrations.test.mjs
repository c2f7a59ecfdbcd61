// What can be done with integrations that are there.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret, reveal, unknownProvider } from "ocamba-hood";
import { example, misbehave, recording, rejection, requestsDuring, sandbox, server } from "./helpers.mjs";

const made = await sandbox();
const { integrations } = made.client();
const [setting, value] = Object.entries(example.settings)[0];
const clear = (value) => JSON.parse(reveal(() => JSON.stringify(value)));

test("what was created is got, in full, and its secrets hide", async () => {
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

test("an update changes what it says, and nothing else", async () => {
  const { id } = await integrations.create(example);
  assert.equal(await integrations.update(id, { name: "another", status: "paused" }), undefined);
  const { provider_id } = example;
  await integrations.update(id, { provider_id, settings: { [setting]: `x${value}` } });
  const { name, status, settings } = clear(await integrations.get(id));
  assert.deepEqual({ name, status }, { name: "another", status: "paused" });
  assert.deepEqual(settings, { ...example.settings, [setting]: `x${value}` });
});

test("a setting that is null is sent as null, one that is left out is not, and neither is the provider", async () => {
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

test("credentials are checked, and nothing is created", async () => {
  assert.equal(await integrations.validate(example), undefined);
  const asked = await requestsDuring(made, async () => {
    await misbehave(made, { operation: "validateIntegration", fault: { answer: { status: 400 } } });
    const error = await rejection(integrations.validate(example));
    assert.deepEqual([error.name, error.outcome], ["BadRequestError", "rejected"]);
    await misbehave(made);
  });
  assert.ok(asked.includes("validateIntegration") && !asked.includes("createIntegration"), `${asked}`);
});

test("a test message is sent for an id, and for a request", async () => {
  const { client, sent } = await recording(204);
  assert.equal(await client().integrations.sendTest("7"), undefined);
  await client().integrations.sendTest(example);
  assert.deepEqual(sent.map(({ body }) => body), [{ integration: { id: "7" } }, { integration: example }]);
  assert.equal(sent[0].url, "/v1/hood/test-notification");
});

test("where no answer is promised, any will do", async () => {
  for (const body of ["", "null", "<html>", "{"]) {
    const { client } = await server((request, response) => request.resume().on("end", () => response.writeHead(200).end(body)));
    const { integrations } = client();
    assert.equal(await integrations.update("7", { name: "n" }), undefined);
    assert.equal(await integrations.validate(example), undefined);
    assert.equal(await integrations.sendTest("7"), undefined);
  }
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
