// What the diagnostics channel tells.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import { inspect } from "node:util";
import { answering, example, misbehave, rejection, sandbox } from "./helpers.mjs";

test("each request on the wire is told, in the async context of its call", async () => {
  const context = new AsyncLocalStorage();
  const told = [];
  const listener = (message) => told.push({ ...message, context: context.getStore() });
  subscribe("ocamba-hood:request", listener);
  const sound = await answering(201, { id: "7" }, { "x-trace-id": "t-1" });
  const failing = await answering(500, { code: 500, title: "Failed.", trace_id: "t-2" });
  await context.run("mine", () => sound.client().integrations.create(example));
  await context.run("other", () => rejection(failing.client().integrations.create(example)));
  unsubscribe("ocamba-hood:request", listener);
  await sound.client().integrations.create(example);

  assert.equal(told.length, 2);
  const [first, second] = told.map(({ duration, ...rest }) => (assert.ok(duration > 0), rest));
  const wire = { operation: "create_integration", method: "POST", path: "/v1/hood/integrations", attempt: 1 };
  assert.deepEqual(first, { ...wire, status: 201, trace_id: "t-1", error: null, context: "mine" });
  assert.deepEqual(second, { ...wire, status: 500, trace_id: "t-2", error: "server_error", context: "other" });
});

test("each operation tells its requests: the path with the id, and no secret", async () => {
  const told = [];
  const listener = (message) => told.push(message);
  const made = await sandbox();
  const { integrations, providers } = made.client({ maxRetries: 0 });
  const { id } = await integrations.create(example);
  const { provider_id, settings } = example;
  const all = "/v1/hood/integrations";
  const calls = [
    [() => integrations.validate(example), ["validate_integration", "POST", `${all}/validate`]],
    [() => integrations.get(id), ["get_integration", "GET", `${all}/${id}`]],
    [() => integrations.update(id, { provider_id, settings }), ["update_integration", "PATCH", `${all}/${id}`]],
    [() => integrations.list({ q: "canary" }).all(), ["list_integrations", "GET", all]],
    [() => integrations.list().page(1), ["list_integrations", "GET", all]],
    [() => integrations.sendTest(id), ["send_test_notification", "POST", "/v1/hood/test-notification"]],
    [() => providers.list().all(), ["list_providers", "GET", "/v1/hood/providers"]],
    [() => integrations.ensure(example), ["list_integrations", "GET", all]],
    [() => integrations.ensure({ ...example, name: "other" }), ["list_integrations", "GET", all], ["create_integration", "POST", all]],
  ];
  subscribe("ocamba-hood:request", listener);
  for (const [work, ...expected] of calls) {
    told.length = 0;
    await work();
    assert.deepEqual(told.map(({ operation, method, path }) => [operation, method, path]), expected);
    assert.ok(told.every(({ error }) => error === null));
    for (const value of [...Object.values(settings), "canary"]) assert.ok(!inspect(told).includes(value), value);
  }

  // Of several requests the last one has failed.
  told.length = 0;
  await misbehave(made, { operation: "createIntegration", fault: { answer: { status: 400 } } });
  await rejection(integrations.ensure({ ...example, name: "refused" }));
  assert.deepEqual(told.map(({ status, error }) => [status, error]), [[200, null], [400, "bad_request"]]);
  unsubscribe("ocamba-hood:request", listener);
});
