// Settings checked against the server's description of their provider.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret, ValidationError, describedProvider } from "ocamba-hood";
import { example, recording, sandbox } from "./helpers.mjs";

const bot = {
  id: "2000",
  name: "Bot",
  settings: [{ name: "bot_token", type: "string", required: true }, { name: "port", type: "integer" }, { name: "odd", type: "owl" }],
};
const fields = (description, settings) => {
  try {
    describedProvider(description, { name: "n", settings });
    return [];
  } catch (error) {
    assert.ok(error instanceof ValidationError, error.stack);
    assert.match(error.stack, /provider-check\.test\.mjs/);
    assert.doesNotMatch(`${error.stack} ${JSON.stringify(error)}`, /canary/);
    assert.equal(error.outcome, "not_sent");
    return error.field_errors.map(({ field }) => field);
  }
};

test("described settings are sent", async () => {
  const { client, sent } = await recording(201, { id: "7" });
  const request = describedProvider(bot, { name: "n", settings: { bot_token: new Secret("123:abc"), port: 7 } });
  await client().integrations.create(request);
  assert.deepEqual(sent[0].body, { name: "n", provider_id: "2000", settings: { bot_token: "123:abc", port: 7 } });
});

test("each invalid setting is named", () => {
  assert.deepEqual(fields(bot, { bot_token: "canary", odd: ["canary"] }), []);
  assert.deepEqual(fields(bot, { port: "canary", foreign: 1 }), ["settings.bot_token", "settings.port", "settings.foreign"]);
  assert.deepEqual(fields(bot, { bot_token: new Secret(7) }), ["settings.bot_token"]);
  for (const settings of [undefined, null, "canary", ["canary"]]) assert.deepEqual(fields(bot, settings), ["settings"]);
  assert.deepEqual(fields(bot, { bot_token: 5n }), ["settings.bot_token"]);
  assert.deepEqual(fields({ ...bot, settings: null }, { anything: "goes" }), []);
});

test("invalid description is rejected", () => {
  for (const description of [undefined, null, "canary", {}, { id: true }, []]) {
    assert.deepEqual(fields(description, {}), ["description"]);
  }
});

test("server's descriptions accept their settings", async () => {
  const client = (await sandbox()).client();
  for await (const description of client.providers.list()) {
    if (description.id !== example.provider_id) continue;
    const { name, settings } = example;
    await client.integrations.create(describedProvider(description, { name, settings }));
    assert.deepEqual(fields(description, {}).sort(), Object.keys(settings).map((name) => `settings.${name}`).sort());
  }
  assert.equal((await client.integrations.list().page(1)).total, 1);
});
