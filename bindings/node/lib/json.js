// Writes what the user passed as JSON, with its secrets in clear. What JSON would leave out or change is an error.
"use strict";

const { isObject, reveal } = require("./secret.js");

// Tests replace them.
const { parse, stringify } = JSON;

/** What JSON must not leave out of an object: fields of requests, and options. */
const FIELDS = /^(name|provider(_id)?|status|settings|token|baseUrl|headers|signal|proxy|.*imeout|userAgent|(client|http|max|rate|root)[A-Z].+)$/;

/** Returns the value as JSON. `invalid(path, message)` makes the error of a part that cannot be written. */
function write(value, invalid) {
  try {
    // For a `toJSON` that copies secrets.
    return reveal(() => stringify(checked(value, [], [])));
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
  if (typeof value.toJSON === "function") {
    const plain = value.toJSON() ?? refuse("must not be without a value");
    if (plain !== value) return checked(plain, path, within);
  }
  if (typeof value.then === "function") refuse("must not be a promise; await it");
  // They may be pairs, as `Headers` and Maps are.
  if (path.length === 1 && path[0] === "headers" && value[Symbol.iterator]) {
    value = Object.fromEntries(Array.from(value, (pair) => [].concat(pair, null)));
  }
  // Most values are texts.
  const part = (value, name) => (typeof value === "string" ? value : checked(value, [...path, name], within));
  if (Array.isArray(value)) return Array.from(value, (item, i) => (item === undefined ? refuse("must not have undefined items") : part(item, i)));
  // Within settings, any name may be meant, but for those that frameworks add, such as `__ob__`.
  const name = hidden(value, path[0] === "settings" ? /^[^_$]/ : FIELDS);
  if (name) refuse(`must be plain data, not ${value.constructor?.name}: it hides ${name}`);
  // A fingerprint has 32 bytes, as Base64.
  const plain = Object.fromEntries(Object.keys(value).map((name) => [name, part(value[name], name)]));
  if (Object.keys(plain).length === 1 && /^.{43}=$/.test(plain.fingerprint)) refuse("must be a Secret, not a copy of one");
  return plain;
}

/** Whether this is an object of which JSON sees all that is meant. */
function isPlain(value) {
  return isObject(value) && !hidden(value, FIELDS);
}

/** Returns the name of a field that the object hides, or that its class has: JSON would leave it out. */
function hidden(value, fields) {
  const shown = Object.keys(value);
  const isHidden = (name) => fields.test(name) && !shown.includes(name) && typeof value[name] !== "function";
  for (let object = value, above; object; object = above) {
    const name = Object.getOwnPropertyNames(object).find(isHidden);
    if (name) return name;
    above = Object.getPrototypeOf(object);
    // The last prototype is that of plain objects, of whatever realm.
    if (shown.length === 0 && above && object !== value) return "fields";
  }
}

module.exports = { isPlain, parse, write };
