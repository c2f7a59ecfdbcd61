// Spans and metrics, with OpenTelemetry's own SDK.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { SpanKind, SpanStatusCode, context, propagation } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { registerInstrumentations } from "@opentelemetry/instrumentation";
import { AggregationTemporality, InMemoryMetricExporter, MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { HoodInstrumentation } from "ocamba-hood/opentelemetry";
import { hides, planted } from "../canary.mjs";
import { example, misbehave, rejection, sandbox, server } from "../helpers.mjs";

context.setGlobalContextManager(new AsyncLocalStorageContextManager());
propagation.setGlobalPropagator(new W3CTraceContextPropagator());
const exporter = new InMemorySpanExporter();
const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: 60_000 });
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
const meterProvider = new MeterProvider({ readers: [reader] });
const instrumentation = new HoodInstrumentation();
after(registerInstrumentations({ instrumentations: [instrumentation], tracerProvider, meterProvider }));
after(() => meterProvider.shutdown());
const tracer = tracerProvider.getTracer("app");

/** Runs `work` within a span of the application, and returns its spans by name, each with its parent's name. */
async function spansOf(work) {
  exporter.reset();
  await tracer.startActiveSpan("app", (span) => work().finally(() => span.end()));
  const spans = exporter.getFinishedSpans();
  const names = new Map(spans.map((span) => [span.spanContext().spanId, span.name]));
  assert.equal(new Set(spans.map((span) => span.spanContext().traceId)).size, 1);
  return spans.filter(({ name }) => name !== "app").map((span) => [span, names.get(span.parentSpanContext.spanId)]);
}

test("each call has a span below the current one, and each request one by the conventions", async () => {
  const made = await sandbox();
  await misbehave(made, { operation: "createIntegration", times: 1, fault: { answer: { status: 429, headers: { "Retry-After": "0" } } } });
  const [[first, call], [second, again], [create, parent]] = await spansOf(() => made.client().integrations.create(example));

  assert.deepEqual([call, again, parent, create.name], ["ocamba_hood.create", "ocamba_hood.create", "app", "ocamba_hood.create"]);
  assert.deepEqual([create.kind, create.status.code], [SpanKind.INTERNAL, SpanStatusCode.UNSET]);
  const { hostname, port } = new URL(made.url);
  const path = "/v1/hood/integrations";
  const shared = {
    "http.request.method": "POST",
    "server.address": hostname,
    "server.port": Number(port),
    "url.full": made.url + path,
    "url.path": path,
    "url.template": path,
  };
  for (const [span, status, more] of [[first, 429, { "error.type": "rate_limit" }], [second, 201, { "http.request.resend_count": 1 }]]) {
    const { "ocamba.trace_id": id, ...attributes } = span.attributes;
    assert.deepEqual(attributes, { ...shared, "http.response.status_code": status, ...more });
    assert.deepEqual([span.name, span.kind], [`POST ${path}`, SpanKind.CLIENT]);
    assert.equal(span.status.code, status === 429 ? SpanStatusCode.ERROR : SpanStatusCode.UNSET);
    assert.ok(id === undefined || typeof id === "string");
  }
});

test("span of a request ends before that of its call, and begins after it", async () => {
  const { client } = await sandbox().then((made) => ({ client: made.client() }));
  const time = ([seconds, nanoseconds]) => seconds * 1e3 + nanoseconds / 1e6;
  const [[request], [call]] = await spansOf(() => client.integrations.create(example));
  // Clocks of two kinds: the process' own and the system's.
  assert.ok(time(request.startTime) >= time(call.startTime) - 50 && time(request.endTime) <= time(call.endTime) + 50);
  assert.ok(time(request.endTime) > time(request.startTime));
});

test("failed calls say why, without a secret", async () => {
  const { request } = await planted();
  const made = await sandbox();
  await misbehave(made, { operation: "createIntegration", fault: { answer: { status: 400, body: { json: { title: "t", code: 400, message: request.name } } } } });
  const spans = await spansOf(() => rejection(made.client().integrations.create(request)));
  for (const [span] of spans) {
    assert.deepEqual([span.attributes["error.type"], span.status.code], ["bad_request", SpanStatusCode.ERROR]);
    hides([span.attributes, span.status, span.events], span.name);
    if (span.kind === SpanKind.INTERNAL) assert.equal(span.attributes["ocamba.outcome"], "rejected");
  }
  assert.equal(spans.length, 2);

  const nowhere = await spansOf(() => rejection(made.client({ baseUrl: "http://127.0.0.1:1", maxRetries: 0 }).integrations.get("7")));
  assert.deepEqual(nowhere.map(([{ name, attributes }]) => [name, attributes["error.type"]]), [
    ["GET /v1/hood/integrations/{id}", "connection"],
    ["ocamba_hood.get", "connection"],
  ]);
});

test("lists and ensures have the requests that they sent", async () => {
  const made = await sandbox();
  const { integrations } = made.client();
  for (const name of ["a", "b", "c"]) await integrations.create({ ...example, name });
  const named = (spans) => spans.map(([{ name }, parent]) => `${parent}: ${name}`);
  const page = "ocamba_hood.list: GET /v1/hood/integrations";
  const [first, second, ...rest] = named(await spansOf(() => integrations.list({ page_size: 2 }).all()));
  assert.deepEqual([first, second, rest.at(-1)], [page, page, "app: ocamba_hood.list"]);
  const stopped = await spansOf(async () => {
    for await (const { name } of integrations.list({ page_size: 2 })) if (name) break;
  });
  assert.deepEqual(named(stopped), [page, "app: ocamba_hood.list"]);
  assert.deepEqual(named(await spansOf(() => integrations.ensure(example))), [
    "ocamba_hood.ensure: GET /v1/hood/integrations",
    "ocamba_hood.ensure: POST /v1/hood/integrations",
    "app: ocamba_hood.ensure",
  ]);
});

test("requests name the span of their call in traceparent", async () => {
  const received = [];
  const { client } = await server((request, response) => {
    received.push(request.headers.traceparent);
    request.resume().on("end", () => response.writeHead(200, { "content-type": "application/json" }).end('{"id":"7","total":1,"items":[]}'));
  });
  const { integrations } = client();
  for (const work of [() => integrations.get("7"), () => integrations.list().page(1), () => integrations.list().all()]) {
    received.length = 0;
    const spans = await spansOf(work);
    const { traceId, spanId } = spans.find(([{ name }]) => name.startsWith("ocamba_hood."))[0].spanContext();
    assert.equal(received[0], `00-${traceId}-${spanId}-01`);
  }
  received.length = 0;
  const mine = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  for (const headers of [{ traceparent: mine }, { Traceparent: mine }, new Headers({ Traceparent: mine })]) {
    await spansOf(() => integrations.get("7", { headers }));
  }
  assert.deepEqual(received, [mine, mine, mine]);
  assert.equal((await rejection(integrations.get("7", { headers: "x-key: 1" }))).name, "ValidationError");
});

test("metric has the duration of each request", async () => {
  metrics.reset();
  const { client } = await sandbox().then((made) => ({ client: made.client() }));
  await client.integrations.create(example);
  await reader.forceFlush();
  const all = metrics.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics).flatMap(({ metrics }) => metrics);
  const { descriptor, dataPoints } = all.find(({ descriptor }) => descriptor.name === "http.client.request.duration");
  assert.equal(descriptor.unit, "s");
  const point = dataPoints.findLast(({ attributes }) => attributes["http.response.status_code"] === 201);
  assert.ok(point.value.count >= 1 && point.value.sum > 0 && point.value.sum < 60);
  assert.equal(point.attributes["url.full"], undefined);
});

test("stack of an error has the user's lines, and nothing is recorded after disable", async () => {
  const { client } = await sandbox().then((made) => ({ client: made.client() }));
  const mine = async () => await client.integrations.get("404404");
  assert.match((await rejection(mine())).stack, /at async mine /);
  instrumentation.disable();
  exporter.reset();
  await client.integrations.create(example);
  assert.deepEqual(exporter.getFinishedSpans(), []);
  instrumentation.enable();
  instrumentation.enable();
  assert.equal((await spansOf(() => client.integrations.create(example))).length, 2);
});
