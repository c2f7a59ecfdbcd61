// Finds the program that npm installed. Packing copies `platform.js` from the package `ocamba-hood` to this folder.
"use strict";

const { dirname, join } = require("node:path");
const { version } = require("./package.json");
const { forPlatform } = require("./platform.js");

const program = process.platform === "win32" ? "ocamba.exe" : "ocamba";

/** Returns the path of the program in the package for this platform, which must have the same version. */
function installed() {
  const path = forPlatform("ocamba-cli", (name) => require.resolve(`${name}/${program}`));
  const { name, version: found } = require(join(dirname(path), "package.json"));
  if (found === version) return path;
  throw new Error(`${name} is ${found}, not ${version}; to install it, run: npm install ocamba-cli@${version}`);
}

module.exports = { installed };
