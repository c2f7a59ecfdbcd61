// When processes end and stay, and how their threads share one addon.
import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { Worker } from "node:worker_threads";
import { example, recording, sandbox, server } from "./helpers.mjs";

const { url } = await sandbox();
const slow = await server((request, response) => {
  request.resume().on("end", () => setTimeout(() => response.writeHead(201).end('{"id":"7"}'), 200));
});
const require = createRequire(import.meta.url);
const entry = require.resolve("ocamba-hood");

/** Runs a script in another process, and fails if that does not end. */
async function run(source, base = url) {
  const prelude = `
    const { Client } = require(${JSON.stringify(entry)});
    const client = new Client({ token: "sandbox-token", baseUrl: ${JSON.stringify(base)}, rateLimit: "off" });
    const example = ${JSON.stringify(example)};`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--eval", prelude + source], { timeout: 60_000 });
  return stdout.trim();
}

test("process ends when nothing is pending", async () => {
  assert.equal(await run(""), "");
  const source = `client.integrations.create(example).then(({ id }) => console.log("created", /^\\d+$/.test(id)));`;
  assert.equal(await run(source), "created true");
});

test("process stays while a call is pending", async () => {
  assert.equal(await run(`client.integrations.create(example).then(({ id }) => console.log(id));`, slow.url), "7");
});

test("process may end in the middle of calls", async () => {
  const source = `for (let i = 0; i < 100; i += 1) client.integrations.create(example); setImmediate(() => process.exit(0));`;
  assert.equal(await run(source, slow.url), "");
});

test("list keeps a process only while a page is pending", async () => {
  const source = (end) => `Promise.all([1, 2, 3].map((n) => client.integrations.create({ ...example, name: "held " + n }))).then(async () => {
    globalThis.held = client.integrations.list({ page_size: 1 })[Symbol.asyncIterator]();
    await held.next();
    ${end}
  });`;
  assert.equal(await run(source("console.log('held');")), "held");
  assert.equal(await run(source("held.next().then(({ done }) => console.log('next', done));")), "next false");
});

test("call needs no timer and no queue that a test may replace", async () => {
  const source = `
    const kept = ["queueMicrotask", "setTimeout", "setImmediate", "setInterval", "Date", "performance"];
    for (const name of kept) Object.defineProperty(globalThis, name, { value: function fake() {} });
    JSON.parse = JSON.stringify = () => { throw new Error("replaced") };
    globalThis.Promise = class { then() {} };
    client.integrations.create(example, { timeout: 60_000 }).then(({ id }) => console.log("created", /^\\d+$/.test(id)));`;
  assert.equal(await run(source), "created true");
});

test("calls fail if there can be no network thread", async () => {
  const source = `
    const { dlopen } = process;
    process.dlopen = (module, ...all) => {
      dlopen.call(process, module, ...all);
      const failure = { class: "ConnectionError", outcome: "not_sent", code: "connection", message: "no thread" };
      module.exports.Calls.prototype.flush = () => { throw new Error(JSON.stringify(failure)); };
    };
    delete require.cache[require.resolve(${JSON.stringify(entry)})];
    for (const path of Object.keys(require.cache)) delete require.cache[path];
    const again = new (require(${JSON.stringify(entry)}).Client)({ token: "t", rateLimit: "off" });
    const failed = () => again.integrations.get("7").catch(({ name, outcome, message }) => console.log(name, outcome, message));
    Promise.all([failed(), failed()]).then(failed);`;
  assert.equal(await run(source), Array(3).fill("ConnectionError not_sent no thread").join("\n"));
});

test("worker uses its own environment only", async () => {
  const own = { OCAMBA_TOKEN: "own", OCAMBA_RATE_LIMIT: "memory", OCAMBA_RATE_LIMIT_TIER: "7/70" };
  const source = (env) => `
    const { Worker } = require("node:worker_threads");
    const code = \`new (require(${JSON.stringify(entry)}).Client)().rateLimitStatus().then(({ storage, tier }) => console.log(storage, tier))\`;
    new Worker(code, { eval: true, env: ${JSON.stringify(env)} });`;
  Object.assign(process.env, { OCAMBA_RATE_LIMIT: "off", OCAMBA_RATE_LIMIT_TIER: "1/1" });
  try {
    assert.equal(await run(source(own)), "memory 7/70");
    assert.equal(await run(source({ ...own, OCAMBA_RATE_LIMIT_TIER: "" })), "memory 10/150");
  } finally {
    for (const name of Object.keys(own)) delete process.env[name];
  }
});

test("worker uses the token of its own environment only", async () => {
  const source = `
    const { Worker } = require("node:worker_threads");
    const code = "try { new (require(" + JSON.stringify(ENTRY) + ").Client)({}); console.log('made') } catch (e) { console.log(e.name) }";
    for (const env of [{}, { OCAMBA_TOKEN: "own" }]) new Worker(code, { eval: true, env });`;
  process.env.OCAMBA_TOKEN = "canary";
  try {
    const lines = (await run(source.replace("ENTRY", JSON.stringify(entry)))).split("\n").sort();
    assert.deepEqual(lines, ["ConfigurationError", "made"]);
  } finally {
    delete process.env.OCAMBA_TOKEN;
  }
});

test("uncaught error shows its reason and the caller's line", async () => {
  const source = `(async function mine() { await client.integrations.create({}); })();`;
  const { code, stderr } = await run(source).catch((error) => error);
  assert.equal(code, 1);
  assert.match(stderr, /ValidationError: name is required.*\n\s+at async mine/);
  assert.match(stderr, /outcome: 'not_sent'/);
});

const inWorker = `
  const { parentPort, workerData } = require("node:worker_threads");
  const { Client } = require(workerData.entry);
  const client = new Client({ token: "sandbox-token", baseUrl: workerData.url, rateLimit: "off" });
  const name = (i) => workerData.name + " " + i;
  Promise.all(Array.from({ length: 200 }, (_, i) => client.integrations.create({ ...workerData.example, name: name(i) })))
    .then((all) => parentPort.postMessage(all.every((integration, i) => integration.name === name(i))));`;

function worker(source, name, base = url) {
  return new Worker(source, { eval: true, workerData: { entry, url: base, example, name } });
}

test("workers have their own clients", async () => {
  for (let round = 0; round < 3; round += 1) {
    const results = await Promise.all([1, 2, 3].map((n) => new Promise((resolve, reject) => {
      let result;
      worker(inWorker, `worker ${n}`)
        .on("message", (message) => (result = message))
        .on("error", reject)
        .on("exit", (code) => resolve(code === 0 && result));
    })));
    assert.deepEqual(results, [true, true, true]);
  }
});

test("terminated worker affects no other", async () => {
  for (let round = 0; round < 10; round += 1) {
    const stopped = worker(`${inWorker}; parentPort.postMessage("begun")`, "stopped", slow.url);
    await new Promise((resolve) => stopped.once("message", resolve));
    await stopped.terminate();
  }
  assert.match(await run(`client.integrations.create(example).then(({ id }) => console.log(id));`), /^\d+$/);
});

test("process survives the end of the workers that loaded the addon", async () => {
  const source = `
    const { Worker } = require("node:worker_threads");
    const start = () => new Promise((resolve) => new Worker(${JSON.stringify(inWorker)}, { eval: true,
      workerData: ${JSON.stringify({ entry, url, example, name: "only" })} }).on("exit", resolve));
    start().then(start).then((code) => console.log("ended", code));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--eval", source], { timeout: 60_000 });
  assert.equal(stdout.trim(), "ended 0");
});

/** Another copy of the package, as a test runner or a bundler makes. */
function again() {
  for (const path of Object.keys(require.cache)) delete require.cache[path];
  return require("ocamba-hood");
}

test("addon loads again, and from another folder", async () => {
  const folder = mkdtempSync(join(tmpdir(), "ocamba-hood-"));
  after(() => rmSync(folder, { recursive: true }));
  cpSync(join(dirname(entry), "../.."), join(folder, "node_modules"), { recursive: true });
  const copies = [again(), again(), createRequire(join(folder, "x.js"))("ocamba-hood")];
  assert.equal(new Set(copies.map(({ Client }) => Client)).size, 3);
  const created = copies.map(({ Client }, n) =>
    new Client({ token: "sandbox-token", baseUrl: url, rateLimit: "off" }).integrations.create({ ...example, name: `copy ${n}` }));
  assert.deepEqual((await Promise.all(created)).map(({ name }) => name), ["copy 0", "copy 1", "copy 2"]);
});

test("secrets of another copy of the package are sent in clear, and nested ones too", async () => {
  const { client, sent } = await recording(201, { id: "7" });
  const { Secret } = again();
  const [[name, value]] = Object.entries(example.settings);
  const wrap = { other: new Secret(value), nested: new Secret(new Secret(value)), mixed: new Secret(new (again().Secret)(value)) };
  for (const secret of Object.values(wrap)) {
    const headers = { "x-key": new Secret("key") };
    await client({ token: new Secret("t") }).integrations.create({ ...example, settings: { ...example.settings, [name]: secret } }, { headers });
  }
  for (const { body, headers } of sent) {
    assert.deepEqual([body.settings[name], headers["x-key"], headers.authorization], [value, "key", "Bearer t"]);
  }
  assert.equal(sent.length, 3);
});

test("call that ends before its copy of the package listens is not lost", { timeout: 120_000 }, async () => {
  const create = ({ Client }, name) =>
    new Client({ token: "sandbox-token", baseUrl: url, rateLimit: "off" }).integrations.create({ ...example, name });
  const sent = `(async () => {
    while (!(await (await fetch(${JSON.stringify(`${url}/_sandbox/journal`)})).text()).includes('"late listener"'));
  })()`;
  const [first, second] = [again(), again()];
  const created = [create(first, "wakes the network thread")];
  // Blocks this thread between the moments in which both copies begin to listen.
  queueMicrotask(() => execFileSync(process.execPath, ["--eval", sent], { timeout: 60_000 }));
  created.push(create(second, "late listener"));
  assert.deepEqual((await Promise.all(created)).map(({ name }) => name), ["wakes the network thread", "late listener"]);
});

test("processes of a cluster share the rate limit", async () => {
  const rateLimitDir = mkdtempSync(join(tmpdir(), "ocamba-hood-"));
  after(() => rmSync(rateLimitDir, { recursive: true }));
  const options = { token: "sandbox-token", baseUrl: url, rateLimit: "shared", rateLimitDir };
  const source = `
    const cluster = require("node:cluster");
    const { Client } = require(${JSON.stringify(entry)});
    const client = new Client(${JSON.stringify(options)});
    if (cluster.isPrimary) {
      const ended = [1, 2, 3].map(() => new Promise((resolve) => cluster.fork().on("exit", resolve)));
      Promise.all(ended).then(() => client.rateLimitStatus()).then(({ used_in_minute }) => console.log(used_in_minute));
    } else {
      client.integrations.create(${JSON.stringify(example)}).finally(() => process.disconnect());
    }`;
  const script = join(rateLimitDir, "cluster.cjs");
  writeFileSync(script, source);
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 60_000 });
  assert.equal(stdout.trim(), "3");
});
