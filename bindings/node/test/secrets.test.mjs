// A secret is planted everywhere, and looked for in everything that can be shown.
import assert from "node:assert/strict";
import { subscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import { inspect } from "node:util";
import { Client, Secret, reveal, unknownProvider } from "ocamba-hood";
import { CANARY, hides, planted, views } from "./canary.mjs";
import { answering, rejection } from "./helpers.mjs";

const { request, echoed, secretName } = await planted();

const told = [];
subscribe("ocamba-hood:request", (message) => told.push(message));

test("the views would find it", () => {
  const found = Object.values(views(request)).filter((text) => text.includes(CANARY));
  assert.ok(found.length > 5);
});

test("a client does not show its token", async () => {
  const client = new Client({ token: CANARY, baseUrl: "http://127.0.0.1:1" });
  hides(client, "the client");
  hides(client.integrations, "its integrations");
  hides(new Secret(CANARY), "a secret");
  assert.equal(inspect({ deep: { client } }, { depth: 9 }).includes("[REDACTED]"), true);
});

test("a result does not show its secrets, until it is told to", async () => {
  const { client } = await answering(201, echoed);
  const hood = client({ token: CANARY });
  const response = await hood.integrations.createWithResponse(request);
  hides(response, "a response");
  hides(response.value, "a result");
  hides(response.value.settings, "its settings");
  assert.equal(response.value.settings[secretName].expose(), CANARY);
  assert.deepEqual(JSON.parse(reveal(() => JSON.stringify(response.value))), echoed);
  hides(response.value, "a result after it was revealed");
  assert.throws(() => reveal(() => { throw new Error("on purpose"); }));
  hides(response.value, "a result after a failed reveal");
});

test("no error shows one, whatever the server quotes", async () => {
  const quoting = { code: 400, title: CANARY, message: `token ${CANARY} is wrong`, trace_id: CANARY };
  for (const status of [400, 401, 404, 429, 500]) {
    const { client } = await answering(status, quoting);
    hides(await rejection(client({ token: CANARY }).integrations.create(request)), `a ${status}`);
  }
});

test("no error of a request or of options shows one", async () => {
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

test("no error on the way shows one", async () => {
  const refused = new Client({ token: CANARY, baseUrl: "http://127.0.0.1:1", lane: "off", maxRetries: 0 });
  hides(await rejection(refused.integrations.create(request)), "a refused connection");
  const aborted = rejection(refused.integrations.create(request, { signal: AbortSignal.abort() }));
  hides(await aborted, "an abort");
  for (const body of ["{", CANARY, `{"id":"${CANARY}`]) {
    const { client } = await answering(201, body);
    hides(await rejection(client({ token: CANARY }).integrations.create(request)), "an answer that cannot be read");
  }
});

test("the diagnostics channel shows none", () => {
  assert.ok(told.length > 5);
  told.forEach((message) => hides(message, "a message of the channel"));
});
