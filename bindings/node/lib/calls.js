// The calls of this thread: their promises by number, and the messages that settle them.
"use strict";

const { channel } = require("node:diagnostics_channel");
const { AsyncResource } = require("node:async_hooks");
const { failure, invalid } = require("./failure.js");
const { parse } = require("./json.js");
const native = require("./native.js");

// Tests replace it.
const { Promise } = globalThis;

/** What a message has besides the result: see `Client::call` in src/client.rs. */
const RESPONSE = 1;
const ATTEMPTS = 2;

const requests = channel("ocamba-hood:request");
const calls = new native.Calls();
/** The pending calls by number. No number is ever used again, so no result can reach another caller. */
const pending = new Map();
let lastNumber = 0;
let flushing = false;
let isListening = false;
/**
 * The ids of the calls of each signal, and its listener: one, however many calls share the signal, since listeners are slow
 * to add and find.
 */
const watched = new WeakMap();

/**
 * Begins a call with `start(number, flags)`, and resolves to its message. Only to be awaited within an async function
 * that the user's code awaits.
 */
function begin(start, signal, withResponse, traced) {
  // Subscribers run in the async context of the call, so that they can tell whose it is.
  const scope = requests.hasSubscribers ? (traced?.scope ?? new AsyncResource("ocamba-hood")) : undefined;
  const number = ++lastNumber;
  return new Promise((resolve) => {
    // First, since a signal that is none may throw.
    if (signal) watch(signal, number);
    start(number, (withResponse ? RESPONSE : 0) | (scope ? ATTEMPTS : 0));
    pending.set(number, { resolve, signal, scope });
    if (pending.size === 1 && isListening) calls.keepAlive(true);
    flush();
  });
}

/**
 * Returns the message of a call that succeeded, or throws its error. The error is made where the user's code awaits it,
 * so that its stack shows the user's lines: to note them at each call would cost a tenth of the call.
 */
function conclude(message, signal) {
  const { error } = message;
  if (error) throw failure(error, error.code === "aborted" ? signal.reason : undefined);
  return message;
}

/** Settles the calls that ended since the last time. The native side calls it with JSON arrays of messages. */
function deliver(batches) {
  for (const batch of batches) {
    for (const message of parse(batch)) {
      const { resolve, signal, scope } = pending.get(message.id);
      pending.delete(message.id);
      resolve(message);
      if (signal) unwatch(signal, message.id);
      for (const attempt of message.attempts ?? []) scope.runInAsyncScope(requests.publish, requests, attempt);
    }
  }
  if (pending.size === 0) calls.keepAlive(false);
  for (let warning; (warning = calls.warning()); ) process.emitWarning(warning, "HoodWarning");
}

/** Aborts the call when the signal is aborted. */
function watch(signal, id) {
  let watch = watched.get(signal);
  if (!watch) {
    const ids = new Set();
    watch = { ids, listener: () => ids.forEach((id) => abort(id)) };
    signal.addEventListener("abort", watch.listener);
    watched.set(signal, watch);
  }
  watch.ids.add(id);
}

/** Forgets a call that ended. The last one removes the listener. */
function unwatch(signal, id) {
  const { ids, listener } = watched.get(signal);
  ids.delete(id);
  if (ids.size > 0) return;
  watched.delete(signal);
  try {
    signal.removeEventListener("abort", listener);
  } catch {}
}

function abort(number) {
  calls.abort(number);
  flush();
}

/** Wakes the native side, once for everything that begins in this turn. Fake timers also replace `queueMicrotask`. */
async function flush() {
  if (flushing) return;
  flushing = true;
  await undefined;
  flushing = false;
  if (!isListening) {
    // Not earlier, in the stack of the user's code: Jest would show it an open handle, which keeps nothing alive.
    isListening = true;
    calls.listen(deliver);
    calls.keepAlive(pending.size > 0);
  }
  try {
    calls.flush();
  } catch ({ message }) {
    // The failure of all, as JSON.
    deliver([`[${Array.from(pending.keys(), (id) => `{"id":${id},"error":${message}}`)}]`]);
  }
}

/** Throws if the value is no AbortSignal, or one that is aborted. */
function check(signal) {
  const isSignal = typeof signal?.aborted === "boolean" && signal.addEventListener && signal.removeEventListener;
  if (!isSignal) throw invalid("options.signal", "must be an AbortSignal");
  if (signal.aborted) {
    const message = "the call was aborted before its request was sent";
    throw failure({ class: "AbortError", outcome: "not_sent", code: "aborted", message }, signal.reason);
  }
}

module.exports = { begin, calls, check, conclude };
