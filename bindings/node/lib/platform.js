// Finds the package with the compiled files for this platform. Also copied into `ocamba-cli`.
"use strict";

/** By `process.platform`: the possible C libraries, the likeliest first. */
const SUFFIXES = { linux: ["-gnu", "-musl"], darwin: [""], win32: ["-msvc"] };

/** Calls `load` with the possible names of the package until one loads. */
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
  // Why an installed package fails matters more than which package is missing.
  const cause = errors.find((error) => error.code !== "MODULE_NOT_FOUND") ?? errors[0];
  throw new Error(
    `${name} needs the package ${names.join(" or ")}, which could not be loaded. It is an optional dependency: ` +
      "install without --omit=optional, on the platform that runs it.",
    { cause },
  );
}

module.exports = { forPlatform };
