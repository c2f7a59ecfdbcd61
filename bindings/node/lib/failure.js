// Makes errors of failures. The native side names the class of each.
"use strict";

const errors = require("./errors.js");

/** What `findCreated` needs to know of a create, by its error: not a field, which would be shown. */
const unconfirmedCreates = new WeakMap();

/** Returns the error of a failure, as the native side describes it. */
function failure({ class: name, text, cause: below, unconfirmed_create, ...fields }, cause = below) {
  // A cause in native code has no stack.
  fields.cause = cause === below && below !== undefined ? withHead(new Error(below), `Error: ${below}`, "") : cause;
  const error = new errors[name](fields);
  if (unconfirmed_create) unconfirmedCreates.set(error, unconfirmed_create);
  return withHead(error, `${name}: ${text ?? fields.message}`, error.stack);
}

/** Returns the error of a request or an option that is invalid, as JavaScript found. */
function invalid(field, message) {
  const field_errors = [{ field, message }];
  return failure({ class: "ValidationError", outcome: "not_sent", code: "validation", message: `${field} ${message}`, field_errors });
}

/** Runs native code that throws at once: the reason of its error is the failure as JSON, or a fault. */
function thrownBy(work) {
  try {
    return work();
  } catch (error) {
    throw error.message.startsWith("{") ? failure(JSON.parse(error.message)) : error;
  }
}

/** Puts another first line above the frames of a stack, and leaves out the frames of this package. */
function withHead(error, head, stack) {
  // A user's own `Error.prepareStackTrace` may return anything.
  const frames = typeof stack === "string" ? stack.split("\n").filter(isForeignFrame) : [];
  return Object.defineProperty(error, "stack", {
    value: [head, ...frames].join("\n"),
    configurable: true,
    writable: true,
  });
}

function isForeignFrame(line) {
  // In a bundle, the user's code is in the same file. Frames of built-in functions, as of generators, name none.
  return /^\s+at /.test(line) && !/[\\/]ocamba-hood[\\/]lib[\\/]|\(<anonymous>\)$/.test(line);
}

module.exports = { failure, invalid, thrownBy, unconfirmedCreates };
