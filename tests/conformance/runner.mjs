// The runner in Node: `node runner.mjs PLAN RESULTS`. rust/src/plan.rs describes the plan.

import { readFileSync, writeFileSync } from "node:fs";
import { inspect, isDeepStrictEqual } from "node:util";
import { Client, HoodError, reveal, unknownProvider } from "ocamba-hood";

/** Maximum milliseconds that a late request may take after the calls of its case ended. */
const SETTLES = 3000;

const [planFile, resultsFile] = process.argv.slice(2);
const plan = known(JSON.parse(readFileSync(planFile, "utf8")), "sandbox", "token", "secrets", "cases");
const results = { observed: [], failed: {} };
for (const testCase of plan.cases) {
  const bounds = ["requests", "commits", "operations", "at_least_ms", "at_most_ms", "attempts"];
  known(testCase, "name", "client", "given", "faults", "calls", "at_once", ...bounds);
  let { seen, complaints } = await run(testCase);
  for (let attempt = 1; complaints.length > 0 && attempt < testCase.attempts; attempt += 1) {
    ({ seen, complaints } = await run(testCase));
  }
  for (const complaint of complaints) console.log(`FAILED ${testCase.name}: ${complaint}`);
  if (complaints.length > 0) results.failed[testCase.name] = complaints;
  results.observed.push(seen);
}
writeFileSync(resultsFile, JSON.stringify(results));
const failed = Object.keys(results.failed).length;
console.log(`${results.observed.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

async function run(testCase) {
  await prepare(testCase);
  const started = performance.now();
  const ended = await calls(testCase);
  const took = performance.now() - started;
  const journal = await settled(testCase);
  const seen = {
    name: testCase.name,
    calls: ended.map(observed),
    requests: journal.length,
    commits: commits(journal),
  };
  return { seen, complaints: complaintsOf(testCase, ended, took, journal) };
}

async function calls(testCase) {
  let client;
  try {
    client = new Client(settings(testCase.client));
  } catch (error) {
    return [expectHoodError(error)];
  }
  if (testCase.at_once) return Promise.all(testCase.calls.map((call) => make(client, call, []).catch(expectHoodError)));
  const ended = [];
  for (const call of testCase.calls) ended.push(await make(client, call, ended).catch(expectHoodError));
  return ended;
}

/** `before` are the ended calls of the case. */
async function make(client, call, before) {
  const expected = ["result", "only", "id_from_journal", "status", "error"];
  const given = ["id", "request", "page", "take", "error_of", "allow_unknown_provider"];
  known(call, "operation", ...given, "timeout_ms", "max_retries", "reconcile_timeout_ms", ...expected);
  const request = call.allow_unknown_provider ? unknownProvider(call.request) : call.request;
  const { integrations, providers } = client;
  const options = optionsOf(call);
  switch (call.operation) {
    case "create":
      return integrations.withResponse.create(request, options);
    case "validate":
      return integrations.withResponse.validate(request, options);
    case "ensure":
      return integrations.withResponse.ensure(request, options);
    case "get":
      return integrations.withResponse.get(call.id, options);
    case "update":
      return integrations.withResponse.update(call.id, request, options);
    case "send_test":
      return integrations.withResponse.sendTest(call.id ?? request, options);
    case "find_created":
      return integrations.withResponse.findCreated(before[call.error_of], options);
    case "list":
      return listed(integrations.list(request, options), call);
    case "list_providers":
      return listed(providers.list(request, options), call);
    default:
      throw new Error(`this runner does not know ${call.operation}`);
  }
}

async function listed(list, call) {
  if (call.page !== null) return list.withResponse.page(call.page);
  const value = [];
  for await (const item of list) {
    value.push(item);
    // Stops before the next request.
    if (value.length === call.take) break;
  }
  return { value, status: null };
}

function settings(client) {
  const names = ["timeout_ms", "connect_timeout_ms", "max_retries", "max_response_bytes", "rate_limit_tier", "proxy"];
  known(client, "token", "base_url", ...names);
  return {
    token: client.token,
    baseUrl: client.base_url,
    timeout: client.timeout_ms ?? undefined,
    connectTimeout: client.connect_timeout_ms ?? undefined,
    maxRetries: client.max_retries ?? undefined,
    maxResponseBytes: client.max_response_bytes ?? undefined,
    proxy: client.proxy ?? undefined,
    ...rateLimit(client.rate_limit_tier),
  };
}

/** The tier of a rate limit in memory, or none. */
function rateLimit(tier) {
  if (!tier) return { rateLimit: "off" };
  const { burst, steady } = known(tier, "burst", "steady");
  return { rateLimit: "memory", rateLimitTier: `${burst}/${steady}` };
}

function optionsOf(call) {
  const options = { timeout: call.timeout_ms, maxRetries: call.max_retries, reconcileTimeout: call.reconcile_timeout_ms };
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
}

function observed(end) {
  if (end instanceof HoodError) return { code: end.code, outcome: end.outcome, status: end.http_status ?? null };
  return { code: "ok", outcome: null, status: end.status };
}

function complaintsOf(testCase, ended, took, journal) {
  const complaints = [];
  const equal = (what, seen, expected) => {
    if (isDeepStrictEqual(seen, expected)) return;
    complaints.push(`${what}: ${JSON.stringify(seen)}, expected ${JSON.stringify(expected)}`);
  };
  equal("calls", ended.length, testCase.calls.length);
  for (const [index, end] of ended.entries()) {
    const call = testCase.calls[index];
    if (end instanceof HoodError && call.error) {
      ofError(call.error, end, equal, complaints);
    } else if (end instanceof HoodError) {
      complaints.push(`${end.code} ${end.outcome} (${end.message}), expected a result`);
    } else if (call.error) {
      complaints.push(`ok, expected ${call.error.code} ${call.error.outcome}`);
    } else {
      ofResult(call, end, journal, equal, complaints);
    }
    const shown = inspect(end, { depth: 20 }) + JSON.stringify(end) + String(end.stack);
    for (const secret of plan.secrets) if (shown.includes(secret)) complaints.push(`${secret} is shown`);
  }
  equal("requests", journal.length, testCase.requests);
  equal("commits", commits(journal), testCase.commits);
  if (testCase.operations !== null) equal("operations", journal.map((entry) => entry.operation), testCase.operations);
  if (testCase.at_least_ms !== null && took < testCase.at_least_ms) complaints.push(`took only ${took} ms`);
  if (testCase.at_most_ms !== null && took > testCase.at_most_ms) complaints.push(`took ${took} ms`);
  return complaints;
}

function ofResult(call, response, journal, equal, complaints) {
  let written = JSON.parse(reveal(() => JSON.stringify(response.value ?? null)));
  let expected = call.result;
  if (call.id_from_journal) {
    const created = journal.some((entry) => entry.integration_id === written.id);
    if (!created) complaints.push(`the journal created no ${written.id}`);
    expected = { ...expected, id: written.id };
  }
  if (call.only !== null) [written, expected] = [keep(written, call.only), keep(expected, call.only)];
  equal("result", written, expected);
  equal("status", response.status, call.status);
}

/** The result with only these fields of its integrations. */
function keep(result, only) {
  if (Array.isArray(result)) return result.map((item) => keep(item, only));
  if (result === null) return null;
  const within = ["items", "integration"].find((name) => name in result);
  if (within) return { ...result, [within]: keep(result[within], only) };
  return Object.fromEntries(Object.entries(result).filter(([name]) => only.includes(name)));
}

function ofError(expected, error, equal, complaints) {
  const lookedAt = ["title", "message_contains", "trace_id", "retry_after", "hides"];
  known(expected, "code", "outcome", "status", "stage", "field_errors", ...lookedAt);
  equal("code", error.code, expected.code);
  equal("outcome", error.outcome, expected.outcome);
  equal("status", error.http_status ?? null, expected.status);
  equal("stage", error.stage ?? null, expected.stage);
  equal("field_errors", (error.field_errors ?? []).map((problem) => problem.field).sort(), [...expected.field_errors].sort());
  if (expected.title !== null) equal("title", error.title ?? null, expected.title);
  if (expected.trace_id !== null) equal("has a trace id", typeof error.trace_id === "string", expected.trace_id);
  if (expected.retry_after !== null) equal("retry_after", error.retry_after ?? -1, expected.retry_after);
  const part = expected.message_contains;
  if (part !== null && !error.message.includes(part)) {
    complaints.push(`the message is ${JSON.stringify(error.message)}, expected ${JSON.stringify(part)} in it`);
  }
  const shown = [String(error), error.message, error.title, error.trace_id].join("|");
  for (const hidden of expected.hides) {
    if (shown.includes(hidden)) complaints.push(`${JSON.stringify(hidden)} is shown`);
  }
}

function commits(journal) {
  return journal.filter((entry) => entry.committed).length;
}

async function prepare(testCase) {
  await control("POST", "/_sandbox/reset");
  for (const request of testCase.given) await control("POST", "/_sandbox/integrations", request);
  await control("DELETE", "/_sandbox/journal");
  await control("PUT", "/_sandbox/faults", { faults: testCase.faults });
}

/** The journal, once it meets the expectations, or all requests ended and it cannot meet them. */
async function settled(testCase) {
  const deadline = performance.now() + SETTLES;
  for (;;) {
    const journal = await control("GET", "/_sandbox/journal");
    const over = journal.every((entry) => entry.duration_ms !== null);
    const asExpected = journal.length === testCase.requests && commits(journal) === testCase.commits;
    const beyond = journal.length > testCase.requests || commits(journal) > testCase.commits;
    if ((over && asExpected) || beyond || performance.now() > deadline) return journal;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function control(method, path, body) {
  const headers = { Authorization: `Bearer ${plan.token}`, "Content-Type": "application/json" };
  const answer = await fetch(plan.sandbox + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text === "" ? null : JSON.parse(text);
}

/** Any other error is a bug, and ends the run. */
function expectHoodError(error) {
  if (error instanceof HoodError) return error;
  throw error;
}

/** The fields: none may be unknown to this runner, and none may be missing. */
function known(fields, ...names) {
  const there = Object.keys(fields);
  const wrong = [...there.filter((name) => !names.includes(name)), ...names.filter((name) => !there.includes(name))];
  if (wrong.length > 0) throw new Error(`this runner does not know ${wrong.join(", ")}`);
  return fields;
}
