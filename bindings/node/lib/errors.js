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
class NotFoundError extends HoodError {}
class OutcomeUnknownError extends HoodError {}
class PermissionError extends HoodError {}
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
  NotFoundError,
  OutcomeUnknownError,
  PermissionError,
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

/** The error of a failure as the native side tells it, with the stack of `caller`: see `here`. */
function failure({ class: name, text, cause, ...fields }, caller) {
  if (typeof cause === "string") {
    fields.cause = withStack(new Error(cause), `Error: ${cause}`);
  } else if (cause !== undefined) {
    fields.cause = cause;
  }
  const error = new classes[name](fields);
  return withStack(error, `${name}: ${text ?? fields.message}${frames(caller)}`);
}

/** The error of a request or option that is found wrong in JavaScript. */
function invalid(field, message, caller, cause) {
  const problems = [{ field, message }];
  const fields = { outcome: "not_sent", code: "validation", message: `${field} ${message}`, problems, cause };
  return failure({ class: "ValidationError", ...fields }, caller);
}

/** Remembers where `called` was called from. It costs a microsecond: the text is made only when it is asked for. */
function here(called) {
  const place = {};
  Error.captureStackTrace(place, called);
  return place;
}

/** The lines of a stack below its first. */
function frames({ stack }) {
  // A user's own `Error.prepareStackTrace` may make anything of it.
  return typeof stack === "string" ? stack.slice(stack.search(/\n\s+at |$/)) : "";
}

function withStack(error, stack) {
  return Object.defineProperty(error, "stack", { value: stack, configurable: true, writable: true });
}

module.exports = { ...classes, failure, invalid, here };
