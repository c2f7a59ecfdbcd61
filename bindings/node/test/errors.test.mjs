// Each failure has its class and the outcome of the request.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { inspect } from "node:util";
import * as hood from "ocamba-hood";
import { NOWHERE, answering, example, rejection, server, socketServer } from "./helpers.mjs";

const { Client, HoodError } = hood;

const statuses = [
  [400, "BadRequestError", "rejected"],
  [401, "AuthenticationError", "rejected"],
  [403, "PermissionDeniedError", "rejected"],
  [404, "NotFoundError", "rejected"],
  [418, "BadRequestError", "rejected"],
  [429, "RateLimitError", "rejected"],
  [302, "ServerError", "unknown"],
  [500, "ServerError", "unknown"],
  [503, "ServerError", "unknown"],
];

for (const [status, name, outcome] of statuses) {
  test(`status ${status} is a ${name}`, async () => {
    const body = { code: status, title: "Title.", message: "the reason", trace_id: "t-1" };
    const { client } = await answering(status, body, { "content-type": "application/json", "retry-after": "7" });
    const error = await rejection(client().integrations.create(example));
    assert.ok(error instanceof hood[name] && error instanceof HoodError && error instanceof Error);
    const { message, title, trace_id } = error;
    assert.deepEqual(
      { name: error.name, outcome: error.outcome, status: error.http_status, message, title, trace_id },
      { name, outcome, status, message: "the reason", title: "Title.", trace_id: "t-1" },
    );
    assert.equal(error.retry_after, 7);
    assert.equal(error.http_headers["retry-after"], "7");
    assert.ok(!inspect(error).includes("content-type") && !JSON.stringify(error).includes("content-type"));
    assert.match(error.code, /^[a-z_]+$/);
  });
}

test("headers of an error quote no secret", async () => {
  const { client } = await server((request, response) => {
    request.resume().on("end", () => response.writeHead(500, { "x-seen": request.headers.authorization }).end());
  });
  const { http_headers } = await rejection(client().integrations.create(example));
  assert.equal(http_headers["x-seen"], "Bearer [REDACTED]");
});

test("refused connection has the outcome not_sent", async () => {
  const { url } = await socketServer((socket) => socket.destroy());
  const client = new Client({ token: "t", baseUrl: NOWHERE, rateLimit: "off", maxRetries: 0 });
  const error = await rejection(client.integrations.create(example));
  assert.deepEqual([error.name, error.outcome, error.code], ["ConnectionError", "not_sent", "connection"]);
  assert.match(error.message, /refused/);
  assert.deepEqual([error.stage, JSON.parse(JSON.stringify(error)).stage], ["tcp", "tcp"]);
  assert.match(inspect(error), /stage: 'tcp'/);
  const broken = await rejection(new Client({ token: "t", baseUrl: url, rateLimit: "off", maxRetries: 0 }).integrations.create(example));
  assert.ok(broken instanceof HoodError && broken.outcome !== "rejected");
});

test("connection that breaks before the response has the outcome unknown", async () => {
  const { client } = await socketServer((socket) => socket.once("data", () => socket.destroy()));
  const error = await rejection(client().integrations.create(example));
  assert.deepEqual([error.name, error.outcome], ["OutcomeUnknownError", "unknown"]);
});

test("timeout of the client or of the call is a TimeoutError", async () => {
  const { client } = await server(() => {});
  for (const pending of [
    client({ timeout: 30 }).integrations.create(example),
    client().integrations.create(example, { timeout: 30 }),
  ]) {
    const error = await rejection(pending);
    // Under load the timeout may come before the request is sent.
    assert.deepEqual([error.name, error.code], ["TimeoutError", "timeout"]);
  }
});

test("stack shows the caller's line and nothing of this package", async () => {
  const { client } = await answering(404, { code: 404, title: "Not found.", message: "does not exist" });
  async function callerOfCreate() {
    return await client().integrations.create(example);
  }
  for (const error of [
    await rejection(callerOfCreate()),
    await rejection((async () => Promise.all([callerOfCreate()]))()),
    await rejection((async function callerOfCreate() { await client().integrations.create({}); })()),
  ]) {
    assert.match(error.stack, /^\w+Error: .+\n\s+at /);
    assert.match(error.stack, /at async callerOfCreate .*errors\.test\.mjs:\d+/);
    assert.doesNotMatch(error.stack, /ocamba-hood.lib/);
  }
  const shown = inspect(await rejection(callerOfCreate()));
  assert.match(shown, /^NotFoundError: 404 Not found: does not exist/);
  assert.match(shown, /outcome: 'rejected'/);
});

test("JSON of an error has its message", async () => {
  const { client } = await answering(400, { title: "Bad.", message: "why" });
  const { name, message, outcome, http_status } = JSON.parse(JSON.stringify(await rejection(client().integrations.create(example))));
  assert.deepEqual({ name, message, outcome, http_status }, { name: "BadRequestError", message: "why", outcome: "rejected", http_status: 400 });
});

test("invalid client option is named", () => {
  const valid = { token: "t", baseUrl: NOWHERE };
  const cases = [
    [{ token: undefined }, /OCAMBA_TOKEN/],
    [{ token: "can\nary" }, /token .*line break/],
    [{ token: 4711 }, /token must be a string/],
    [{ token: () => "4711" }, /token must not be a function/],
    [{ token: Symbol("4711") }, /token must not be a symbol/],
    [{ token: Promise.resolve("4711") }, /token must not be a promise/],
    [{ token: { toJSON() {} } }, /token must not be without a value/],
    [{ fetch() {} }, /fetch must not be a function/],
    [{ timeout: 4711n }, /timeout must not be a bigint/],
    [{ baseUrl: "http://example.com" }, /base URL must begin with https/],
    [{ baseUrl: 4711 }, /baseUrl must be a string/],
    [{ timeout: 0 }, /timeout must be a number of milliseconds/],
    [{ timeout: NaN }, /timeout must not be NaN/],
    [{ timeout: "4711" }, /timeout must be a number of milliseconds/],
    [{ connectTimeout: -1 }, /connectTimeout must be/],
    [{ maxRetries: -1 }, /maxRetries must be a whole number/],
    [{ rateLimit: "somewhere" }, /rate limit must be shared/],
    [{ rateLimit: 4711 }, /rateLimit must be a string/],
    [{ rateLimitTier: "10" }, /tier .*10\/150/],
    [{ rateLimit: "off", rateLimitDir: "x" }, /folder of the rate limit was set, but only/],
    [{ maxResponseBytes: 1.5 }, /maxResponseBytes must be a whole number/],
    [{ userAgent: "a\nb" }, /user agent/],
    [{ colour: 4711 }, /colour is not an option; there are token/],
    [{ baseURL: NOWHERE }, /baseURL is not an option; did you mean baseUrl/],
    [{ headers: [["x-key"]] }, /headers must be an object of strings/],
    [{ token: "[REDACTED]" }, /token is the text of a redacted secret/],
  ];
  const whole = [
    [[], /options must be an object/],
    [new Map([["token", "canary"]]), /options must be plain data, not Map/],
    [{ toJSON: () => null }, /options must not be without a value/],
    [Object.assign(Object.create({ token: "canary" }), { baseUrl: NOWHERE }), /options must be plain data, not Object: it hides token/],
    [Object.defineProperty({ baseUrl: NOWHERE }, "token", { value: "canary" }), /options must be plain data/],
    [Object.assign(new (class Options { get token() { return "canary"; } })(), { baseUrl: NOWHERE }), /options must be plain data, not Options/],
  ];
  for (const [options, expected] of [...cases.map(([options, expected]) => [{ ...valid, ...options }, expected]), ...whole]) {
    assert.throws(() => new Client(options), (error) => {
      assert.equal(error.name, "ConfigurationError");
      assert.match(error.message, expected);
      assert.doesNotMatch(error.message, /4711|canary/);
      assert.match(error.stack, /errors\.test\.mjs/);
      return error instanceof hood.ConfigurationError;
    });
  }
});

test("no option is left out because it is hidden", async () => {
  const names = ({ message }) => message.split("there are ")[1].split(", ");
  const { integrations } = new Client({ token: "t", baseUrl: NOWHERE });
  const hide = (name) => Object.defineProperty({ colour: 1 }, name, { value: "canary" });
  let found;
  assert.throws(() => new Client({ colour: 1 }), (error) => (found = names(error)).includes("token"));
  for (const name of found) assert.throws(() => new Client(hide(name)), { message: `options must be plain data, not Object: it hides ${name}` });
  found = names(await rejection(integrations.ensure(example, { colour: 1 })));
  assert.ok(found.includes("reconcileTimeout"));
  for (const name of found) assert.match((await rejection(integrations.ensure(example, hide(name)))).message, /options must be a plain object/);
});

test("import and require return the same classes", () => {
  const required = createRequire(import.meta.url)("ocamba-hood");
  assert.deepEqual(new Set(Object.keys(required)), new Set(Object.keys(hood).filter((name) => !/^(default|module\.exports)$/.test(name))));
  for (const name of Object.keys(required)) assert.equal(required[name], hood[name]);
});

test("missing outcome is unknown", async () => {
  class Custom extends hood.TimeoutError {}
  for (const error of [new HoodError(), new Custom({ message: "mine" }), new hood.ConnectionError({ outcome: undefined })]) {
    assert.equal(error.outcome, "unknown");
    assert.equal(JSON.parse(JSON.stringify(error)).outcome, "unknown");
  }
  const { client } = await answering(400, { title: "Bad.", message: "why" });
  const error = await rejection(client().integrations.create(example));
  const again = new hood[error.name](JSON.parse(JSON.stringify(error)));
  assert.ok(again instanceof hood.BadRequestError);
  assert.deepEqual(JSON.parse(JSON.stringify(again)), JSON.parse(JSON.stringify(error)));
});

test("users' tests can make an error", () => {
  const error = new hood.RateLimitError({ message: "slow down", http_status: 429, outcome: "rejected", retry_after: 1 });
  assert.ok(error instanceof HoodError);
  assert.equal(String(error), "RateLimitError: slow down");
  assert.deepEqual(new hood.ValidationError({ field_errors: undefined }).field_errors, []);
});
