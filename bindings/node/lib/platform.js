// Finds the package that holds what was compiled for this platform. Also copied into `ocamba-cli`.
"use strict";

/** By `process.platform`: the C libraries that may be in use, the likeliest first. */
const SUFFIXES = { linux: ["-gnu", "-musl"], darwin: [""], win32: ["-msvc"] };

/** Calls `load` with the names that the package may have, until one can be loaded. */
function forPlatform(name, load) {
  const platform = `${process.platform}-${process.arch}`;
  const names = (SUFFIXES[process.platform] ?? [""]).map((suffix) => `${name}-${platform}${suffix}`);
  const errors = [];
  for (const candidate of names) {
    try {
      return load(candidate);
    } catch (error) {
      errors.push(error);
    }
  }
  // A package that is there and fails is of more interest than one that is not there.
  const cause = errors.find((error) => error.code !== "MODULE_NOT_FOUND") ?? errors[0];
  throw new Error(
    `${name} needs the package ${names.join(" or ")}, and it cannot be loaded. It is an optional dependency: ` +
      "install without --omit=optional, and on the platform that it runs on.",
    { cause },
  );
}

module.exports = { forPlatform };
