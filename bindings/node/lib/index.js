// The package's entry. `import` and `require` load this one module, so that each class exists once.
"use strict";

const { Client } = require("./client.js");
const ProviderId = require("./provider-id.js");
const { Secret, reveal } = require("./secret.js");
const { describedProvider, unknownProvider } = require("./unknown-provider.js");

// Plain names, and the exports of whole modules, only: `import` finds them by reading this text.
module.exports = { Client, ProviderId, Secret, reveal, describedProvider, unknownProvider, ...require("./errors.js") };
