// The package's face. One module for `import` and `require` alike, so that there is one of each class.
"use strict";

const { AbortError, FleetError, InvalidRowsError } = require("./errors.js");
const { Fleet } = require("./fleet.js");
const { Plan, Report } = require("./report.js");

// Bare names and nothing else: for `import`, Node finds them by reading this text.
module.exports = {
  AbortError,
  Fleet,
  FleetError,
  InvalidRowsError,
  Plan,
  Report,
};
