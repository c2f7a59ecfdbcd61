// The messages of the diagnostics channel.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe, tracingChannel, unsubscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import { CANARY, hides, planted } from "./canary.mjs";
import { answering, example, misbehave, rejection, sandbox, server } from "./helpers.mjs";

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
  const [first, second] = messages.map(({ duration, started, url, host, port, ...rest }) => {
    assert.ok(duration > 0 && Math.abs(started - Date.now()) < 60_000);
    assert.deepEqual([url, host], [`http://127.0.0.1:${port}${rest.path}`, "127.0.0.1"]);
    return rest;
  });
  const path = "/v1/hood/integrations";
  const wire = { operation: "create_integration", method: "POST", path, path_template: path, attempt: 1 };
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

test("subscribers of the tracing channel add headers, and see how calls end", async () => {
  const received = [];
  const { client } = await server((request, response) => {
    received.push(request.headers);
    request.resume().on("end", () => response.writeHead(request.url.includes("/7") ? 200 : 404).end('{"id":"7"}'));
  });
  const ended = [];
  const handlers = {
    start: ({ headers }) => {
      Object.assign(headers, { "x-trace": "1", "x-unsendable": "a\nb", "x-mine": "theirs" });
      Object.assign(headers, { "bad name": "1", authorization: "theirs", "x-number": 7, "x-big": 7n, "x-function": () => {} });
    },
    error: ({ operation, error }) => ended.push([operation, error.code]),
    asyncEnd: ({ operation }) => ended.push([operation]),
  };
  const calls = tracingChannel("ocamba-hood:call");
  calls.subscribe(handlers);
  await client().integrations.get("7", { headers: { "X-Mine": "mine" } });
  await rejection(client().integrations.get("8"));
  calls.unsubscribe(handlers);
  await client().integrations.get("7");
  assert.deepEqual(ended, [["get"], ["get", "not_found"], ["get"]]);
  const headers = received.map((all) => [all["x-trace"], all["x-unsendable"], all["x-mine"]]);
  assert.deepEqual(headers, [["1", undefined, "mine"], ["1", undefined, "theirs"], [undefined, undefined, undefined]]);
});
