// Requests with providers that this version does not know: explicit, so that typos are found.
"use strict";

const { invalid, thrownBy } = require("./failure.js");
const { write } = require("./json.js");
const native = require("./native.js");

/** Marks such requests. A symbol is never sent, and spreading the request copies it. */
const UNKNOWN = Symbol("ocamba-hood.unknownProvider");

function unknownProvider(request) {
  return { ...request, [UNKNOWN]: true };
}

function describedProvider(description, request) {
  const json = (value, name) =>
    write(value, (path, message, cause) => invalid([name, ...path].join("."), message, cause)) ?? "null";
  const texts = [json(description, "description"), json(request?.settings, "settings")];
  thrownBy(() => native.Client.checkSettings(...texts));
  return unknownProvider({ ...request, provider_id: description.id });
}

module.exports = { UNKNOWN, describedProvider, unknownProvider };
