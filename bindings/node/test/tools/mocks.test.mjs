// Libraries that replace HTTP or time: they neither see calls nor stop them, and `disableNetConnect` does.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import nock from "nock";
import sinon from "sinon";
import { MockAgent, getGlobalDispatcher, setGlobalDispatcher } from "undici";
import { Fleet } from "ocamba-fleet";
import { Secret } from "ocamba-hood";
import { Sandbox } from "ocamba-hood/testing";
import { example, misbehave, sandbox, server } from "../helpers.mjs";

const made = await sandbox();
const silent = await server(() => {});

test("calls pass nock, msw and undici's MockAgent", async () => {
  const api = setupServer(http.all("*", () => HttpResponse.error()));
  const before = getGlobalDispatcher();
  const agent = new MockAgent();
  agent.disableNetConnect();
  setGlobalDispatcher(agent);
  nock.disableNetConnect();
  api.listen();
  try {
    await assert.rejects(fetch(made.url));
    assert.equal((await made.client().integrations.create(example)).name, example.name);
  } finally {
    api.close();
    nock.restore();
    nock.enableNetConnect();
    setGlobalDispatcher(before);
  }
});

test("calls, their timeouts and retries do not wait for sinon's timers", async () => {
  await misbehave(made, { operation: "getIntegration", times: 1, fault: { answer: { status: 503 } } });
  const clock = sinon.useFakeTimers();
  const { nextTick } = process;
  try {
    const { id } = await made.client().integrations.create(example);
    assert.ok((await made.journal()).some(({ integration_id }) => integration_id === id));
    assert.equal(await new Fleet([example]).check(), 1);
    await (await Sandbox.start()).stop();
    await assert.rejects(silent.client({ timeout: 50 }).integrations.get("7"), { name: "TimeoutError" });
    await assert.rejects(made.client().integrations.get("404404"), { name: "NotFoundError" });
    assert.equal(process.nextTick, nextTick);
  } finally {
    clock.restore();
  }
});

test("a fleet's run leaves a wrapped nextTick in place", async () => {
  const { nextTick } = process;
  let called = 0;
  const wrapped = (process.nextTick = (...all) => ((called += 1), nextTick(...all)));
  try {
    const checked = new Fleet([example]).check();
    assert.equal(process.nextTick, wrapped);
    assert.equal(await checked, 1);
    assert.ok(called > 0 && process.nextTick === wrapped);
  } finally {
    process.nextTick = nextTick;
  }
});

test("sinon tells secrets apart", () => {
  const send = sinon.fake();
  send({ api_key: new Secret("a") });
  assert.ok(send.calledWith({ api_key: new Secret("a") }));
  assert.ok(!send.calledWith({ api_key: new Secret("b") }));
});

const module = import.meta.resolve("ocamba-hood/testing");
const fleet = import.meta.resolve("ocamba-fleet");
const calls = `
  const { Client } = await import(${JSON.stringify(import.meta.resolve("ocamba-hood"))});
  const { Sandbox, disableNetConnect } = await import(${JSON.stringify(module)});
  const { Fleet } = await import(${JSON.stringify(fleet)});
  const early = new Client({ token: "t", baseUrl: "https://192.0.2.1", rateLimit: "off" });
  if (process.env.HOW === "call") disableNetConnect();
  const shown = ({ name, outcome, stage, message }) => [name, outcome, stage, message].join(": ");
  const late = new Client({ token: "t", baseUrl: "https://api.example.com", rateLimit: "off" });
  // A proxy of this machine leads to others.
  const proxy = process.env.HTTPS_PROXY = "http://127.0.0.1:1";
  const proxied = new Client({ token: "t", baseUrl: "https://192.0.2.2", rateLimit: "off", proxy });
  for (const client of [early, late, proxied]) console.log(shown(await client.integrations.get("7").catch((error) => error)));
  const options = { token: "t", baseUrl: "https://192.0.2.1", rateLimit: "off" };
  console.log(shown(await new Fleet([]).plan(options).catch((error) => error)));
  const sandbox = await Sandbox.start({ limits: false });
  console.log((await sandbox.client().integrations.list().all()).length);
`;

/** Checks what the script prints. */
function checkRefused(output) {
  const lines = output.trim().split("\n");
  assert.match(lines[0], /^ConnectionError: not_sent: name: .*disabled, as to 192\.0\.2\.1; .*OCAMBA_DISABLE_NET_CONNECT/);
  assert.match(lines[1], /^ConnectionError: not_sent: name: .*disabled, as to api\.example\.com/);
  assert.match(lines[2], /^ConnectionError: not_sent: name: .*disabled, as to 192\.0\.2\.2/);
  assert.match(lines[3], /^FleetError: not_sent: name: .*disabled, as to 192\.0\.2\.1/);
  assert.deepEqual(lines.slice(4), ["0"]);
}

for (const [how, variables] of [["call", {}], ["variable", { OCAMBA_DISABLE_NET_CONNECT: "1" }]]) {
  test(`other machines are refused by a ${how}, the sandbox is not`, () => {
    const env = { ...process.env, HOW: how, ...variables };
    const words = ["--input-type=module", "--eval", calls];
    checkRefused(execFileSync(process.execPath, words, { env, encoding: "utf8", cwd: fileURLToPath(new URL(".", import.meta.url)) }));
  });
}

for (const [how, variables] of [["variable", { OCAMBA_DISABLE_NET_CONNECT: "1" }], ["call", {}]]) {
  test(`other machines are refused by a ${how} within a worker`, async () => {
    const source = `import { parentPort } from "node:worker_threads"; const lines = [];
      console.log = (line) => lines.push(line); ${calls} parentPort.postMessage(lines.join("\\n"));`;
    const env = { ...process.env, HOW: how, ...variables };
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { env });
    checkRefused(await new Promise((resolve, reject) => worker.on("message", resolve).on("error", reject)));
  });
}
