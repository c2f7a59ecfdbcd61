// Translates options to arguments and environment of the program.
"use strict";

const { invalid } = require("./errors.js");
const { exposed, isPlain } = require("./plain.js");

/** Variables that the option `profile` replaces. */
const OF_PROFILE = ["OCAMBA_TOKEN", "OCAMBA_BASE_URL", "OCAMBA_RATE_LIMIT", "OCAMBA_RATE_LIMIT_TIER"];

/** The arguments of each option. Other users of the machine may see them, so none has a secret. */
const ARGUMENTS = {
  ledger: (path) => [`--ledger=${text("ledger", path)}`],
  plan: (path) => [`--plan=${text("plan", path)}`],
  save: (path) => [`--out=${text("save", path)}`],
  report: (path) => [`--report=${text("report", path)}`],
  failed: (path) => [`--failed=${text("failed", path)}`],
  inFlight: (count) => [`--in-flight=${number("inFlight", count)}`],
  reconcileTimeout: (milliseconds) => [`--reconcile-timeout=${seconds("reconcileTimeout", milliseconds)}`],
  timeout: (milliseconds) => [`--timeout=${seconds("timeout", milliseconds)}`],
  // Not in the environment, whose URL must not receive a stored token.
  baseUrl: (url) => [`--base-url=${text("baseUrl", url)}`],
  reveal: (reveal) => (boolean("reveal", reveal) ? ["--reveal"] : []),
  allowUnknownProvider: (allow, command) =>
    boolean("allowUnknownProvider", allow) && !WITHOUT_ROWS.includes(command) ? ["--allow-unknown-provider"] : [],
};

/** The environment variables of each option. */
const VARIABLES = {
  profile: (name) => ({ OCAMBA_PROFILE: text("profile", name) }),
  token: (token) => ({ OCAMBA_TOKEN: text("token", exposed(token)) }),
  rateLimit: (limit) => ({ OCAMBA_RATE_LIMIT: text("rateLimit", limit) }),
  rateLimitTier: (tier) => ({ OCAMBA_RATE_LIMIT_TIER: text("rateLimitTier", tier) }),
  rateLimitDir: (folder) => ({ OCAMBA_RATE_LIMIT_DIR: text("rateLimitDir", folder) }),
};

/** The options of every command: one object may serve all. */
const OF_ALL = ["allowUnknownProvider", "baseUrl", "signal", "timeout", ...Object.keys(VARIABLES)];

/** The other options of each command. */
const OF_COMMAND = {
  check: [],
  plan: ["ledger", "save"],
  apply: ["ledger", "plan", "report", "failed", "inFlight", "reconcileTimeout", "onProgress"],
  export: ["ledger", "reveal"],
  status: ["ledger"],
};

/** The commands that read no rows. */
const WITHOUT_ROWS = ["export", "status"];

/** The options of a fleet. */
const OF_FLEET = ["references", "ignoreColumns", "sheet"];

/** Translates the options of a fleet to arguments. */
function ofFleet(options = {}) {
  if (!isPlain(options, OF_FLEET)) throw invalid("options must be a plain object");
  const { references = [], ignoreColumns = [], sheet, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw invalid(`a fleet has no option ${unknown}; it has ${OF_FLEET.join(", ")}`);
  return [
    ...[references].flat().map((from) => `--references=${text("references", from)}`),
    ...[ignoreColumns].flat().map((name) => `--ignore-column=${text("ignoreColumns", name)}`),
    ...(sheet === undefined ? [] : [`--sheet=${text("sheet", sheet)}`]),
  ];
}

/** Translates the options of a command to `{ args, env, signal, onProgress }`. */
function translate(command, options = {}) {
  const known = [...OF_COMMAND[command], ...OF_ALL];
  if (!isPlain(options, known)) throw invalid("options must be a plain object");
  // An option that is `undefined` is omitted.
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [name] of given) {
    if (!known.includes(name)) throw invalid(`${command} has no option ${name}; it has ${known.join(", ")}`);
  }
  const { signal, onProgress, profile } = Object.fromEntries(given);
  if (signal !== undefined && !isSignal(signal)) throw invalid("options.signal must be an AbortSignal");
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw invalid("options.onProgress must be a function");
  }
  const env = { ...process.env };
  if (profile !== undefined) OF_PROFILE.forEach((name) => delete env[name]);
  Object.assign(env, ...given.map(([name, value]) => VARIABLES[name]?.(value)));
  const args = given.flatMap(([name, value]) => ARGUMENTS[name]?.(value, command) ?? []);
  return { args, env, signal, onProgress };
}

/** Whether this is a signal, of whatever realm or library. */
function isSignal(signal) {
  const methods = [signal?.addEventListener, signal?.removeEventListener];
  return typeof signal?.aborted === "boolean" && methods.every((method) => typeof method === "function");
}

function text(name, value) {
  if (typeof value !== "string" || value === "") throw invalid(`options.${name} must be a non-empty string`);
  if (value.includes("\0")) throw invalid(`options.${name} must not contain a NUL character`);
  return value;
}

function boolean(name, value) {
  if (typeof value !== "boolean") throw invalid(`options.${name} must be true or false`);
  return value;
}

function number(name, value) {
  if (!Number.isSafeInteger(value) || value < 1) throw invalid(`options.${name} must be a whole number, 1 or more`);
  return value;
}

function seconds(name, milliseconds) {
  const isTime = typeof milliseconds === "number" && milliseconds > 0 && Number.isFinite(milliseconds);
  if (!isTime) throw invalid(`options.${name} must be a number of milliseconds, more than zero`);
  return (milliseconds / 1000).toFixed(6);
}

module.exports = { ofFleet, translate };
