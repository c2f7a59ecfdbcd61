// Every example of the document in the sandbox: created, changed, listed, described.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret, ValidationError, describedProvider, reveal } from "ocamba-hood";
import { examples, sandbox } from "./helpers.mjs";

const client = (await sandbox()).client();

test("there are examples", () => assert.notEqual(Object.keys(examples).length, 0));

for (const [folder, request] of Object.entries(examples)) {
  test(`the example of ${folder} is created, and comes back as it was sent`, async () => {
    const integration = await client.integrations.create(request);
    const { id, name, provider_id, settings } = JSON.parse(reveal(() => JSON.stringify(integration)));
    assert.match(id, /^\d+$/);
    assert.deepEqual({ name, provider_id, settings, status: integration.status }, request);
    assert.ok(Object.values(integration.settings).some((value) => value instanceof Secret), "one setting is hidden");
  });

  test(`the result of ${folder} can be sent again`, async () => {
    const { settings } = await client.integrations.create(request);
    const again = await client.integrations.create({ ...request, settings });
    assert.deepEqual(reveal(() => JSON.stringify(again.settings)), reveal(() => JSON.stringify(settings)));
  });

  test(`each setting of ${folder} is changed by itself, and listed`, async () => {
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

  test(`what ${folder} needs is told by the server too`, async () => {
    const described = (await client.providers.list().all()).find(({ id }) => id === request.provider_id);
    const create = describedProvider(described, { ...request, name: "described" });
    assert.equal((await client.integrations.ensure(create)).integration.provider_id, request.provider_id);
    assert.throws(() => describedProvider(described, { ...request, settings: {} }), ValidationError);
  });
}
