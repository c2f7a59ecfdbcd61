// No secret is shown, whatever goes wrong: a canary goes through every fault of the sandbox.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import { HoodError } from "ocamba-hood";
import { CANARY, hides, planted } from "./canary.mjs";
import { sandbox } from "./helpers.mjs";

/** With a short timeout, since some faults last until the client closes the connection. */
const OPTIONS = { token: CANARY, timeout: 300, maxRetries: 1 };

const ERROR = { code: CANARY, title: CANARY, message: `${CANARY} is wrong`, trace_id: CANARY, errors: [CANARY] };
const HEADERS = { "X-Trace-Id": CANARY, "Trace-Id": CANARY, "Retry-After": CANARY, "Set-Cookie": CANARY, Server: CANARY };
/** Bodies of every status. */
const BODIES = [
  undefined,
  { json: ERROR },
  { json: [CANARY] },
  { json: { id: [CANARY], settings: CANARY } },
  { text: "" },
  { text: `{"id": "${CANARY}` },
  { text: `{"message": "${CANARY}"}{"${CANARY}": "${CANARY}"}` },
  { html: `<h1>${CANARY}</h1>` },
  { hex: `${Buffer.from(CANARY).toString("hex")}fffe00` },
  { size: 11 << 20 },
];
const PLACES = ["arrival", { request: 9 }, { request: 250 }, "read", "commit", { answer: 9 }, { answer: 150 }];

function* faults() {
  for (const status of [200, 201, 204, 302, 400, 401, 403, 404, 429, 500, 503, 999]) {
    for (const body of BODIES) {
      yield { answer: { status, headers: { Location: `/${CANARY}`, ...HEADERS }, at: "commit", body } };
    }
  }
  yield { answer: { status: 201, headers: { "Content-Type": `text/${CANARY}` }, body: { json: ERROR } } };
  yield { change: { headers: HEADERS } };
  yield { change: { headers: { "Content-Type": `text/${CANARY}` } } };
  // What is known to be no secret is shown: the status, the provider's id.
  for (const place of ["/settings", "/settings/foreign", "/foreign"]) {
    for (const value of [CANARY, [CANARY], { name: CANARY }, null]) yield { change: { set: { [place]: value } } };
  }
  yield { change: { set: { "/provider_id": "9999" } } };
  yield { change: { set: { "/id": [CANARY] } } };
  yield { change: { remove: ["/id"] } };
  yield { delay: { ms: 10 } };
  yield { delay: { ms: 2_000, at: "commit" } };
  for (const at of ["read", "commit"]) yield { hang: { at } };
  for (const at of PLACES) yield* [{ close: { at } }, { reset: { at } }];
  yield { drip: { ms: 50 } };
  yield { drip: { ms: 5_000, after: 200 } };
}

async function control(sandbox, method, path, body) {
  const answer = await fetch(`${sandbox.url}/_sandbox/${path}`, { method, body: body && JSON.stringify(body) });
  assert.ok(answer.ok);
  return answer.text();
}

const inSandbox = await sandbox({ limits: false, token: CANARY });
const { request } = await planted();

test("no fault reveals a secret", { timeout: 300_000 }, async () => {
  const messages = [];
  subscribe("ocamba-hood:request", (message) => messages.push(message));
  const client = inSandbox.client(OPTIONS);
  const kinds = new Set();
  let failed = 0;
  let succeeded = 0;
  for (const fault of faults()) {
    Object.keys(fault).forEach((kind) => kinds.add(kind));
    await control(inSandbox, "PUT", "faults", { faults: [{ fault }] });
    const what = JSON.stringify(fault);
    try {
      const { value } = await client.integrations.withResponse.create(request);
      succeeded += 1;
      hides(value, what);
    } catch (error) {
      assert.ok(error instanceof HoodError, what);
      failed += 1;
      hides(error, what);
      if (error.cause) hides(error.cause, what);
      assert.ok(!JSON.stringify(process.report.getReport(error)).includes(CANARY), what);
    }
  }
  assert.deepEqual([...kinds].sort(), ["answer", "change", "close", "delay", "drip", "hang", "reset"]);
  assert.ok(failed > 100 && succeeded > 10, `${failed} ${succeeded}`);
  assert.ok(messages.length > failed);
  messages.forEach((message) => hides(message, "a message of the channel"));
  hides(await control(inSandbox, "GET", "journal"), "the sandbox's journal");
});

test("uncaught error shows no secret", async () => {
  const answer = { status: 400, headers: HEADERS, body: { json: ERROR } };
  await control(inSandbox, "PUT", "faults", { faults: [{ fault: { answer } }] });
  const source = `
    import { Client } from "ocamba-hood";
    const { SECRET, REQUEST, URL } = process.env;
    await new Client({ token: SECRET, baseUrl: URL, rateLimit: "off" }).integrations.create(JSON.parse(REQUEST));`;
  const env = { ...process.env, SECRET: CANARY, REQUEST: JSON.stringify(request), URL: inSandbox.url };
  const seen = await new Promise((resolve) => {
    execFile(process.execPath, ["--input-type=module", "--eval", source], { env }, (_, stdout, stderr) => {
      resolve(stdout + stderr);
    });
  });
  assert.match(seen, /BadRequestError/);
  hides(seen, "the output");
});
