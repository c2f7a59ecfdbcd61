// Requests with providers that this version does not know: explicit, so that typos are found.
"use strict";

const { invalid, thrownBy } = require("./failure.js");
const { reveal } = require("./secret.js");
const native = require("./native.js");

/** Marks such requests. A symbol is never sent, and spreading the request copies it. */
const UNKNOWN = Symbol("ocamba-hood.unknownProvider");

function unknownProvider(request) {
  return { ...request, [UNKNOWN]: true };
}

function describedProvider(description, request) {
  let texts;
  try {
    texts = reveal(() => [description, request?.settings].map((value) => JSON.stringify(value) ?? "null"));
  } catch (error) {
    throw invalid("settings", "could not be written as JSON", error);
  }
  thrownBy(() => native.Client.checkSettings(...texts));
  return unknownProvider({ ...request, provider_id: description.id });
}

module.exports = { UNKNOWN, describedProvider, unknownProvider };
