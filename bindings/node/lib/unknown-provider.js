// Requests for providers that this version does not know. They must be meant: see `unknownProvider`.
"use strict";

/** Marks them. A symbol is never sent, and goes along when the request is spread into another. */
const UNKNOWN = Symbol("ocamba-hood.unknownProvider");

function unknownProvider(request) {
  return { ...request, [UNKNOWN]: true };
}

module.exports = { UNKNOWN, unknownProvider };
