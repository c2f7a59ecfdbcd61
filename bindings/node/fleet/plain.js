// What may stand in rows and options: plain data that JSON does not change, and secrets.
"use strict";

const ROW = ["name", "provider_id", "provider", "status", "settings"];

/** Whether this is an object of which JSON sees all these fields. */
function isPlain(value, fields) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !hidden(value, (name) => fields.includes(name));
}

/** Returns the name of a field that the object hides, or that its class has: JSON would leave it out. */
function hidden(value, isField) {
  const shown = Object.keys(value);
  const isHidden = (name) => isField(name) && !shown.includes(name) && typeof value[name] !== "function";
  for (let object = value, above; object; object = above) {
    const name = Object.getOwnPropertyNames(object).find(isHidden);
    if (name) return name;
    above = Object.getPrototypeOf(object);
    // The last prototype is that of plain objects, of whatever realm.
    if (shown.length === 0 && above && object !== value) return "fields";
  }
}

/** Returns what a `Secret` hides, of whatever copy of `ocamba-hood`, and any other value. */
function exposed(value) {
  return typeof value?.expose === "function" ? exposed(value.expose()) : value;
}

/** For `JSON.stringify`: replaces each `Secret` with its value, and throws at what JSON would leave out or change. */
function checked(key, written) {
  let value = exposed(this[key]);
  const refuse = (message) => {
    throw new TypeError(`${key || "it"} must ${message}`);
  };
  if (typeof value?.toJSON === "function") value = exposed(value === this[key] ? written : value.toJSON()) ?? refuse("not be without a value");
  if (["function", "symbol", "bigint"].includes(typeof value)) refuse(`not be a ${typeof value}`);
  if (typeof value === "number" && !Number.isFinite(value)) refuse(`not be ${value}`);
  if (value === undefined && Array.isArray(this)) refuse("be set");
  if (typeof value !== "object" || value === null) return value;
  if (typeof value.then === "function") refuse("not be a promise; await it");
  // Within settings, any name may be one. Frameworks add names such as `__ob__`.
  const name = !Array.isArray(value) && hidden(value, (name) => (key === "settings" ? !/^[_$]/.test(name) : ROW.includes(name)));
  if (name) refuse(`be plain data, not ${value.constructor?.name}: it hides ${name}`);
  if (Object.keys(value).length === 1 && /^.{43}=$/.test(value.fingerprint)) refuse("be a Secret, not a copy of one");
  return value;
}

module.exports = { checked, exposed, isPlain };
