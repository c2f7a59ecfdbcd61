// Writes what the user passed as JSON, with its secrets in clear. What JSON would leave out is an error.
"use strict";

const { reveal } = require("./secret.js");

/** Returns the value as JSON. `invalid(path, message, cause)` makes the error of a part that cannot be written. */
function write(value, invalid) {
  return reveal(() => {
    const problem = find(value, [], []);
    if (problem) throw invalid(...problem);
    try {
      return JSON.stringify(value);
    } catch (error) {
      throw invalid([], "could not be written as JSON", error);
    }
  });
}

/** Returns options whose headers are an object. They may be pairs, as `Headers` and Maps are; what is none is left. */
function withPlainHeaders(options) {
  const { headers } = options;
  if (typeof headers === "string" || !headers?.[Symbol.iterator]) return options;
  try {
    return { ...options, headers: Object.fromEntries(headers) };
  } catch {
    return options;
  }
}

/** Returns the path of a function, a symbol or the like, and what is wrong. An `undefined` part is as if it were not there. */
function find(value, path, parents) {
  if (["function", "symbol", "bigint"].includes(typeof value)) return [path, `must not be a ${typeof value}`];
  if (typeof value !== "object" || value === null || parents.includes(value)) return;
  const within = [...parents, value];
  if (typeof value.toJSON === "function") {
    const written = value.toJSON();
    return written === undefined ? [path, "must not be without a value"] : find(written, path, within);
  }
  if (typeof value.then === "function") return [path, "must not be a promise; await it"];
  if (isOpaque(value)) return [path, `must be plain data, not ${value.constructor?.name}`];
  for (const name of Object.keys(value)) {
    const problem = find(value[name], [...path, name], within);
    if (problem) return problem;
  }
}

/** Whether this is more than `{}`, but has no field that JSON would see, as a Map, an Error or an object with accessors. */
function isOpaque(value) {
  const prototype = Object.getPrototypeOf(value);
  // That of a plain object, of whatever realm, has none itself.
  const isPlain = prototype === null || Object.getPrototypeOf(prototype) === null;
  return !isPlain && !Array.isArray(value) && Object.keys(value).length === 0;
}

module.exports = { isOpaque, withPlainHeaders, write };
