// Runs of fleets: sources of rows, runs that are aborted or killed, and processes that end.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { AbortError, Fleet, FleetError } from "ocamba-fleet";
import { planted } from "./canary.mjs";
import { account, folder, isRunning, programs, rows, slow } from "./fleets.mjs";
import { created, misbehave, rejection, requestsDuring, sandbox } from "./helpers.mjs";

const files = folder();
const ledger = () => join(files, `${Math.random()}.ledger`);
const entry = createRequire(import.meta.url).resolve("ocamba-fleet");
const COUNT = 60;
const onceEach = Object.fromEntries(rows(COUNT).map(({ name }) => [name, 1]));

/** Applies until this number of rows succeeded, and then calls `work`. */
function applyUntil(done, server, options, work) {
  let isMet = false;
  const onProgress = (progress) => {
    if (isMet || progress.done < done) return;
    isMet = true;
    work(progress);
  };
  return new Fleet(rows(COUNT)).apply({ ...account(server), inFlight: 4, reconcileTimeout: 1_000, ...options, onProgress });
}

/** Applies again without delays, once the previous run has released the ledger. */
async function resumed(server, path) {
  await misbehave(server);
  for (;;) {
    try {
      return await new Fleet(rows(COUNT)).apply({ ...account(server), inFlight: 16, reconcileTimeout: 2_000, ledger: path });
    } catch (error) {
      if (error.code !== "ledger_in_use") throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

test("abort lets requests on their way finish, and the ledger resumes the run", async () => {
  const [server, path, controller] = [await sandbox(), ledger(), new AbortController()];
  await slow(server);
  const report = await applyUntil(10, server, { ledger: path, signal: controller.signal }, () => controller.abort());
  const { created: done, pending, ...others } = report.counts;
  assert.ok(done >= 10 && pending > 0 && done + pending === COUNT, JSON.stringify(report.counts));
  assert.deepEqual([others, report.isComplete, report.stopped], [{}, false, "cancelled"]);
  assert.equal(Object.keys(await created(server)).length, done);
  assert.equal((await resumed(server, path)).isComplete, true);
  assert.deepEqual(await created(server), onceEach);
});

test("abort does the same on platforms without SIGINT", async () => {
  const [server, path, controller] = [await sandbox(), ledger(), new AbortController()];
  await slow(server);
  const { platform } = process;
  const report = await applyUntil(10, server, { ledger: path, signal: controller.signal }, () => {
    Object.defineProperty(process, "platform", { value: "win32" });
    controller.abort();
    Object.defineProperty(process, "platform", { value: platform });
  });
  assert.equal(report.counts.created + report.counts.pending, COUNT);
  assert.equal(report.stopped, "cancelled");
});

test("abort before anything is sent is an AbortError", async () => {
  const [server, reason] = [await sandbox(), new Error("mine")];
  const sent = await requestsDuring(server, async () => {
    for (const method of ["check", "plan", "apply"]) {
      const options = { ...account(server), ...(method === "apply" && { ledger: ledger() }) };
      const before = await rejection(new Fleet(rows(1))[method]({ ...options, signal: AbortSignal.abort(reason) }));
      assert.ok(before instanceof AbortError && before.name === "AbortError" && before.cause === reason, method);
      // A source that never ends does not block the call.
      const controller = new AbortController();
      async function* endless() {
        yield* rows(1);
        controller.abort(reason);
        await new Promise(() => {});
      }
      const during = await rejection(new Fleet(endless)[method]({ ...options, signal: controller.signal }));
      assert.deepEqual([during.name, during.cause], ["AbortError", reason], method);
    }
  });
  assert.deepEqual(sent, []);
  assert.deepEqual(programs(), []);
});

test("signal of a polyfill is accepted", async () => {
  class ForeignSignal extends EventTarget {
    aborted = false;
    abort(reason) {
      Object.assign(this, { aborted: true, reason });
      this.dispatchEvent(new Event("abort"));
    }
  }
  const [signal, reason] = [new ForeignSignal(), new Error("mine")];
  assert.equal(await new Fleet(rows(2)).check({ signal }), 2);
  async function* endless() {
    yield* rows(1);
    signal.abort(reason);
    await new Promise(() => {});
  }
  for (const work of [() => new Fleet(endless).check({ signal }), () => new Fleet(rows(1)).check({ signal })]) {
    const error = await rejection(work());
    assert.deepEqual([error.name, error.cause], ["AbortError", reason]);
  }
});

test("ledger of a killed program prevents duplicates", async () => {
  const [server, path] = [await sandbox(), ledger()];
  await slow(server);
  for (const done of [5, 20]) {
    const error = await rejection(applyUntil(done, server, { ledger: path }, () => {
      for (const { pid } of programs()) process.kill(pid, "SIGKILL");
    }));
    assert.ok(error instanceof FleetError && error.code === "ended" && error.outcome === "unknown", error);
    assert.match(error.message, /ended by SIGKILL.*apply again with the same ledger/);
  }
  assert.equal((await resumed(server, path)).isComplete, true);
  assert.deepEqual(await created(server), onceEach);
});

/** Applies a fleet in another process. */
function parent(server, path, fleet, onProgress = "() => {}") {
  const source = `
    const { Fleet } = require(${JSON.stringify(entry)});
    const rows = ${JSON.stringify(rows(COUNT))};
    const options = ${JSON.stringify({ ...account(server), ledger: path, inFlight: 4 })};
    new Fleet(${fleet}).apply({ ...options, onProgress: ${onProgress} }).then(({ counts }) => console.log(counts));`;
  return spawn(process.execPath, ["--eval", source], { stdio: ["ignore", "pipe", "inherit"] });
}

test("program stops with its parent process, and the next run resumes", async () => {
  const [server, path] = [await sandbox(), ledger()];
  await slow(server);
  const killed = parent(server, path, "rows", "({ done }) => done >= 10 && console.log('now')");
  await once(killed.stdout, "data");
  killed.kill("SIGKILL");
  await once(killed, "exit");
  const report = await resumed(server, path);
  assert.equal(report.isComplete, true);
  // The first run was not at its end.
  assert.ok((report.counts.created ?? 0) > 0, JSON.stringify(report.counts));
  assert.deepEqual(await created(server), onceEach);
});

test("program sends nothing when its parent process is killed between rows", async () => {
  const [server, path] = [await sandbox(), ledger()];
  const stalls = "await new Promise((end) => setTimeout(end, 1e6));";
  const fleet = `async function* () { yield* rows; console.log('now'); ${stalls} }`;
  const killed = parent(server, path, fleet);
  await once(killed.stdout, "data");
  const [{ pid }] = programs(killed.pid);
  killed.kill("SIGKILL");
  await once(killed, "exit");
  while (isRunning(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(await created(server), {});
});

test("error of the source of rows prevents all requests", async () => {
  const [server, mine] = [await sandbox(), new Error("mine")];
  async function* failing() {
    yield* rows(30);
    throw mine;
  }
  const sent = await requestsDuring(server, async () => {
    assert.equal(await rejection(new Fleet(failing).apply({ ...account(server), ledger: ledger() })), mine);
    const circular = { name: "x" };
    circular.self = circular;
    const error = await rejection(new Fleet([...rows(2), circular]).apply({ ...account(server), ledger: ledger() }));
    assert.match(error.message, /row 3 could not be written as JSON/);
    assert.ok(error.cause instanceof TypeError);
  });
  assert.deepEqual(sent, []);
});

test("error of a progress listener stops the run", async () => {
  const [server, path, mine] = [await sandbox(), ledger(), new Error("mine")];
  await slow(server);
  const stopped = applyUntil(5, server, { ledger: path }, () => {
    throw mine;
  });
  assert.equal(await rejection(stopped), mine);
  assert.ok(Object.keys(await created(server)).length < COUNT);
  assert.equal((await resumed(server, path)).isComplete, true);
  assert.deepEqual(await created(server), onceEach);
});

test("second run on a ledger is refused", async () => {
  const [server, path] = [await sandbox(), ledger()];
  await misbehave(server, { operation: "createIntegration", skip: 12, fault: { delay: { ms: 5_000 } } });
  let second;
  const first = await applyUntil(1, server, { ledger: path }, () => {
    second = rejection(new Fleet(rows(COUNT)).apply({ ...account(server), ledger: path }));
    // The first run ends only after the second.
    second.then(() => misbehave(server));
  });
  assert.equal(first.isComplete, true);
  assert.equal((await second).code, "ledger_in_use");
});

test("process stays while a fleet is applied, and then ends", async () => {
  const server = await sandbox();
  await slow(server, COUNT);
  const running = parent(server, ledger(), "rows");
  let output = "";
  running.stdout.on("data", (text) => (output += text));
  const [code] = await once(running, "exit");
  assert.deepEqual([code, output.trim()], [0, `{ created: ${COUNT} }`]);
});

test("process ends although a signal could still be aborted", async () => {
  const source = `
    const { Fleet } = require(${JSON.stringify(entry)});
    const { signal } = new AbortController();
    new Fleet(${JSON.stringify(rows(2))}).check({ signal }).then(console.log);`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--eval", source], { timeout: 60_000 });
  assert.equal(stdout.trim(), "2");
});

test("program that cannot be started is an error", async () => {
  const source = `
    const { createRequire } = require("node:module");
    const program = createRequire(${JSON.stringify(entry)}).resolve("ocamba-cli");
    require.cache[program] = { loaded: true, exports: { binary: ${JSON.stringify(join(files, "not-there"))} } };
    const { Fleet } = require(${JSON.stringify(entry)});
    new Fleet(${JSON.stringify(rows(2))}).check().catch(({ code, cause }) => console.log(code, cause.code));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--eval", source], { timeout: 60_000 });
  assert.equal(stdout.trim(), "not_started ENOENT");
});

test("10,000 rows of 30 MB are not kept in memory", async () => {
  const { request, secretName } = await planted();
  const settings = (i) => ({ ...request.settings, [secretName]: `${i} `.padEnd(3000, "x") });
  let [least, most] = [Infinity, 0];
  async function* many() {
    for (let i = 0; i < 10_000; i += 1) {
      if (i % 500 === 0) {
        globalThis.gc();
        const { heapUsed, external } = process.memoryUsage();
        [least, most] = [Math.min(least, heapUsed + external), Math.max(most, heapUsed + external)];
      }
      yield { ...request, name: `many ${i}`, settings: settings(i) };
    }
  }
  assert.equal(await new Fleet(many).check(), 10_000);
  console.log(`10,000 rows cost ${((most - least) / 1e6).toFixed(1)} MB here`);
  assert.ok(most - least < 4e6, `${least} ${most}`);
});

test("10,000 rows are planned and applied once", async () => {
  const [server, path, count] = [await sandbox(), ledger(), 10_000];
  const fleet = new Fleet(() => rows(count));
  const started = performance.now();
  assert.deepEqual((await fleet.plan({ ...account(server), ledger: path })).counts, { create: count });
  const planned = performance.now();
  const report = await fleet.apply({ ...account(server), ledger: path, inFlight: 64 });
  const [plan, apply] = [planned - started, performance.now() - planned];
  console.log(`10,000 rows: planned in ${(plan / 1e3).toFixed(1)} s, applied in ${(apply / 1e3).toFixed(1)} s`);
  assert.deepEqual([report.rows.length, report.counts], [count, { created: count }]);
  assert.deepEqual(report.rows.map(({ line }) => line), Array.from({ length: count }, (_, i) => i + 1));
  assert.equal(new Set(report.rows.map(({ id }) => id)).size, count);
});
