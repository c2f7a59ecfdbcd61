// Requests for providers that this version does not know. They must be meant: see `unknownProvider`.
"use strict";

const { invalid, thrownBy } = require("./errors.js");
const { reveal } = require("./secret.js");
const native = require("./native.js");

/** Marks them. A symbol is never sent, and goes along when the request is spread into another. */
const UNKNOWN = Symbol("ocamba-hood.unknownProvider");

function unknownProvider(request) {
  return { ...request, [UNKNOWN]: true };
}

function describedProvider(description, request) {
  let texts;
  try {
    texts = reveal(() => [description, request?.settings].map((value) => JSON.stringify(value) ?? "null"));
  } catch (error) {
    throw invalid("settings", "cannot be written as JSON", error);
  }
  thrownBy(() => native.Client.checkSettings(...texts));
  return unknownProvider({ ...request, provider_id: description.id });
}

module.exports = { UNKNOWN, describedProvider, unknownProvider };
