// The addon: src/client.rs and src/calls.rs document its `Client` and `Calls`.
"use strict";

const { forPlatform } = require("./platform.js");

module.exports = forPlatform("ocamba-hood", require);
