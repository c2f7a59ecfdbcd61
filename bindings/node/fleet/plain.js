// What may stand in rows and options: plain data that JSON does not change, and secrets.
"use strict";

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

/** Returns what a `Secret` hides, of whatever copy of `ocamba-hood`, and any other value. */
function exposed(value) {
  return typeof value?.expose === "function" ? exposed(value.expose()) : value;
}

/** For `JSON.stringify`: replaces each `Secret` with its value, and throws at what JSON would leave out or change. */
function checked(key, written) {
  const value = exposed(this[key]);
  const refuse = (message) => {
    throw new TypeError(`${key || "it"} must ${message}`);
  };
  if (["function", "symbol", "bigint"].includes(typeof value)) refuse(`not be a ${typeof value}`);
  if (typeof value === "number" && !Number.isFinite(value)) refuse(`not be ${value}`);
  if (value === undefined && Array.isArray(this)) refuse("be set");
  if (typeof value !== "object" || value === null) return value;
  if (typeof value.toJSON === "function") return written ?? refuse("not be without a value");
  if (typeof value.then === "function") refuse("not be a promise; await it");
  if (!Array.isArray(value) && !isPlain(value)) refuse(`be plain data, not ${value.constructor?.name}`);
  if (`${Object.keys(value)}` === "fingerprint") refuse("be a Secret, not a copy of one");
  return value;
}

module.exports = { checked, exposed, isPlain };
