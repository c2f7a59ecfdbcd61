// The error classes. The native side says which of them a failure is.
"use strict";

class HoodError extends Error {
  constructor({ message, cause, ...fields } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, fields);
  }

  /** With its message, which JSON would leave out. */
  toJSON() {
    return { name: this.name, message: this.message, ...this };
  }
}

class AbortError extends HoodError {}
class AuthenticationError extends HoodError {}
class BadRequestError extends HoodError {}
class ConfigurationError extends HoodError {}
class ConnectionError extends HoodError {}
class DuplicateError extends HoodError {}
class NotFoundError extends HoodError {}
class OutcomeUnknownError extends HoodError {}
class PermissionDeniedError extends HoodError {}
class RateLimitError extends HoodError {}
class ServerError extends HoodError {}
class TimeoutError extends HoodError {}
class UnreadableResponseError extends HoodError {}
class ValidationError extends HoodError {}

const classes = {
  HoodError,
  AbortError,
  AuthenticationError,
  BadRequestError,
  ConfigurationError,
  ConnectionError,
  DuplicateError,
  NotFoundError,
  OutcomeUnknownError,
  PermissionDeniedError,
  RateLimitError,
  ServerError,
  TimeoutError,
  UnreadableResponseError,
  ValidationError,
};

// On the prototypes, where the names of built-in errors are: an own one would be printed among the fields.
for (const [name, value] of Object.entries(classes)) {
  Object.defineProperty(value.prototype, "name", { value: name, configurable: true, writable: true });
}

/** What to look for where a create may have come to be, by its error: not a field, which would be shown. */
const unconfirmedCreates = new WeakMap();

/** The error of a failure as the native side tells it. */
function failure({ class: name, text, cause: below, unconfirmed_create, ...fields }, cause = below) {
  // What lies below in the native code has no stack of its own.
  fields.cause = cause === below && below !== undefined ? withHead(new Error(below), `Error: ${below}`, "") : cause;
  const error = new classes[name](fields);
  if (unconfirmed_create) unconfirmedCreates.set(error, unconfirmed_create);
  return withHead(error, `${name}: ${text ?? fields.message}`, error.stack);
}

/** The error of a request or option that is found wrong in JavaScript. */
function invalid(field, message, cause) {
  const field_errors = [{ field, message }];
  const fields = { outcome: "not_sent", code: "validation", message: `${field} ${message}`, field_errors };
  return failure({ class: "ValidationError", ...fields }, cause);
}

/** Does what throws at once on the native side: there the reason is the text of the failure. */
function thrownBy(work) {
  try {
    return work();
  } catch (error) {
    throw failure(JSON.parse(error.message));
  }
}

/** Puts another first line before the frames of a stack, and leaves out those of this package. */
function withHead(error, head, stack) {
  // A user's own `Error.prepareStackTrace` may make anything of it.
  const frames = typeof stack === "string" ? stack.split("\n").filter(isForeignFrame) : [];
  return Object.defineProperty(error, "stack", {
    value: [head, ...frames].join("\n"),
    configurable: true,
    writable: true,
  });
}

function isForeignFrame(line) {
  // The frame of this package's one generator does not say whose it is.
  return /^\s+at /.test(line) && !line.includes(__dirname) && !line.endsWith("at items.next (<anonymous>)");
}

module.exports = { ...classes, failure, invalid, unconfirmedCreates, thrownBy };
