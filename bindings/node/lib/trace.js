// The events of calls, for tracing.
"use strict";

const { AsyncResource } = require("node:async_hooks");
const { tracingChannel } = require("node:diagnostics_channel");

const calls = tracingChannel("ocamba-hood:call");

/** A call between its events. Subscribers may add headers to its requests. */
class Trace {
  #call;
  /** The async context of the call, for the messages about its requests. */
  scope;

  constructor(operation) {
    this.#call = { operation, headers: {} };
    this.scope = calls.start.runStores(this.#call, () => new AsyncResource("ocamba-hood"));
  }

  get headers() {
    return this.#call.headers;
  }

  fail(error) {
    this.#call.error = error;
    calls.error.publish(this.#call);
  }

  end() {
    calls.asyncEnd.publish(this.#call);
  }
}

/** Begins the trace of a call, if somebody subscribed to its events. */
const trace = (operation) => (calls.hasSubscribers ? new Trace(operation) : undefined);

module.exports = { trace };
