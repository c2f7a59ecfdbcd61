// The option `headers` of clients and calls.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Secret } from "ocamba-hood";
import { answering, example, rejection, server } from "./helpers.mjs";

test("headers of a client and of a call are sent", async () => {
  const sent = [];
  const { client } = await server((request, response) => {
    sent.push(request.headers);
    request.resume().on("end", () => response.writeHead(200).end('{"id":"7","items":[],"total":0}'));
  });
  const { integrations, providers } = client({ headers: { "x-key": new Secret("client's"), "x-other": "1" } });
  await integrations.get("7");
  for (const headers of [{ "X-Key": "call's" }, new Headers({ "X-Key": "call's" }), new Map([["X-Key", "call's"]])]) {
    await integrations.get("7", { headers });
  }
  await integrations.list({}, { headers: { "x-key": "call's" } }).all();
  await providers.list({}, { headers: { "x-key": "call's" } }).page(1);
  assert.deepEqual(sent.map((headers) => headers["x-key"]), ["client's", ...Array(5).fill("call's")]);
  assert.ok(sent.every((headers) => headers["x-other"] === "1" && headers.authorization === "Bearer test-token"));
});

test("invalid headers and those of the client are refused before anything is sent", async () => {
  const { client, connections } = await answering(200, { id: "7" });
  const cases = [
    [{ authorization: "Bearer canary" }, "headers.authorization is set by the client itself"],
    [{ Host: "canary" }, "headers.Host is set by the client itself"],
    [{ "x-key": "canary\r\nx-other: 1" }, "headers.x-key may have only visible ASCII"],
    [{ "x key": "canary" }, "headers.x key is not the name of a header"],
    [{ "x-key": 4711 }, "headers must be an object of strings"],
    ["x-key: canary", "headers must be an object of strings"],
    [[4711], "headers must be an object of strings"],
    [{ "x-key": () => "canary" }, "options.headers.x-key must not be a function"],
  ];
  for (const [headers, message] of cases) {
    const error = await rejection(client().integrations.get("7", { headers }));
    assert.equal(error.name, "ValidationError");
    assert.equal(error.outcome, "not_sent");
    assert.ok(error.message.includes(message), error.message);
    assert.throws(() => client({ headers }), { name: "ConfigurationError" });
    assert.ok(!String(error.stack).includes("canary"));
  }
  assert.equal(connections(), 0);
});

test("no error quotes a header", async () => {
  const quoted = { title: "Bad Request.", message: "key gateway-canary is unknown; see 00-trace-01", code: 400 };
  const { client } = await answering(400, quoted);
  const headers = { "x-key": "gateway-canary", traceparent: "00-trace-01" };
  const error = await rejection(client().integrations.create(example, { headers }));
  assert.equal(error.message, "key [REDACTED] is unknown; see 00-trace-01");
});
