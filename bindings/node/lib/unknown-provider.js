// Requests with providers that this version does not know: explicit, so that typos are found.
"use strict";

const { invalid, thrownBy } = require("./failure.js");
const { isPlain, write } = require("./json.js");
const native = require("./native.js");

/** Marks such requests. A symbol is never sent, and spreading the request copies it. */
const UNKNOWN = Symbol("ocamba-hood.unknownProvider");

function unknownProvider(request) {
  // Calls refuse what is no plain data, and a copy would hide that.
  return isPlain(request) ? { ...request, [UNKNOWN]: true } : request;
}

function describedProvider(description, request) {
  const json = (value, name) =>
    write(value, (path, message) => invalid([name, ...path].join("."), message)) ?? "null";
  const texts = [json(description, "description"), json(request?.settings, "settings")];
  thrownBy(() => native.Client.checkSettings(...texts));
  return isPlain(request) ? unknownProvider({ ...request, provider_id: description.id }) : request;
}

module.exports = { UNKNOWN, describedProvider, unknownProvider };
