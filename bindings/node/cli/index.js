// Finds the program. Packing copies `platform.js` from the package `ocamba-hood` to this folder.
"use strict";

const { forPlatform } = require("./platform.js");

const program = process.platform === "win32" ? "ocamba.exe" : "ocamba";

module.exports = { binary: forPlatform("ocamba-cli", (name) => require.resolve(`${name}/${program}`)) };
