// Finds the program of this version.
"use strict";

const { isAbsolute } = require("node:path");
const { checked } = require("./checked.js");
const { installed } = require("./installed.js");

function chosen(path) {
  // A relative path would mean a file of whatever folder is the current one.
  if (isAbsolute(path)) return checked(path, " of OCAMBA_BINARY");
  throw new Error(`OCAMBA_BINARY is ${path}, which is not an absolute path; set it to one, or unset it`);
}

// For `import`, which does not see names of getters.
0 && (module.exports = { binary });

module.exports = {
  get binary() {
    const path = process.env.OCAMBA_BINARY;
    return path ? chosen(path) : installed();
  },
};
