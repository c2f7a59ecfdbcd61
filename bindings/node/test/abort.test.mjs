// An AbortSignal aborts the HTTP request, and the error says whether it was sent.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { AbortError, HoodError } from "ocamba-hood";
import { answering, example, rejection, server, socketServer } from "./helpers.mjs";

test("abort closes the connection of the request", async () => {
  let arrived, closed;
  const arrival = new Promise((resolve) => (arrived = resolve));
  const closing = new Promise((resolve) => (closed = resolve));
  const { client } = await socketServer((socket) => {
    socket.once("data", arrived);
    socket.once("close", closed);
  });
  const controller = new AbortController();
  const pending = rejection(client().integrations.create(example, { signal: controller.signal }));
  await arrival;
  controller.abort();
  const error = await pending;
  assert.ok(error instanceof AbortError && error instanceof HoodError);
  assert.deepEqual([error.name, error.code, error.outcome], ["AbortError", "aborted", "unknown"]);
  assert.equal(error.cause, controller.signal.reason);
  await closing;
});

test("abort has the outcome not_sent before the request is sent", async () => {
  const { client, connections } = await answering(201, { id: "7" });
  const reason = new Error("mine");
  const before = await rejection(client().integrations.create(example, { signal: AbortSignal.abort(reason) }));
  assert.deepEqual([before.name, before.outcome, before.cause], ["AbortError", "not_sent", reason]);
  const controller = new AbortController();
  const pending = rejection(client().integrations.create(example, { signal: controller.signal }));
  controller.abort(reason);
  const at = await pending;
  assert.deepEqual([at.name, at.outcome, at.cause], ["AbortError", "not_sent", reason]);
  assert.equal(connections(), 0);
});

test("abort has the reason of a timeout signal", async () => {
  const { client } = await server(() => {});
  const error = await rejection(client().integrations.create(example, { signal: AbortSignal.timeout(30) }));
  assert.equal(error.name, "AbortError");
  assert.equal(error.cause.name, "TimeoutError");
});

test("abort after the response changes nothing and leaves no listener", async () => {
  const { client } = await answering(201, { id: "7" });
  const controller = new AbortController();
  let listeners = 0;
  const { signal } = controller;
  const [add, remove] = [signal.addEventListener, signal.removeEventListener];
  signal.addEventListener = (...all) => ((listeners += 1), add.apply(signal, all));
  signal.removeEventListener = (...all) => ((listeners -= 1), remove.apply(signal, all));
  const all = [1, 2, 3].map(() => client().integrations.create(example, { signal }));
  assert.equal(listeners, 1, "calls share one listener");
  assert.equal((await Promise.all(all))[2].id, "7");
  assert.equal(listeners, 0);
  controller.abort();
});

test("signal aborts all its calls and no others", async () => {
  const responses = [];
  const { client } = await server((request, response) => request.resume().on("end", () => responses.push(response)));
  const [one, hood] = [new AbortController(), client()];
  const stopped = [1, 2, 3].map(() => rejection(hood.integrations.create(example, { signal: one.signal })));
  const kept = hood.integrations.create(example, { signal: new AbortController().signal });
  while (responses.length < 4) await new Promise(setImmediate);
  one.abort();
  for (const error of await Promise.all(stopped)) assert.equal(error.name, "AbortError");
  for (const response of responses) response.writeHead(201).end('{"id":"7"}');
  assert.equal((await kept).id, "7");
});

test("many calls with one signal cause no warning", async () => {
  const { client } = await answering(201, { id: "7" });
  const { signal } = new AbortController();
  const warned = once(process, "warning").then(([warning]) => assert.fail(warning));
  const hood = client();
  await Promise.all(Array.from({ length: 50 }, () => hood.integrations.create(example, { signal })));
  await Promise.race([warned, new Promise(setImmediate)]);
});

test("signal that throws neither sends the call nor loses its result", async () => {
  const { client, connections } = await answering(201, { id: "7" });
  const fail = () => { throw new Error("mine"); };
  const signal = { aborted: false, addEventListener() {}, removeEventListener() {} };
  const error = await rejection(client().integrations.create(example, { signal: { ...signal, addEventListener: fail } }));
  assert.equal(error.message, "mine");
  const options = { signal: { ...signal, removeEventListener: fail } };
  const both = [client().integrations.create(example, options), client().integrations.create(example)];
  assert.deepEqual((await Promise.all(both)).map(({ id }) => id), ["7", "7"]);
  assert.equal(connections(), 2);
});
