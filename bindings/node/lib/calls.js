// The calls of this thread: their promises by id, and what becomes of them.
"use strict";

const { channel } = require("node:diagnostics_channel");
const { AsyncResource } = require("node:async_hooks");
const { failure, here, invalid } = require("./errors.js");
const { Secret, reveal } = require("./secret.js");
const { UNKNOWN } = require("./unknown-provider.js");
const { watch, unwatch } = require("./abort.js");
const native = require("./native.js");

const requests = channel("ocamba-hood:request");
const calls = new native.Calls(deliver);
/** By id. No id is ever used again, so no answer can reach another caller. */
const pending = new Map();
let lastId = 0;

/** Starts a create. `called` is the function that the user has called: the stack of an error begins below it. */
function create(client, request, options, withResponse, called) {
  const caller = here(called);
  return new Promise((resolve, reject) => {
    const text = json("request", request, caller);
    const { signal, ...others } = options ?? {};
    const optionsText = options ? json("options", others, caller) : "";
    if (signal !== undefined && !(typeof signal?.aborted === "boolean" && signal.addEventListener)) {
      throw invalid("options.signal", "must be an AbortSignal", caller);
    }
    if (signal?.aborted) {
      const message = "the call was aborted before its request was sent";
      const fields = { outcome: "not_sent", code: "aborted", message, cause: signal.reason };
      throw failure({ class: "AbortError", ...fields }, caller);
    }
    // A subscriber runs in the async context of the call, so that it can tell whose it is.
    const scope = requests.hasSubscribers ? new AsyncResource("ocamba-hood") : undefined;
    const id = ++lastId;
    pending.set(id, { client, resolve, reject, caller, signal, withResponse, scope });
    if (pending.size === 1) calls.hold();
    if (signal) watch(signal, id, abort);
    client.create(calls, id, text, optionsText, request?.[UNKNOWN] === true, withResponse, scope !== undefined);
  });
}

function abort(id) {
  calls.abort(id);
}

/** Called by the native side with texts of all that has ended since the last time. */
function deliver(batches) {
  for (const batch of batches) {
    for (const message of JSON.parse(batch)) settle(message);
  }
  if (pending.size === 0) calls.release();
}

function settle({ id, value, error, response, attempts }) {
  const call = pending.get(id);
  pending.delete(id);
  if (call.signal) unwatch(call.signal, id);
  if (error) {
    if (error.class === "AbortError") error.cause = call.signal.reason;
    call.reject(failure(error, call.caller));
  } else {
    const integration = hideSecrets(value, call.client);
    call.resolve(call.withResponse ? { value: integration, ...response } : integration);
  }
  for (const attempt of attempts ?? []) call.scope.runInAsyncScope(requests.publish, requests, attempt);
}

/** Puts a `Secret` in the place of each setting that is not known to be none. */
function hideSecrets(integration, client) {
  integration.id = String(integration.id);
  const { provider_id, settings } = integration;
  if (settings === undefined || settings === null) return integration;
  if (typeof settings !== "object" || Array.isArray(settings)) {
    integration.settings = new Secret(settings);
    return integration;
  }
  const visible = visibleSettings(provider_id, client);
  for (const name of Object.keys(settings)) {
    if (!visible.includes(name)) settings[name] = new Secret(settings[name]);
  }
  return integration;
}

const visibleByProvider = new Map();

function visibleSettings(provider, client) {
  const found = visibleByProvider.get(provider);
  if (found) return found;
  const visible = client.visibleSettings(String(provider));
  // Those of unknown providers are not kept: the server could name any number of them.
  if (visible.length > 0) visibleByProvider.set(provider, visible);
  return visible;
}

/** The text of a request, with its secrets in clear. */
function json(name, value, caller) {
  let text;
  try {
    text = reveal(() => JSON.stringify(value));
  } catch (error) {
    throw invalid(name, "cannot be written as JSON", caller, error);
  }
  if (text === undefined) throw invalid(name, `must be an object, not ${typeof value}`, caller);
  return text;
}

module.exports = { create };
