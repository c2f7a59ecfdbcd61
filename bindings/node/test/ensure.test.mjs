// Calls that may be made again, whatever became of the last time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { DuplicateError, HoodError, reveal } from "ocamba-hood";
import { example, misbehave, rejection, requestsDuring, sandbox } from "./helpers.mjs";

const made = await sandbox();
const { integrations } = made.client({ maxRetries: 0 });
const named = (name) => ({ ...example, name });
const [[setting, value]] = Object.entries(example.settings);
const called = async (name) => (await integrations.list().all()).filter((integration) => integration.name === name);
/** What a create is rejected with when the sandbox misbehaves so. */
const failed = async (request, fault) => {
  await misbehave(made, { operation: "createIntegration", times: 1, fault });
  return rejection(integrations.create(request));
};

test("it is created, then adopted, then updated", async () => {
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

test("of many at once one is created, and the others adopted", async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => integrations.ensure(named("at once"))));
  const actions = all.map(({ action }) => action).sort();
  assert.deepEqual([actions[18], actions[19]], ["adopted", "created"]);
  assert.equal(new Set(all.map(({ integration }) => integration.id)).size, 1);
});

test("where a name stands twice already, the error lists the ids", async () => {
  const ids = [await integrations.create(named("twice")), await integrations.create(named("twice"))].map(({ id }) => id);
  const asked = await requestsDuring(made, async () => {
    const error = await rejection(integrations.ensure(named("twice")));
    assert.ok(error instanceof DuplicateError && error instanceof HoodError);
    assert.deepEqual([error.name, error.code, error.outcome], ["DuplicateError", "duplicate", "not_sent"]);
    for (const id of ids) assert.match(error.message, new RegExp(`\\b${id}\\b`));
  });
  assert.ok(asked.every((operation) => operation === "listIntegrations"), `${asked}`);
});

test("after an unknown outcome it is looked for, and created once", async () => {
  for (const at of ["commit", "read"]) {
    await misbehave(made, { operation: "createIntegration", times: 1, fault: { close: { at } } });
    const request = named(`lost at ${at}`);
    const ensured = await integrations.ensure(request, { reconcileTimeout: 300, maxRetries: 1 });
    assert.equal(ensured.action, "created");
    assert.deepEqual((await called(request.name)).map(({ id }) => id), [ensured.integration.id]);
  }
});

test("what was created, though the connection broke, is found", async () => {
  const error = await failed(named("committed"), { close: { at: "commit" } });
  assert.deepEqual([error.name, error.outcome], ["OutcomeUnknownError", "unknown"]);
  const found = await integrations.findCreated(error);
  assert.deepEqual([found.name, found.provider_id], ["committed", example.provider_id]);
  assert.deepEqual(found.id, (await called("committed"))[0].id);
  const { value, status } = await integrations.withResponse.findCreated(error);
  assert.deepEqual([value.id, status], [found.id, 200]);
});

test("what was never created is not", async () => {
  const error = await failed(named("never"), { close: { at: "read" } });
  assert.equal(error.outcome, "unknown");
  const began = performance.now();
  assert.equal(await integrations.findCreated(error, { reconcileTimeout: 400 }), null);
  assert.ok(performance.now() - began > 200, "the server is given its time");
  assert.equal(await integrations.findCreated(error, { reconcileTimeout: 0 }), null);
});

test("what commits late is waited for", async () => {
  await misbehave(made, { operation: "createIntegration", times: 1, fault: { delay: { ms: 600, at: "read" } } });
  const error = await rejection(integrations.create(named("late"), { timeout: 200 }));
  assert.deepEqual([error.name, error.outcome], ["TimeoutError", "unknown"]);
  assert.equal((await integrations.findCreated(error)).name, "late");
});

test("what was applied, and its answer not read, is found", async () => {
  const error = await failed(named("applied"), { answer: { status: 201, body: { html: "<h1>" }, at: "commit" } });
  assert.deepEqual([error.name, error.outcome], ["UnreadableResponseError", "applied"]);
  assert.equal((await integrations.findCreated(error)).name, "applied");
});

test("a create that was aborted after it was sent is found, and one before is not looked for", async () => {
  await misbehave(made, { operation: "createIntegration", times: 1, fault: { hang: { at: "commit" } } });
  const error = await rejection(integrations.create(named("aborted"), { signal: AbortSignal.timeout(200) }));
  assert.deepEqual([error.name, error.outcome], ["AbortError", "unknown"]);
  assert.equal((await integrations.findCreated(error)).name, "aborted");
  const before = await rejection(integrations.create(example, { signal: AbortSignal.abort() }));
  assert.equal((await rejection(integrations.findCreated(before))).name, "ValidationError");
});

test("what an error is looked for by is nowhere to be seen", async () => {
  const error = await failed(named("hidden-name"), { close: { at: "read" } });
  const views = [inspect(error, { showHidden: true, depth: 9 }), JSON.stringify(error), Reflect.ownKeys(error).map(String).join()];
  for (const view of views) assert.doesNotMatch(view, /hidden-name|unconfirmed_create/);
});

test("another error has nothing to find", async () => {
  const refused = await rejection(integrations.create(named("")));
  for (const error of [refused, new HoodError(), new Error("canary"), { ...refused }, undefined, null, "canary"]) {
    const { name, field_errors, message } = await rejection(integrations.findCreated(error));
    assert.deepEqual([name, field_errors[0].field], ["ValidationError", "error"]);
    assert.doesNotMatch(message, /canary/);
  }
});
