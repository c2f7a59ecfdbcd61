// Fleets: inputs, results, and secrets.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { binary } from "ocamba-cli";
import { Fleet, FleetError, InvalidRowsError } from "ocamba-fleet";
import { Secret, unknownProvider } from "ocamba-hood";
import { CANARY, hides, planted } from "./canary.mjs";
import { account, folder, programs, rows } from "./fleets.mjs";
import { NOWHERE, created, example, misbehave, rejection, requestsDuring, sandbox } from "./helpers.mjs";

const require = createRequire(import.meta.url);
const files = folder();
const ledger = () => join(files, `${Math.random()}.ledger`);
const outcomes = (report) => Array.from(report, ({ outcome }) => outcome);

test("import and require load one module", () => {
  assert.equal(require("ocamba-fleet").Fleet, Fleet);
});

test("rows come from a file, an array, generators, streams, lists and functions", async () => {
  const server = await sandbox();
  const all = rows(3);
  const path = join(files, "fleet.jsonl");
  writeFileSync(path, all.map((row) => JSON.stringify(row)).join("\n"));
  async function* generated() {
    yield* all;
  }
  const fleets = [path, pathToFileURL(path), all, new Set(all), generated(), Readable.from(all), generated, () => all];
  for (const given of fleets) assert.equal(await new Fleet(given).check(), 3);
  const list = join(files, "fleet.json");
  writeFileSync(list, JSON.stringify(all));
  const report = await new Fleet(list).apply(account(server));
  assert.deepEqual([outcomes(report), report.isComplete, report.stopped], [Array(3).fill("created"), true, null]);
  assert.deepEqual(await created(server), { "row 0": 1, "row 1": 1, "row 2": 1 });
  assert.ok(readdirSync(files).includes("fleet.json.ledger"));
});

test("one-shot iterable is read once, and a function is called again", async () => {
  const generate = function* () {
    yield* rows(2);
  };
  const once = new Fleet(generate());
  assert.equal(await once.check(), 2);
  const error = await rejection(once.check());
  assert.match(error.message, /already read and can be read only once.*function.*nothing was sent/);
  const anew = new Fleet(generate);
  assert.deepEqual([await anew.check(), await anew.check()], [2, 2]);
  const same = generate();
  const fleet = new Fleet(() => same);
  await fleet.check();
  assert.match((await rejection(fleet.check())).message, /read only once/);
});

test("plan predicts the outcomes of apply", async () => {
  const server = await sandbox();
  const [fleet, options] = [new Fleet(rows(2)), { ...account(server), ledger: ledger() }];
  await server.client().integrations.create({ ...example, name: "row 1" });
  const plan = await fleet.plan(options);
  assert.deepEqual(plan.steps.map(({ line, action }) => [line, action]), [[1, "create"], [2, "adopt"]]);
  assert.deepEqual(plan.counts, { create: 1, adopt: 1 });
  const report = await fleet.apply(options);
  assert.deepEqual(report.counts, { created: 1, adopted: 1 });
  const [row] = report;
  assert.deepEqual(Object.keys(row), ["line", "name", "provider_id", "outcome", "id", "code", "message", "trace_id", "references"]);
  assert.deepEqual(outcomes(await fleet.apply(options)), ["unchanged", "unchanged"]);
  assert.deepEqual((await fleet.plan(options)).toJSON(), [...(await fleet.plan(options))]);
});

test("saved plan is applied exactly or not at all", async () => {
  const server = await sandbox();
  const [fleet, save] = [new Fleet(rows(2)), join(files, "plan.json")];
  await fleet.plan({ ...account(server), save });
  const options = { ...account(server), plan: save, ledger: ledger() };
  await server.client().integrations.create({ ...example, name: "row 1", status: "paused" });
  const error = await rejection(fleet.apply(options));
  assert.deepEqual([error.code, error.exit, error.outcome], ["stale_plan", 3, "not_sent"]);
  assert.ok(error instanceof FleetError);
  assert.equal(new FleetError({ message: "mine" }).outcome, "unknown");
  assert.match(error.hint, /make a new plan/);
});

test("error lists all row errors, and nothing is sent", async () => {
  const server = await sandbox();
  const nameless = Array.from({ length: 200 }, () => ({ ...example, name: "" }));
  const wrong = [...rows(1), {}, ...rows(1), 7, undefined, ...nameless];
  const lines = wrong.map((_, i) => i + 1).slice(1);
  const sent = await requestsDuring(server, async () => {
    for (const method of ["check", "plan", "apply"]) {
      const options = { ...account(server), ...(method === "apply" && { ledger: ledger() }) };
      const error = await rejection(new Fleet(wrong)[method](options));
      assert.ok(error instanceof InvalidRowsError && error instanceof FleetError && error.name === "InvalidRowsError");
      assert.deepEqual([error.row_errors.length, error.outcome], [error.count, "not_sent"]);
      assert.deepEqual([...new Set(error.row_errors.map(({ line }) => line))], lines);
      assert.deepEqual(error.row_errors[0], { file: "rows", line: 2, field: "name", message: "is required" });
      assert.match(error.message, /^rows:2: name is required\n[^]*\nand \d+ more$/);
      assert.deepEqual(error.toJSON().row_errors, error.row_errors);
    }
  });
  assert.deepEqual(sent, []);
});

test("stack shows the caller's line, and unreadable files and accounts have their codes", async () => {
  async function mine() {
    await new Fleet(join(files, "not-there.csv")).check();
  }
  const error = await rejection(mine());
  assert.deepEqual([error.code, error.exit, error.outcome], ["file", 2, "not_sent"]);
  assert.match(error.stack, /^FleetError: .*not-there\.csv[^]*at async mine/);
  const away = { token: "t", baseUrl: NOWHERE, rateLimit: "off" };
  const refused = await rejection(new Fleet(rows(1)).plan(away));
  assert.deepEqual([refused.code, refused.stage], ["connection", "tcp"]);
});

test("failed rows are in the report and in a file to fix", async () => {
  const server = await sandbox();
  await misbehave(server, { name: "row 1", fault: { answer: { status: 400 } } });
  const [path, failed] = [join(files, "report.csv"), join(files, "failed.jsonl")];
  const fleet = new Fleet(rows(3));
  const report = await fleet.apply({ ...account(server), ledger: ledger(), inFlight: 1, report: path, failed });
  assert.deepEqual(outcomes(report), ["created", "failed", "created"]);
  assert.deepEqual([report.isComplete, report.stopped, report.counts], [false, null, { created: 2, failed: 1 }]);
  const [{ line, code, trace_id }] = report.failed;
  assert.deepEqual([line, code, typeof trace_id], [2, "bad_request", "string"]);
  assert.match(readFileSync(path, "utf8"), /^line,name,provider_id,outcome,[^]*2,row 1,\d+,failed/);
  assert.equal(await new Fleet(failed).check(), 1);
});

test("report with an invalid path is rejected before anything is sent", async () => {
  const server = await sandbox();
  const [fleet, options] = [new Fleet(rows(2)), { ...account(server), ledger: ledger() }];
  const error = await rejection(fleet.apply({ ...options, report: join(files, "not-there", "report.csv") }));
  assert.match(error.message, /report\.csv cannot be written/);
  assert.equal(error.outcome, "not_sent");
  assert.deepEqual(outcomes(await fleet.apply(options)), ["created", "created"]);
});

test("progress begins with no rows and ends with all", async () => {
  const server = await sandbox();
  const seen = [];
  await new Fleet(rows(5)).apply({ ...account(server), ledger: ledger(), onProgress: (it) => seen.push(it) });
  const [first, last] = [seen[0], seen.at(-1)];
  assert.deepEqual([first.total, first.done, last.done, last.failed, last.in_flight], [5, 0, 5, 0, 0]);
  // In milliseconds, not in seconds.
  assert.ok(last.elapsed > 1 && last.elapsed < 60_000 && last.remaining === 0 && last.waited === 0, last);
});

test("unknown providers must be allowed", async () => {
  const row = unknownProvider({ name: "Bot", provider_id: "2000", settings: { bot_token: CANARY } });
  assert.match((await rejection(new Fleet([row]).check())).message, /provider_id/);
  assert.equal(await new Fleet([row]).check({ allowUnknownProvider: true }), 1);
});

test("numbers become texts, and notes are left out", async () => {
  const row = { name: 7, provider: "mitto", NOTES: "to do", settings: { api_key: 12345, sender_name: NaN } };
  const rows = [row, { ...row, name: 8 }].map((row) => ({ ...row, settings: { ...row.settings, sender_name: 4711 } }));
  assert.equal(await new Fleet(rows, { ignoreColumns: "NOTES" }).check(), 2);
  class Row {
    constructor(row) { Object.assign(this, row); }
    get label() { return this.name; }
  }
  assert.equal(await new Fleet(rows.map((row) => new Row(row)), { ignoreColumns: "NOTES" }).check(), 2);
  const hidden = Object.assign(Object.create({ status: "inactive" }), rows[0]);
  assert.match((await rejection(new Fleet([hidden]).check())).message, /row 1 .*it must be plain data, not Object: it hides status/);
  for (const [value, message] of [
    [NaN, /row 1 .*sender_name must not be NaN/],
    [{ toJSON: () => NaN }, /row 1 .*sender_name must not be NaN/],
    [[undefined], /row 1 .*0 must be set/],
    [new Map([["a", 1]]), /row 1 .*sender_name must be plain data, not Map/],
    [Promise.resolve("x"), /row 1 .*sender_name must not be a promise/],
    [new Date(NaN), /row 1 .*sender_name must not be without a value/],
    [structuredClone(new Secret("x")), /row 1 .*sender_name must be a Secret, not a copy/],
  ]) {
    const refused = { ...row, settings: { ...row.settings, sender_name: value } };
    assert.match((await rejection(new Fleet([refused], { ignoreColumns: ["NOTES"] }).check())).message, message);
  }
});

test("list of one account can be applied to another without its other fields", async () => {
  const [from, to] = [await sandbox(), await sandbox()];
  await from.client().integrations.create({ ...example, name: "moved" });
  const list = () => from.client().integrations.list({ view: "full" });
  assert.match((await rejection(new Fleet(list()).check())).message, /rows:1: id is not a field/);
  async function* requests() {
    for await (const { name, provider_id, settings, status } of list()) yield { name, provider_id, settings, status };
  }
  const report = await new Fleet(requests).apply({ ...account(to), ledger: ledger() });
  const [copy] = await to.client().integrations.list({ view: "full" }).all();
  assert.deepEqual([report.isComplete, copy.name], [true, "moved"]);
  for (const [name, value] of Object.entries(example.settings)) {
    assert.equal(copy.settings[name] instanceof Secret ? copy.settings[name].expose() : copy.settings[name], value);
  }
});

test("secret reaches the server and shows nowhere else", async () => {
  const { request, secretName } = await planted();
  const server = await sandbox();
  const hidden = { ...request, name: "b", settings: { ...request.settings, [secretName]: new Secret(CANARY) } };
  const referring = { ...request, name: "c", settings: { ...request.settings, [secretName]: "env:FLEET_CANARY" } };
  process.env.FLEET_CANARY = CANARY;
  const [fleet, path] = [new Fleet([request, hidden, referring], { references: "env:FLEET_" }), ledger()];
  // The program runs long enough to be seen.
  await misbehave(server, { operation: "createIntegration", fault: { delay: { ms: 3_000 } } });
  const words = [];
  const onProgress = () => words.push(...programs());
  const options = { ...account(server), token: new Secret(`${CANARY}-token`), ledger: path, onProgress };
  const refused = await rejection(fleet.apply(options));
  assert.equal(refused.code, "authentication");
  const report = await fleet.apply({ ...options, token: "sandbox-token" });
  assert.equal(report.isComplete, true);
  assert.ok(words.length > 0);
  hides(words, "the arguments");
  const wrong = await rejection(new Fleet([{ ...request, name: "" }, { ...hidden, status: 7 }, CANARY]).check());
  for (const [what, value] of Object.entries({ fleet, report, refused, wrong })) hides(value, what);
  hides(await fleet.plan({ ...options, token: "sandbox-token", onProgress: undefined, ledger: ledger() }), "the plan");
  for (const file of readdirSync(files)) {
    assert.ok(!readFileSync(join(files, file)).includes(CANARY), file);
  }
  for (const { settings } of await server.client().integrations.list({ view: "full" }).all()) {
    assert.equal(settings[secretName].expose(), CANARY);
  }
});

test("rows refer to nothing unless the program says so", async () => {
  const { secretName } = await planted();
  process.env.FLEET_CANARY = CANARY;
  const texts = ["env:OCAMBA_TOKEN", "env:FLEET_CANARY", "file:/etc/passwd", "keyring:k", "text:env:FLEET_CANARY"];
  const all = rows(texts.length).map((row, i) => ({ ...row, settings: { ...row.settings, [secretName]: texts[i] } }));
  const server = await sandbox();
  const sent = async () => {
    const found = await server.client().integrations.list({ view: "full", sort: "name" }).all();
    return found.map(({ settings }) => settings[secretName].expose());
  };
  assert.ok((await new Fleet(all).apply({ ...account(server), ledger: ledger() })).isComplete);
  assert.deepEqual(await sent(), texts);
  const fleet = new Fleet([all[1], all[4]], { references: ["env:FLEET_"] });
  const options = { ...account(server), ledger: ledger() };
  const reference = `${secretName}=env:FLEET_CANARY`;
  assert.deepEqual((await fleet.plan(options)).steps.map(({ references }) => references), [reference, undefined]);
  assert.deepEqual((await fleet.apply(options)).rows.map(({ references }) => references), [reference, null]);
  const now = await sent();
  assert.deepEqual([now[1], now[4]], [CANARY, "env:FLEET_CANARY"]);
  const refused = await rejection(new Fleet(all, { references: "env:FLEET_" }).check());
  assert.deepEqual(refused.row_errors.map(({ line }) => line), [1, 3, 4]);
  assert.doesNotMatch(refused.message, /OCAMBA_TOKEN|passwd|keyring:k/);
  for (const references of ["env:OCAMBA_", "keyring:ocamba", "file:/nowhere", "x:y"]) {
    assert.equal((await rejection(new Fleet(all, { references }).check())).outcome, "not_sent");
  }
  for (const options of [{ references: 7 }, { references: [""] }, { refs: "env:X" }, null]) {
    assert.throws(() => new Fleet(all, options), FleetError);
  }
});

test("export, status and orphans are those of the command line", async () => {
  const server = await sandbox();
  const { secretName } = await planted();
  const [all, options, path] = [rows(3), account(server), join(files, "known.jsonl")];
  writeFileSync(path, all.map((row) => JSON.stringify(row)).join("\n"));
  const fleet = new Fleet(path, { ignoreColumns: "NOTES" });
  assert.match((await rejection(new Fleet(join(files, "nothing.csv")).status())).message, /has no ledger/);
  await fleet.apply(options);
  const status = await fleet.status({ ...options, allowUnknownProvider: true });
  assert.deepEqual(Array.from(status, ({ name, state }) => [name, state]), all.map(({ name }) => [name, "done"]));
  assert.deepEqual([status.isRunning, status.counts, status.toJSON()], [false, { done: 3 }, status.rows]);
  const fewer = new Fleet(all.slice(1));
  assert.match((await rejection(fewer.status())).message, /ledger must be a path/);
  assert.deepEqual((await fewer.status({ ledger: `${path}.ledger` })).rows, status.rows);
  const { orphans } = await fewer.plan({ ...options, ledger: `${path}.ledger` });
  assert.deepEqual(orphans.map(({ name, id }) => [name, id]), [["row 0", status.rows[0].id]]);

  const sheet = join(files, "account.csv");
  const written = await new Fleet(sheet).export(options);
  assert.deepEqual([written.rows, written.leftOut], [3, []]);
  for (const variable of written.variables) process.env[variable] = example.settings[secretName];
  const again = new Fleet(sheet, { references: written.references });
  assert.deepEqual((await again.plan(options)).counts, { unchanged: 3 });
  const ledger = join(files, "account.ledger");
  assert.deepEqual((await new Fleet(sheet).export({ ...options, reveal: true, ledger })).variables, []);
  const renamed = new Fleet([{ ...all[0], name: "renamed" }, ...all.slice(1)]);
  assert.deepEqual((await renamed.plan({ ...options, ledger })).counts, { update: 1, unchanged: 2 });
  assert.match((await rejection(fewer.export(options))).message, /export writes the account to a file/);
  assert.match((await rejection(new Fleet("a.xlsx").export(options))).message, /workbooks are only read/);
});

test("cell of a workbook is named", async () => {
  const workbook = new URL("../workbooks/libreoffice.ods", import.meta.url);
  const options = { ignoreColumns: "NOTES" };
  assert.equal(await new Fleet(workbook, options).check(), 5);
  const { row_errors, message } = await rejection(new Fleet(workbook, { ...options, sheet: "Refused" }).check());
  assert.equal(row_errors[0].cell, "Refused!F2");
  assert.match(message, /:2: settings.default_phone_number \(Refused!F2\) is a date/);
});

test("progress that is refused ends the run with its error", async () => {
  const server = await sandbox();
  for (const onProgress of [() => { throw new Error("mine"); }, async () => { throw new Error("mine"); }]) {
    const error = await rejection(new Fleet(rows(3)).apply({ ...account(server), ledger: ledger(), onProgress }));
    assert.equal(error.message, "mine");
  }
});

test("options are checked before the program starts", async () => {
  const fleet = new Fleet(rows(1));
  const wrong = [
    [{ legder: "x" }, /no option legder; it has .*ledger/],
    [{}, /ledger must be/],
    [{ ledger: "" }, /ledger must be a non-empty string/],
    [{ ledger: "x\0" }, /NUL/],
    [{ ledger: "x", inFlight: 0 }, /inFlight must be a whole number/],
    [{ ledger: "x", reconcileTimeout: "1s" }, /reconcileTimeout must be a number of milliseconds/],
    [{ ledger: "x", onProgress: 1 }, /onProgress must be a function/],
    [{ ledger: "x", signal: {} }, /signal must be an AbortSignal/],
    [{ ledger: "x", token: 7 }, /token must be a non-empty string/],
    [{ ledger: "x", rateLimit: 7 }, /rateLimit must be a non-empty string/],
    [{ ledger: "x", allowUnknownProvider: "false" }, /allowUnknownProvider must be true or false/],
    [{ ledger: "x", signal: { aborted: false, addEventListener() {} } }, /signal must be an AbortSignal/],
    ...[null, [], new Map([["token", "x"]]), Object.assign(Object.create({ token: "x" }), { ledger: "x" })].map((options) =>
      [options, /options must be a plain object/]),
  ];
  for (const [options, message] of wrong) {
    const error = await rejection(fleet.apply(options));
    assert.ok(error instanceof FleetError && error.code === "configuration", `${error}`);
    assert.match(error.message, message);
  }
  for (const options of [[], new Map([["references", "env:X_"]])]) assert.throws(() => new Fleet([], options), /plain object/);
  assert.match((await rejection(new Fleet("x.csv").export({ reveal: "false" }))).message, /reveal must be true or false/);
  for (const rows of [undefined, "", 7, {}, null]) assert.throws(() => new Fleet(rows), /a fleet needs/);
});

test("profile overrides the environment", async () => {
  const server = await sandbox();
  const words = ["auth", "login", "--profile", "mine", "--base-url", server.url, "--rate-limit", "off"];
  execFileSync(binary, words, { input: "sandbox-token" });
  Object.assign(process.env, { OCAMBA_TOKEN: "another", OCAMBA_BASE_URL: NOWHERE });
  const plan = await new Fleet(rows(1)).plan({ profile: "mine" });
  delete process.env.OCAMBA_TOKEN;
  assert.deepEqual(plan.counts, { create: 1 });
  // A stored token goes to another server only if the program names it.
  process.env.OCAMBA_PROFILE = "mine";
  const refused = await rejection(new Fleet(rows(1)).plan());
  assert.match(refused.message, /OCAMBA_BASE_URL names another server than http/);
  assert.deepEqual((await new Fleet(rows(1)).plan({ baseUrl: server.url })).counts, { create: 1 });
  delete process.env.OCAMBA_PROFILE;
  delete process.env.OCAMBA_BASE_URL;
});

test("JavaScript has at most 6 kB gzipped, and depends only on the program", () => {
  const package_ = require("ocamba-fleet/package.json");
  const folder = dirname(require.resolve("ocamba-fleet"));
  const scripts = readdirSync(folder).filter((name) => name.endsWith(".js"));
  const javascript = gzipSync(Buffer.concat(scripts.map((name) => readFileSync(join(folder, name))))).length;
  console.log(`JavaScript ${javascript} bytes gzipped`);
  assert.ok(javascript <= 6 * 1024);
  assert.deepEqual(package_.dependencies, { "ocamba-cli": package_.version });
  assert.deepEqual(package_.peerDependencies, { "ocamba-hood": package_.version });
});
