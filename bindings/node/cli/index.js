// Finds the program, and makes sure that it is of this version: it gets the token in its environment.
"use strict";

const { spawnSync } = require("node:child_process");
const { isAbsolute } = require("node:path");
const { installed } = require("./installed.js");
const { version } = require("./package.json");

/** Maximum time until a program shows its version, in milliseconds. */
const VERSION_TIMEOUT = 30_000;

/** Returns the path if the program says that it is of this version. */
function checked(path) {
  // A relative path would mean a file of whatever folder is the current one.
  if (!isAbsolute(path)) {
    throw new Error(`OCAMBA_BINARY is ${path}, which is not an absolute path; set it to one, or unset it`);
  }
  // Until then it may be any program, so it gets no variable that may be secret.
  const env = { PATH: process.env.PATH, SYSTEMROOT: process.env.SYSTEMROOT };
  const options = { env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: VERSION_TIMEOUT };
  const { error, stdout } = spawnSync(path, ["--version"], options);
  if (error) throw new Error(`${path} of OCAMBA_BINARY did not start: ${error.code}`, { cause: error });
  if (stdout.trim() !== `ocamba ${version}`) {
    const instead = "set OCAMBA_BINARY to that program, or unset it to start that of the package";
    throw new Error(`${path} of OCAMBA_BINARY is not ocamba ${version}, which ocamba-cli ${version} needs; ${instead}`);
  }
  return path;
}

// For `import`, which does not see names of getters.
0 && (module.exports = { binary });

module.exports = {
  get binary() {
    const chosen = process.env.OCAMBA_BINARY;
    return chosen ? checked(chosen) : installed();
  },
};
