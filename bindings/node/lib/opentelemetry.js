// Spans and metrics of OpenTelemetry.
"use strict";

const { AsyncLocalStorage } = require("node:async_hooks");
const { subscribe, tracingChannel, unsubscribe } = require("node:diagnostics_channel");
const { SpanKind, SpanStatusCode, context, metrics, propagation, trace } = require("@opentelemetry/api");
const { name, version } = require("../package.json");

const REQUESTS = `${name}:request`;
const calls = tracingChannel(`${name}:call`);
/** Those of the conventions, in seconds. */
const explicitBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const ERROR = { code: SpanStatusCode.ERROR };

class HoodInstrumentation {
  instrumentationName = name;
  instrumentationVersion = version;
  #tracers = trace;
  #meters = metrics;
  #durations;
  #isEnabled = false;
  /** The span of each call, and the one of the call that runs. */
  #spans = new WeakMap();
  #current = new AsyncLocalStorage();

  constructor({ enabled = true } = {}) {
    if (enabled) this.enable();
  }

  enable() {
    if (this.#isEnabled) return;
    this.#isEnabled = true;
    calls.start.bindStore(this.#current, this.#begin);
    calls.subscribe(this.#ends);
    subscribe(REQUESTS, this.#request);
  }

  disable() {
    this.#isEnabled = false;
    calls.start.unbindStore(this.#current);
    calls.unsubscribe(this.#ends);
    unsubscribe(REQUESTS, this.#request);
  }

  setTracerProvider(provider) {
    this.#tracers = provider;
  }

  setMeterProvider(provider) {
    this.#meters = provider;
    this.#durations = undefined;
  }

  setConfig({ enabled = true } = {}) {
    if (!enabled) this.disable();
  }

  getConfig() {
    return { enabled: this.#isEnabled };
  }

  #start(name, options, parent) {
    return this.#tracers.getTracer(this.instrumentationName, version).startSpan(name, options, parent);
  }

  #begin = (call) => {
    const span = this.#start(`ocamba_hood.${call.operation}`);
    propagation.inject(trace.setSpan(context.active(), span), call.headers);
    this.#spans.set(call, span);
    return span;
  };

  #ends = {
    error: (call) => {
      const { code, outcome, message } = call.error;
      this.#spans.get(call)?.setAttributes({ "error.type": code, "ocamba.outcome": outcome }).setStatus({ ...ERROR, message });
    },
    asyncEnd: (call) => this.#spans.get(call)?.end(),
  };

  #request = ({ method, url, path, path_template, host, port, started, duration, status, attempt, trace_id, error }) => {
    // Attributes that are `undefined` are left out.
    const shared = {
      "http.request.method": method,
      "http.response.status_code": status ?? undefined,
      "server.address": host,
      "server.port": port,
      "url.template": path_template,
      "error.type": error ?? undefined,
    };
    const attributes = {
      ...shared,
      "http.request.resend_count": attempt - 1 || undefined,
      "url.full": url,
      "url.path": path,
      "ocamba.trace_id": trace_id ?? undefined,
    };
    const call = this.#current.getStore();
    const parent = call ? trace.setSpan(context.active(), call) : context.active();
    const span = this.#start(`${method} ${path_template}`, { kind: SpanKind.CLIENT, startTime: started, attributes }, parent);
    if (error) span.setStatus(ERROR);
    span.end(started + duration);
    const advice = { explicitBucketBoundaries };
    this.#durations ??= this.#meters.getMeter(name, version).createHistogram("http.client.request.duration", { unit: "s", advice });
    this.#durations.record(duration / 1000, shared, parent);
  };
}

module.exports = { HoodInstrumentation };
