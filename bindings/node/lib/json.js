// Writes what the user passed as JSON, with its secrets in clear. JSON leaves out what it cannot write; here that is found.
"use strict";

const { reveal } = require("./secret.js");

/** Returns the value as JSON. `invalid(path, message, cause)` makes the error of a part that cannot be written. */
function write(value, invalid) {
  return reveal(() => {
    check(value, [], [], invalid);
    try {
      return JSON.stringify(value);
    } catch (error) {
      throw invalid([], "could not be written as JSON", error);
    }
  });
}

/** Throws if a part is a function, a symbol or the like. An `undefined` one is as if it were not there. */
function check(value, path, parents, invalid) {
  if (["function", "symbol", "bigint"].includes(typeof value)) throw invalid(path, `must not be a ${typeof value}`);
  if (typeof value !== "object" || value === null || parents.includes(value)) return;
  if (typeof value.toJSON === "function") {
    const written = value.toJSON();
    if (written === undefined) throw invalid(path, "must not be without a value");
    if (written !== value) return check(written, path, [...parents, value], invalid);
  }
  if (typeof value.then === "function") throw invalid(path, "must not be a promise; await it");
  if (value instanceof Map || value instanceof Set) throw invalid(path, "must not be a Map or a Set");
  const within = [...parents, value];
  for (const name of Object.keys(value)) check(value[name], [...path, name], within, invalid);
}

module.exports = { write };
