// The calls of this thread: their promises by id, and what becomes of them.
"use strict";

const { channel } = require("node:diagnostics_channel");
const { AsyncResource } = require("node:async_hooks");
const { failure, invalid } = require("./errors.js");
const { Secret, reveal } = require("./secret.js");
const { UNKNOWN } = require("./unknown-provider.js");
const { watch, unwatch } = require("./abort.js");
const native = require("./native.js");

/** What the native side is asked for beside the result: see src/message.rs. */
const RESPONSE = 1;
const ATTEMPTS = 2;

const requests = channel("ocamba-hood:request");
const calls = new native.Calls(deliver);
/** By id, what is waiting for its message. No id is ever used again, so no answer can reach another caller. */
const pending = new Map();
let lastId = 0;
let flushing = false;

/**
 * Makes a create. Errors are made here, in an async function that the user's code awaits: so their stacks show the
 * user's lines, which would otherwise have to be noted at each call, at a tenth of its cost.
 */
async function create(client, request, options, withResponse) {
  const text = json("request", request);
  if (options !== undefined && (typeof options !== "object" || options === null)) {
    throw invalid("options", "must be an object");
  }
  const { signal, ...others } = options ?? {};
  const optionsText = options ? json("options", others) : "";
  if (signal !== undefined) check(signal);
  // A subscriber runs in the async context of the call, so that it can tell whose it is.
  const scope = requests.hasSubscribers ? new AsyncResource("ocamba-hood") : undefined;
  const id = ++lastId;
  const message = await new Promise((resolve) => {
    pending.set(id, resolve);
    if (pending.size === 1) calls.hold();
    const wanted = (withResponse ? RESPONSE : 0) | (scope ? ATTEMPTS : 0);
    client.create(calls, id, text, optionsText, request?.[UNKNOWN] === true, wanted);
    if (signal) watch(signal, id, abort);
    flush();
  });
  if (signal) unwatch(signal, id);
  for (const attempt of message.attempts ?? []) scope.runInAsyncScope(requests.publish, requests, attempt);
  if (message.error) throw failure(message.error, message.error.code === "aborted" ? signal.reason : undefined);
  // Read from text, where a number has all its digits.
  if (message.numericId !== undefined) message.value.id = message.numericId;
  const value = hideSecrets(message.value, client);
  return withResponse ? { value, ...message.response } : value;
}

/** Called by the native side with texts of all that has ended since the last time. */
function deliver(batches) {
  for (const batch of batches) {
    for (const message of JSON.parse(batch)) {
      pending.get(message.id)(message);
      pending.delete(message.id);
    }
  }
  if (pending.size === 0) calls.release();
}

function abort(id) {
  calls.abort(id);
  flush();
}

/** Wakes the native side, once for all that is begun in this turn. */
function flush() {
  if (flushing) return;
  flushing = true;
  queueMicrotask(() => {
    flushing = false;
    calls.flush();
  });
}

function check(signal) {
  if (typeof signal?.aborted !== "boolean" || typeof signal.addEventListener !== "function") {
    throw invalid("options.signal", "must be an AbortSignal");
  }
  if (signal.aborted) {
    const message = "the call was aborted before its request was sent";
    throw failure({ class: "AbortError", outcome: "not_sent", code: "aborted", message }, signal.reason);
  }
}

/** Puts a `Secret` in the place of each setting that is not known to be none. */
function hideSecrets(integration, client) {
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
function json(name, value) {
  let text;
  try {
    text = reveal(() => JSON.stringify(value));
  } catch (error) {
    throw invalid(name, "cannot be written as JSON", error);
  }
  if (text === undefined) throw invalid(name, `must be an object, not ${typeof value}`);
  return text;
}

module.exports = { create };
