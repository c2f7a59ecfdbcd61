// The messages of the diagnostics channel.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import { CANARY, hides, planted } from "./canary.mjs";
import { answering, example, misbehave, rejection, sandbox } from "./helpers.mjs";

test("channel receives each HTTP request in the async context of its call", async () => {
  const context = new AsyncLocalStorage();
  const messages = [];
  const listener = (message) => messages.push({ ...message, context: context.getStore() });
  subscribe("ocamba-hood:request", listener);
  const success = await answering(201, { id: "7" }, { "x-trace-id": "t-1" });
  const failure = await answering(500, { code: 500, title: "Failed.", trace_id: "t-2" });
  await context.run("mine", () => success.client().integrations.create(example));
  await context.run("other", () => rejection(failure.client().integrations.create(example)));
  unsubscribe("ocamba-hood:request", listener);
  await success.client().integrations.create(example);

  assert.equal(messages.length, 2);
  const [first, second] = messages.map(({ duration, ...rest }) => (assert.ok(duration > 0), rest));
  const wire = { operation: "create_integration", method: "POST", path: "/v1/hood/integrations", attempt: 1 };
  assert.deepEqual(first, { ...wire, status: 201, trace_id: "t-1", error: null, context: "mine" });
  assert.deepEqual(second, { ...wire, status: 500, trace_id: "t-2", error: "server_error", context: "other" });
});

test("message has the operation and the path of its request, and no secret", async () => {
  const messages = [];
  const listener = (message) => messages.push(message);
  const { request } = await planted();
  const made = await sandbox();
  const { integrations, providers } = made.client({ maxRetries: 0 });
  const { id } = await integrations.create(request);
  const { provider_id, settings } = request;
  const all = "/v1/hood/integrations";
  const calls = [
    [() => integrations.validate(request), ["validate_integration", "POST", `${all}/validate`]],
    [() => integrations.get(id), ["get_integration", "GET", `${all}/${id}`]],
    [() => integrations.update(id, { provider_id, settings }), ["update_integration", "PATCH", `${all}/${id}`]],
    [() => integrations.list({ q: CANARY }).all(), ["list_integrations", "GET", all]],
    [() => integrations.list().page(1), ["list_integrations", "GET", all]],
    [() => integrations.sendTest(id), ["send_test_notification", "POST", "/v1/hood/test-notification"]],
    [() => providers.list().all(), ["list_providers", "GET", "/v1/hood/providers"]],
    [() => integrations.ensure(request), ["list_integrations", "GET", all]],
    [() => integrations.ensure({ ...request, name: "other" }), ["list_integrations", "GET", all], ["create_integration", "POST", all]],
  ];
  subscribe("ocamba-hood:request", listener);
  for (const [work, ...expected] of calls) {
    messages.length = 0;
    await work();
    assert.deepEqual(messages.map(({ operation, method, path }) => [operation, method, path]), expected);
    assert.ok(messages.every(({ error }) => error === null));
    hides(messages, expected[0][0]);
  }

  // Only the last of several requests has the error.
  messages.length = 0;
  await misbehave(made, { operation: "createIntegration", fault: { answer: { status: 400 } } });
  await rejection(integrations.ensure({ ...request, name: "refused" }));
  assert.deepEqual(messages.map(({ status, error }) => [status, error]), [[200, null], [400, "bad_request"]]);
  unsubscribe("ocamba-hood:request", listener);
});
