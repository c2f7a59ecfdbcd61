// The error classes.
"use strict";

/** Maximum number of row errors in a message. `row_errors` has all. */
const MAX_SHOWN = 10;

class FleetError extends Error {
  // Without an outcome, nothing is known: no default may promise more.
  constructor({ message, cause, outcome = "unknown", ...fields } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, { outcome, ...fields });
  }

  /** Includes the message, which JSON would leave out. */
  toJSON() {
    return { name: this.name, message: this.message, ...this };
  }
}

class AbortError extends FleetError {}
class InvalidRowsError extends FleetError {}

// On the prototypes, as for built-in errors: an own property would be printed among the fields.
for (const [name, value] of Object.entries({ AbortError, FleetError, InvalidRowsError })) {
  Object.defineProperty(value.prototype, "name", { value: name, configurable: true, writable: true });
}

/** Returns the error that the program reported. */
function failure({ cause, row_errors, count, hint, ...fields }) {
  const below = cause === undefined ? {} : { cause: new Error(cause) };
  if (fields.code !== "invalid_rows") return new FleetError({ ...fields, ...(hint && { hint }), ...below });
  return new InvalidRowsError({ ...fields, message: inWords(row_errors, count), hint, row_errors, count });
}

function inWords(row_errors, count) {
  const lines = row_errors.slice(0, MAX_SHOWN).map(({ file, line, field, cell, message }) => {
    return `${file}:${line}: ${field && `${field} `}${cell ? `(${cell}) ` : ""}${message}`;
  });
  return [...lines, ...(count > lines.length ? [`and ${count - lines.length} more`] : [])].join("\n");
}

/** Returns the error of an invalid option or input, as JavaScript found. */
function invalid(message, cause) {
  return new FleetError({ code: "configuration", outcome: "not_sent", message: `${message}; nothing was sent`, cause });
}

function aborted(signal) {
  const message = "the run was aborted before anything was sent";
  return new AbortError({ code: "aborted", outcome: "not_sent", message, cause: signal.reason });
}

module.exports = { AbortError, FleetError, InvalidRowsError, aborted, failure, invalid };
