// Finds the program that npm installed, or that was copied where a bundle expects it.
"use strict";

const { existsSync, readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { basename, dirname, join } = require("node:path");
const { checked } = require("./checked.js");
const { version } = require("./package.json");

// Tracers, as that of Next.js, copy the files that literals name.
const PROGRAMS = {
  "linux-x64": join(__dirname, "../@ocamba/cli-linux-x64/ocamba"),
  "linux-arm64": join(__dirname, "../@ocamba/cli-linux-arm64/ocamba"),
  "darwin-arm64": join(__dirname, "../@ocamba/cli-darwin-arm64/ocamba"),
  "darwin-x64": join(__dirname, "../@ocamba/cli-darwin-x64/ocamba"),
  "win32-x64": join(__dirname, "../@ocamba/cli-win32-x64/ocamba.exe"),
  "win32-arm64": join(__dirname, "../@ocamba/cli-win32-arm64/ocamba.exe"),
};

const platform = `${process.platform}-${process.arch}`;
const name = `@ocamba/cli-${platform}`;

/** Returns the path of the program of this version. */
function installed() {
  const places = [...new Set(candidates().map(unpacked))];
  const path = places.find((place) => existsSync(place));
  if (path) return ofThisVersion(path);
  throw new Error(
    `the program ocamba of ${name} was not found: there is no ${places.join(", and no ")}. Install ocamba-cli@${version} on ` +
      "the system that runs it, without --omit=optional; with a bundle, copy the program to its folder, or leave ocamba-cli " +
      "out of it (external, serverExternalPackages); or set OCAMBA_BINARY to the program's path",
  );
}

/** Returns where the program may be: in its package, and beside this script, which may be part of a bundle. */
function candidates() {
  const near = PROGRAMS[platform];
  if (!near) throw new Error(`the program ocamba is not published for ${platform}; set OCAMBA_BINARY to the path of one that you built`);
  const program = basename(near);
  const places = [near, join(__dirname, program)];
  try {
    return [createRequire(__filename).resolve(`${name}/${program}`), ...places];
  } catch {
    return places;
  }
}

/** Electron packs files into an archive, from which no system starts a program, and unpacks those that it is asked to. */
function unpacked(path) {
  return path.replace(/\.asar(?=[\\/])/, ".asar.unpacked");
}

function ofThisVersion(path) {
  let found;
  try {
    found = JSON.parse(readFileSync(join(dirname(path), "package.json"), "utf8"));
  } catch {}
  // Without its package, only the program itself knows its version.
  if (found?.name !== name) return checked(path);
  if (found.version === version) return path;
  throw new Error(`${name} is ${found.version}, not ${version}; to install it, run: npm install ocamba-cli@${version}`);
}

module.exports = { installed };
