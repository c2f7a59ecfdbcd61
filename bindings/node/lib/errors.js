// The error classes.
"use strict";

class HoodError extends Error {
  // Without an outcome, nothing is known: no default may promise more.
  constructor({ message, cause, outcome = "unknown", http_headers, ...fields } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, { outcome, ...fields });
    // They would be most of what is printed.
    if (http_headers) Object.defineProperty(this, "http_headers", { value: http_headers });
  }

  /** Includes the message, which JSON would leave out. */
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
class ValidationError extends HoodError {
  constructor(fields) {
    super({ ...fields, field_errors: fields?.field_errors ?? [] });
  }
}

// Plain names only: `import` finds them by reading this text.
module.exports = {
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

// On the prototypes, as for built-in errors: an own property would be printed among the fields.
for (const [name, value] of Object.entries(module.exports)) {
  Object.defineProperty(value.prototype, "name", { value: name, configurable: true, writable: true });
}
