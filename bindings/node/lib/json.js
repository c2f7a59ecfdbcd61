// Writes what the user passed as JSON, with its secrets in clear. What JSON would leave out or change is an error.
"use strict";

// Tests replace them.
const { parse, stringify } = JSON;

/** Returns the value as JSON. `invalid(path, message)` makes the error of a part that cannot be written. */
function write(value, invalid) {
  try {
    return stringify(checked(value, [], []));
  } catch (error) {
    // Made here, since a stack that begins with each level of the value would not reach the user's lines.
    throw Array.isArray(error) ? invalid(...error) : error;
  }
}

/**
 * Returns the value as plain data, or throws the path of a part and what is wrong. Each part is read once. An `undefined`
 * field is as if it were not there.
 */
function checked(value, path, parents) {
  // Of this or any other copy of the package.
  while (typeof value?.expose === "function") value = value.expose();
  const refuse = (message) => {
    throw [path, message];
  };
  if (["function", "symbol", "bigint"].includes(typeof value)) refuse(`must not be a ${typeof value}`);
  if (typeof value === "number" && !Number.isFinite(value)) refuse(`must not be ${value}`);
  if (typeof value !== "object" || value === null) return value;
  if (parents.includes(value)) refuse("must not contain itself");
  const within = [...parents, value];
  if (typeof value.toJSON === "function") return checked(value.toJSON() ?? refuse("must not be without a value"), path, within);
  if (typeof value.then === "function") refuse("must not be a promise; await it");
  // They may be pairs, as `Headers` and Maps are.
  if (path.length === 1 && path[0] === "headers" && value[Symbol.iterator]) {
    value = Object.fromEntries(Array.from(value, (pair) => (Array.isArray(pair) ? [...pair, null] : [pair, null])));
  }
  // Most values are texts.
  const part = (value, name) => (typeof value === "string" ? value : checked(value, [...path, name], within));
  if (Array.isArray(value)) return Array.from(value, (item, i) => (item === undefined ? refuse("must not have undefined items") : part(item, i)));
  if (!isPlain(value)) refuse(`must be plain data, not ${value.constructor?.name || "of a class"}: JSON would leave out fields`);
  const names = Object.keys(value);
  if (names.length === 1 && names[0] === "fingerprint") refuse("must be a Secret, not a copy of one");
  return Object.fromEntries(names.map((name) => [name, part(value[name], name)]));
}

/** Whether this is an object of which JSON sees all: no field is hidden, or of its class. */
function isPlain(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { length } = Object.keys(value);
  if (length < Object.getOwnPropertyNames(value).length) return false;
  // The last prototype is that of plain objects, of whatever realm.
  for (let above, prototype = Object.getPrototypeOf(value); (above = prototype && Object.getPrototypeOf(prototype)); prototype = above) {
    const fields = Object.values(Object.getOwnPropertyDescriptors(prototype));
    if (length === 0 || fields.some(({ get, enumerable, value }) => get || (enumerable && typeof value !== "function"))) return false;
  }
  return true;
}

module.exports = { isPlain, parse, write };
