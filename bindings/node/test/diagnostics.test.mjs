// What the diagnostics channel tells.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import { answering, example, rejection } from "./helpers.mjs";

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
