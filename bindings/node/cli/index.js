// Where the program is. `platform.js` is copied here from the package `ocamba-hood` when this one is packed.
"use strict";

const { forPlatform } = require("./platform.js");

const program = process.platform === "win32" ? "ocamba.exe" : "ocamba";

module.exports = { binary: forPlatform("ocamba-cli", (name) => require.resolve(`${name}/${program}`)) };
