// Plants a secret everywhere, and searches everything that can be shown for it.
import assert from "node:assert/strict";
import { subscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import { inspect } from "node:util";
import { Client, Secret, reveal, unknownProvider } from "ocamba-hood";
import { CANARY, hides, planted, quoted, views } from "./canary.mjs";
import { NOWHERE, answering, example, rejection, server, socketServer } from "./helpers.mjs";

const { request, echoed, secretName } = await planted();

const messages = [];
subscribe("ocamba-hood:request", (message) => messages.push(message));

test("views find a secret in clear", () => {
  const found = Object.values(views(request)).filter((text) => text.includes(CANARY));
  assert.ok(found.length > 5);
});

test("client hides its token", async () => {
  const client = new Client({ token: CANARY, baseUrl: NOWHERE });
  hides(client, "the client");
  hides(client.integrations, "its integrations");
  hides(new Secret(CANARY), "a secret");
  assert.equal(inspect({ deep: { client } }, { depth: 9 }).includes("[REDACTED]"), true);
});

test("result hides its secrets unless revealed", async () => {
  const { client } = await answering(201, echoed);
  const hood = client({ token: CANARY });
  const response = await hood.integrations.withResponse.create(request);
  hides(response, "a response");
  hides(response.value, "a result");
  hides(response.value.settings, "its settings");
  assert.equal(response.value.settings[secretName].expose(), CANARY);
  assert.deepEqual(JSON.parse(reveal(() => JSON.stringify(response.value))), echoed);
  hides(response.value, "a result after it was revealed");
  assert.throws(() => reveal(() => { throw new Error("on purpose"); }));
  hides(response.value, "a result after a failed reveal");
});

test("results of all operations hide their secrets", async () => {
  const { client } = await server((request, response) => {
    const path = `${request.method} ${new URL(request.url, "http://x").pathname.split("/").at(-1)}`;
    const items = { "GET integrations": [{ ...echoed, name: example.name }], "GET providers": [echoed.provider] }[path];
    const body = items ? { total: 1, items } : echoed;
    request.resume().on("end", () => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body)));
  });
  const { integrations, providers } = client({ token: CANARY });
  const list = integrations.list({ q: CANARY }, { timeout: 9_000 });
  hides(list, "a list");
  hides(list[Symbol.asyncIterator](), "its items");
  hides(integrations, "the integrations");
  hides(providers, "the providers");
  const results = {
    get: await integrations.withResponse.get("7"),
    update: await integrations.withResponse.update("7", { provider_id: example.provider_id, settings: { [secretName]: CANARY } }),
    validate: await integrations.withResponse.validate(request),
    test: await integrations.withResponse.sendTest("7"),
    updated: await integrations.withResponse.ensure(request),
    created: await integrations.withResponse.ensure({ ...request, name: "other" }),
    page: await integrations.list().withResponse.page(1),
    all: await integrations.list().all(),
    providers: await providers.list().all(),
    fields: await integrations.list({ fields: "settings" }).all(),
  };
  for (const [name, result] of Object.entries(results)) hides(result, name);
  assert.equal(results.all[0].settings[secretName].expose(), CANARY);
  for (const action of ["updated", "created"]) {
    assert.equal(results[action].value.action, action);
    assert.equal(results[action].value.integration.settings[secretName].expose(), CANARY);
  }
});

test("errors of all operations show no secret that the server quotes", async () => {
  const quoting = { code: 400, title: CANARY, message: `token ${CANARY} is wrong`, trace_id: CANARY };
  for (const status of [400, 404, 500]) {
    const { client } = await answering(status, quoting);
    const { integrations, providers } = client({ token: CANARY });
    const update = { provider_id: example.provider_id, settings: { [secretName]: CANARY } };
    for (const work of [
      () => integrations.validate(request),
      () => integrations.ensure(request),
      () => integrations.get("7"),
      () => integrations.update("7", update),
      () => integrations.sendTest(request),
      () => integrations.list().all(),
      () => integrations.list().page(1),
      () => providers.list().all(),
    ]) {
      hides(await rejection(work()), `a ${status} of ${work}`);
    }
  }
  const { client } = await answering(204, "");
  const { integrations } = client({ token: CANARY });
  for (const update of [
    { provider_id: example.provider_id, settings: { [secretName]: [CANARY] } },
    { provider_id: example.provider_id, settings: { [secretName]: "x", unheard_of: CANARY } },
    { settings: CANARY },
    { settings: { [secretName]: CANARY } },
    { name: [CANARY] },
  ]) {
    hides(await rejection(integrations.update("7", update)), "a wrong update");
  }
  hides(await rejection(integrations.list({ q: [CANARY] }).all()), "a wrong filter");
  hides(await rejection(integrations.get(`${CANARY}/..`)), "a wrong id");
});

test("error hides the secrets of its unconfirmed create", async () => {
  const { client } = await socketServer((socket) => socket.once("data", () => socket.destroy()));
  const error = await rejection(client({ token: CANARY }).integrations.create(request));
  assert.equal(error.outcome, "unknown");
  hides(error, "an unknown outcome");
});

test("error of a create shows no secret that the server quotes", async () => {
  const quoting = { code: 400, title: CANARY, message: `token ${CANARY} is wrong`, trace_id: CANARY };
  for (const status of [400, 401, 404, 429, 500]) {
    const { client } = await answering(status, quoting);
    hides(await rejection(client({ token: CANARY }).integrations.create(request)), `a ${status}`);
  }
});

test("secret that a server quotes is hidden in every encoding", async () => {
  for (const [encoding, quote] of Object.entries(quoted.quotes)) {
    const text = `the value '${quote}' is wrong`;
    const { client } = await answering(400, { title: text, message: text, trace_id: quote });
    // Once the secret is the token, and once a setting.
    for (const token of [quoted.secret, "token"]) {
      const settings = { ...example.settings, [secretName]: quoted.secret };
      const error = await rejection(client({ token }).integrations.create({ ...example, settings }));
      hides(error, encoding, quoted.traces);
      assert.match(error.message, /^the value '.*' is wrong/);
    }
  }
});

test("unknown fields are readable on request", async () => {
  const { client } = await answering(200, echoed);
  const integration = await client().integrations.get("7");
  assert.equal(integration.webhook_secret.expose(), CANARY);
  assert.deepEqual([integration.id, integration.nothing, integration.provider.settings[0].name], ["7", null, "a"]);
  assert.deepEqual(integration.company_id.expose(), { secret: CANARY });
});

test("error of an invalid request or option shows no secret", async () => {
  const { client } = await answering(201, { id: "7" });
  const hood = client({ token: CANARY });
  const wrong = [
    { ...request, settings: { [secretName]: CANARY } },
    { ...request, settings: { ...request.settings, [secretName]: [CANARY] } },
    { ...request, settings: CANARY },
    { ...request, status: { [secretName]: CANARY } },
    unknownProvider({ ...request, name: "", provider_id: "2000" }),
  ];
  for (const request of wrong) hides(await rejection(hood.integrations.create(request)), "a wrong request");
  for (const options of [{ token: `${CANARY}\n` }, { token: [CANARY] }, { token: "t", baseUrl: `http://u:${CANARY}@h` }]) {
    assert.throws(() => new Client(options), (error) => (hides(error, "a wrong option"), true));
  }
});

test("error of a connection shows no secret", async () => {
  const refused = new Client({ token: CANARY, baseUrl: NOWHERE, rateLimit: "off", maxRetries: 0 });
  hides(await rejection(refused.integrations.create(request)), "a refused connection");
  const aborted = rejection(refused.integrations.create(request, { signal: AbortSignal.abort() }));
  hides(await aborted, "an abort");
  for (const body of ["{", CANARY, `{"id":"${CANARY}`]) {
    const { client } = await answering(201, body);
    hides(await rejection(client({ token: CANARY }).integrations.create(request)), "an unreadable response");
  }
});

test("diagnostics channel shows no secret", () => {
  assert.ok(messages.length > 5);
  messages.forEach((message) => hides(message, "a message of the channel"));
});

for (const compare of ["deepEqual", "deepStrictEqual"]) {
  test(`${compare} finds secrets equal if their values are, and shows none`, () => {
    const same = [["a", "a"], [{ a: 1, b: [{ c: 2, d: 3 }] }, { b: [{ d: 3, c: 2 }], a: 1 }], [["a"], ["a"]], [null, null]];
    const different = [["a", "b"], ["1", 1], [{ a: 1 }, { a: 2 }], [["a", "b"], ["b", "a"]], [null, "null"], [new Secret("a"), new Secret("b")]];
    const places = [(value) => value, (value) => ({ value }), (value) => [value], (value) => new Map([["key", value]]), (value) => new Set([value])];
    for (const place of places) {
      const [hide, compared] = [(value) => place(new Secret(value)), assert[compare]];
      for (const [a, b] of same) compared(hide(a), hide(b));
      for (const [a, b] of different) assert.throws(() => compared(hide(a), hide(b)), `${JSON.stringify([a, b])}`);
      try {
        compared(hide(CANARY), hide(`${CANARY}0`));
      } catch (error) {
        hides(error.message, "the assertion");
      }
    }
    hides(inspect(new Secret(CANARY), { customInspect: false, getters: true }), "the fingerprint");
  });
}
