// Checks that a program is of this version: it gets the token in its environment.
"use strict";

const { spawnSync } = require("node:child_process");
const { version } = require("./package.json");

/** Maximum time until a program shows its version, in milliseconds. */
const VERSION_TIMEOUT = 30_000;

/** Returns the path if the program says that it is of this version. */
function checked(path, origin = "") {
  // Until then it may be any program, so it gets no variable that may be secret.
  const env = { PATH: process.env.PATH, SYSTEMROOT: process.env.SYSTEMROOT };
  const options = { env, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], timeout: VERSION_TIMEOUT };
  const { error, stdout } = spawnSync(path, ["--version"], options);
  if (error) throw new Error(`${path}${origin} did not start: ${error.code}`, { cause: error });
  if (stdout.trim() === `ocamba ${version}`) return path;
  const instead = "set OCAMBA_BINARY to that program, or unset it to start that of the package";
  throw new Error(`${path}${origin} is not ocamba ${version}, which ocamba-cli ${version} needs; ${instead}`);
}

module.exports = { checked };
