// The package's entry. `import` and `require` load this one module, so that each class exists once.
"use strict";

const { AbortError, FleetError, InvalidRowsError } = require("./errors.js");
const { Fleet } = require("./fleet.js");
const { Plan, Report, Status } = require("./report.js");

// Plain names only: `import` finds them by reading this text.
module.exports = { AbortError, Fleet, FleetError, InvalidRowsError, Plan, Report, Status };
