// Every example of the document, created in the sandbox.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret, reveal } from "ocamba-hood";
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
}
