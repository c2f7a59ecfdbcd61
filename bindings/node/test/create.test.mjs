// What a create takes and gives.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client, Secret, unknownProvider } from "ocamba-hood";
import { answering, example, sandbox, server } from "./helpers.mjs";

test("status, headers and trace id can be had as well", async () => {
  const { client } = await answering(201, { id: "7" }, { "x-trace-id": "t-1", "X-RateLimit-Remaining": "9" });
  const response = await client().integrations.withResponse.create(example);
  assert.deepEqual(response.value, { id: "7" });
  assert.equal(response.status, 201);
  assert.equal(response.trace_id, "t-1");
  assert.equal(response.headers["x-ratelimit-remaining"], "9");
});

test("what this version does not know comes through, and hides where it may be secret", async () => {
  const settings = { bot_token: "canary", deep: { also: "canary" } };
  const body = { id: 7, type: "fax", status: "paused", colour: { deep: [1] }, provider_id: "2000", settings };
  const { client } = await answering(201, body);
  const integration = await client().integrations.create(unknownProvider({ name: "Bot", provider_id: "2000", settings }));
  assert.equal(integration.id, "7");
  assert.deepEqual(integration.colour, { deep: [1] });
  assert.equal(integration.status, "paused");
  assert.ok(integration.settings.bot_token instanceof Secret);
  assert.deepEqual(integration.settings.deep.expose(), { also: "canary" });
});

for (const settings of [undefined, null, "text", [1]]) {
  test(`settings that are ${JSON.stringify(settings)} break nothing`, async () => {
    const { client } = await answering(201, { id: "7", provider_id: example.provider_id, settings });
    const integration = await client().integrations.create(example);
    const found = integration.settings instanceof Secret ? integration.settings.expose() : integration.settings;
    assert.deepEqual(found, settings);
  });
}

test("secrets in a request are sent in clear", async () => {
  let sent;
  const { client } = await server(async (request, response) => {
    sent = JSON.parse(Buffer.concat(await request.toArray()));
    response.writeHead(201, { "content-type": "application/json" }).end('{"id":"7"}');
  });
  const settings = Object.fromEntries(Object.entries(example.settings).map(([name, value]) => [name, new Secret(value)]));
  await client().integrations.create({ ...example, settings });
  assert.deepEqual(sent, example);
});

test("a request says who sends it, and nothing else", async () => {
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

test("what is left out comes from the environment", async () => {
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

test("what was refused with 429 is sent again, as often as is allowed", async () => {
  let requests = 0;
  const { client } = await server((request, response) => {
    requests += 1;
    const status = requests % 2 === 1 ? 429 : 201;
    request.resume().on("end", () => response.writeHead(status, { "retry-after": "0" }).end('{"id":"7"}'));
  });
  assert.equal((await client({ maxRetries: 1 }).integrations.create(example)).id, "7");
  assert.equal((await client().integrations.create(example, { maxRetries: 1 })).id, "7");
  const refused = await client().integrations.create(example).catch((error) => error);
  assert.deepEqual([refused.name, requests], ["RateLimitError", 5]);
});

test("rate limit holds back what the account may not send", async () => {
  const client = (await sandbox()).client({ rateLimit: "memory", rateLimitTier: "2/100" });
  const began = performance.now();
  await Promise.all([1, 2, 3].map(() => client.integrations.create(example)));
  assert.ok(performance.now() - began > 900, "the third waits for the next second");
});
