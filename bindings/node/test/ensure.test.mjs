// Calls that can be repeated after any outcome.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { DuplicateError, HoodError, reveal } from "ocamba-hood";
import { created, example, misbehave, rejection, requestsDuring, sandbox } from "./helpers.mjs";

const made = await sandbox();
const { integrations } = made.client({ maxRetries: 0 });
const named = (name) => ({ ...example, name });
const [[setting, value]] = Object.entries(example.settings);
const called = async (name) => (await integrations.list().all()).filter((integration) => integration.name === name);
/** Returns the error of a create with this fault. */
const failed = async (request, fault) => {
  await misbehave(made, { operation: "createIntegration", times: 1, fault });
  return rejection(integrations.create(request));
};

test("ensure creates, then adopts, then updates", async () => {
  const request = named("ensured");
  const first = await integrations.ensure(request);
  assert.equal(first.action, "created");
  const second = await integrations.ensure(request);
  assert.deepEqual([second.action, second.integration.id], ["adopted", first.integration.id]);
  const changed = { ...request, settings: { ...request.settings, [setting]: `x${value}` } };
  const third = await integrations.ensure(changed);
  assert.deepEqual([third.action, third.integration.id], ["updated", first.integration.id]);
  assert.deepEqual(JSON.parse(reveal(() => JSON.stringify(third.integration.settings))), changed.settings);
  assert.equal((await called("ensured")).length, 1);
});

test("concurrent ensures create one integration and adopt it", async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => integrations.ensure(named("at once"))));
  const actions = all.map(({ action }) => action).sort();
  assert.deepEqual([actions[18], actions[19]], ["adopted", "created"]);
  assert.equal(new Set(all.map(({ integration }) => integration.id)).size, 1);
});

test("ensure fails with the ids when a name appears more than once", async () => {
  const ids = [await integrations.create(named("twice")), await integrations.create(named("twice"))].map(({ id }) => id);
  const asked = await requestsDuring(made, async () => {
    const error = await rejection(integrations.ensure(named("twice")));
    assert.ok(error instanceof DuplicateError && error instanceof HoodError);
    assert.deepEqual([error.name, error.code, error.outcome], ["DuplicateError", "duplicate", "not_sent"]);
    for (const id of ids) assert.match(error.message, new RegExp(`\\b${id}\\b`));
  });
  assert.ok(asked.every((operation) => operation === "listIntegrations"), `${asked}`);
});

test("findCreated returns the integration when the connection broke after the create", async () => {
  const error = await failed(named("committed"), { close: { at: "commit" } });
  assert.deepEqual([error.name, error.outcome], ["OutcomeUnknownError", "unknown"]);
  const found = await integrations.findCreated(error);
  assert.deepEqual([found.name, found.provider_id], ["committed", example.provider_id]);
  assert.deepEqual(found.id, (await called("committed"))[0].id);
  const { value, status } = await integrations.withResponse.findCreated(error);
  assert.deepEqual([value.id, status], [found.id, 200]);
});

test("findCreated accepts an abort only when the request was sent", async () => {
  await misbehave(made, { operation: "createIntegration", times: 1, fault: { hang: { at: "commit" } } });
  const controller = new AbortController();
  const pending = rejection(integrations.create(named("aborted"), { signal: controller.signal }));
  while (!(await created(made)).aborted) await new Promise(setImmediate);
  controller.abort();
  const error = await pending;
  assert.deepEqual([error.name, error.outcome], ["AbortError", "unknown"]);
  assert.equal((await integrations.findCreated(error)).name, "aborted");
  const before = await rejection(integrations.create(example, { signal: AbortSignal.abort() }));
  assert.equal((await rejection(integrations.findCreated(before))).name, "ValidationError");
});

test("longest timeouts are accepted", async () => {
  const longest = { timeout: 1e22, connectTimeout: 1e22, reconcileTimeout: 1e22 };
  await misbehave(made, { operation: "createIntegration", times: 1, fault: { close: { at: "commit" } } });
  assert.equal((await integrations.ensure(named("longest"), longest)).integration.name, "longest");
  const error = await failed(named("longest, too"), { close: { at: "commit" } });
  assert.equal((await integrations.findCreated(error, longest)).name, "longest, too");
});

test("error hides the unconfirmed create", async () => {
  const error = await failed(named("hidden-name"), { close: { at: "read" } });
  const views = [inspect(error, { showHidden: true, depth: 9 }), JSON.stringify(error), Reflect.ownKeys(error).map(String).join()];
  for (const view of views) assert.doesNotMatch(view, /hidden-name|unconfirmed_create/);
});

test("findCreated rejects any other error", async () => {
  const refused = await rejection(integrations.create(named("")));
  for (const error of [refused, new HoodError(), new Error("canary"), { ...refused }, undefined, null, "canary"]) {
    const { name, field_errors, message } = await rejection(integrations.findCreated(error));
    assert.deepEqual([name, field_errors[0].field], ["ValidationError", "error"]);
    assert.doesNotMatch(message, /canary/);
  }
});
