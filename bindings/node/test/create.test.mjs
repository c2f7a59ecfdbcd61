// Requests and results of a create.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, Secret, unknownProvider } from "ocamba-hood";
import { answering, example, server } from "./helpers.mjs";

test("response has status, headers and trace ID", async () => {
  const { client } = await answering(201, { id: "7" }, { "x-trace-id": "t-1", "X-RateLimit-Remaining": "9" });
  const response = await client().integrations.withResponse.create(example);
  assert.deepEqual(response.value, { id: "7" });
  assert.equal(response.status, 201);
  assert.equal(response.trace_id, "t-1");
  assert.equal(response.headers["x-ratelimit-remaining"], "9");
});

test("unknown values are passed on, and unknown settings are hidden", async () => {
  const settings = { bot_token: "canary", deep: { also: "canary" } };
  const body = { id: 7, type: "fax", status: "paused", colour: { deep: [1] }, provider_id: "2000", settings };
  const { client } = await answering(201, body);
  const integration = await client().integrations.create(unknownProvider({ name: "Bot", provider_id: "2000", settings }));
  assert.equal(integration.id, "7");
  assert.deepEqual(integration.colour.expose(), { deep: [1] });
  assert.equal(integration.status, "paused");
  assert.ok(integration.settings.bot_token instanceof Secret);
  assert.deepEqual(integration.settings.deep.expose(), { also: "canary" });
});

test("secrets of a request are sent in clear", async () => {
  let sent;
  const { client } = await server(async (request, response) => {
    sent = JSON.parse(Buffer.concat(await request.toArray()));
    response.writeHead(201, { "content-type": "application/json" }).end('{"id":"7"}');
  });
  const settings = Object.fromEntries(Object.entries(example.settings).map(([name, value]) => [name, new Secret(value)]));
  await client().integrations.create({ ...example, settings });
  assert.deepEqual(sent, example);
  class Copied {
    constructor(settings) { Object.assign(this, settings); }
    toJSON() { return JSON.parse(JSON.stringify({ ...this })); }
  }
  await client().integrations.create({ ...example, settings: new Copied(settings) });
  assert.deepEqual(sent, example);
});

test("objects of classes and frameworks are sent as JSON writes them", async () => {
  let sent;
  const { client } = await server(async (request, response) => {
    sent = JSON.parse(Buffer.concat(await request.toArray()));
    response.writeHead(201, { "content-type": "application/json" }).end('{"id":"7"}');
  });
  class Row {
    constructor(row) { Object.assign(this, row); }
    get label() { return this.name; }
    toJSON() { return this; }
  }
  const observed = (object) => Object.defineProperty({ ...object }, "__ob__", { value: {} });
  await client().integrations.create(observed(new Row({ ...example, settings: observed(example.settings) })));
  assert.deepEqual(sent, example);
  await client().integrations.create(new Row(example));
  assert.deepEqual(sent, example);
  const settings = { fingerprint: "of a certificate" };
  await client().integrations.create(unknownProvider({ name: "Bot", provider_id: "2000", settings }));
  assert.deepEqual(sent.settings, settings);
});

test("request has the token and the user agent", async () => {
  let headers;
  const { client } = await server((request, response) => {
    headers = request.headers;
    request.resume().on("end", () => response.writeHead(201).end('{"id":"7"}'));
  });
  await client({ userAgent: "my-app/1.2" }).integrations.create(example);
  assert.equal(headers.authorization, "Bearer test-token");
  assert.equal(headers["content-type"], "application/json");
  assert.match(headers["user-agent"], /^my-app\/1\.2 ocamba-hood-node\/\S+ ocamba-hood\/\d/);
});

test("omitted options come from the environment", async () => {
  const { url } = await answering(201, { id: "7" });
  Object.assign(process.env, { OCAMBA_TOKEN: "from-environment", OCAMBA_BASE_URL: url });
  try {
    const client = new Client();
    assert.equal(client.baseUrl, url);
    assert.equal((await client.integrations.create(example)).id, "7");
  } finally {
    delete process.env.OCAMBA_TOKEN;
    delete process.env.OCAMBA_BASE_URL;
  }
});

test("variables that are no text are read as texts", () => {
  const { env } = process;
  try {
    process.env = { OCAMBA_TOKEN: 7, OCAMBA_BASE_URL: null };
    assert.match(new Client().baseUrl, /^https:/);
  } finally {
    process.env = env;
  }
});
