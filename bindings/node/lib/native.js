// The addon: its `Client` and `Calls` are described in src/client.rs and src/calls.rs.
"use strict";

const { forPlatform } = require("./platform.js");

module.exports = forPlatform("ocamba-hood", require);
