// Creates, updates, lists and describes every example of the document in the sandbox.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret, ValidationError, describedProvider, reveal } from "ocamba-hood";
import { examples, sandbox } from "./helpers.mjs";

const client = (await sandbox()).client();

test("document has examples", () => assert.notEqual(Object.keys(examples).length, 0));

for (const [folder, request] of Object.entries(examples)) {
  test(`create returns the example of ${folder} unchanged`, async () => {
    const integration = await client.integrations.create(request);
    const { id, name, provider_id, settings } = JSON.parse(reveal(() => JSON.stringify(integration)));
    assert.match(id, /^\d+$/);
    assert.deepEqual({ name, provider_id, settings, status: integration.status }, request);
    assert.ok(Object.values(integration.settings).some((value) => value instanceof Secret), "one setting is hidden");
  });

  test(`create accepts the result of ${folder}`, async () => {
    const { settings } = await client.integrations.create(request);
    const again = await client.integrations.create({ ...request, settings });
    assert.deepEqual(reveal(() => JSON.stringify(again.settings)), reveal(() => JSON.stringify(settings)));
  });

  test(`update changes each setting of ${folder}`, async () => {
    const { id } = await client.integrations.create(request);
    const { provider_id, settings } = request;
    for (const [setting, value] of Object.entries(settings)) {
      await client.integrations.update(id, { provider_id, settings: { [setting]: value } });
    }
    const listed = await client.integrations.list({ provider_id }).all();
    assert.ok(listed.every((integration) => integration.provider_id === provider_id));
    const integration = listed.find((integration) => integration.id === id);
    assert.deepEqual(JSON.parse(reveal(() => JSON.stringify(integration.settings))), settings);
    assert.ok(Object.values(integration.settings).some((value) => value instanceof Secret), "one setting is hidden");
  });

  test(`server describes the required settings of ${folder}`, async () => {
    const described = (await client.providers.list().all()).find(({ id }) => id === request.provider_id);
    const create = describedProvider(described, { ...request, name: "described" });
    assert.equal((await client.integrations.ensure(create)).integration.provider_id, request.provider_id);
    assert.throws(() => describedProvider(described, { ...request, settings: {} }), ValidationError);
  });
}
