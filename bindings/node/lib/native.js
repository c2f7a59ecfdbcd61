// The addon: src/client.rs and src/calls.rs document its `Client` and `Calls`.
"use strict";

const { readFileSync, readdirSync } = require("node:fs");
const { basename, join } = require("node:path");

const { arch, platform } = process;
const library = { linux: () => (isGlibc() ? "-gnu" : "-musl"), win32: () => "-msvc" }[platform];
const name = `@ocamba/hood-${platform}-${arch}${library?.() ?? ""}`;
const addon = load();
// Webpack has what `webpack.mjs` of the package exports, and other bundlers a module of their own.
module.exports = addon.default ?? addon;

/** Requires the addon. Bundlers follow literals, and let those in a `try` be missing; Turbopack cannot bundle addons. */
function load() {
  // Node's own search takes a sixth of the time of `require`.
  // Turbopack copies the files that this path may name.
  const near = loaded(() => join(__dirname, `../../${name}/ocamba-hood.node`).replace(".asar", ".asar.unpacked"));
  if (near) return near;
  try {
    switch (name) {
      case "@ocamba/hood-linux-x64-gnu":
        return require(/* turbopackIgnore: true */ "@ocamba/hood-linux-x64-gnu/ocamba-hood.node");
      case "@ocamba/hood-linux-x64-musl":
        return require(/* turbopackIgnore: true */ "@ocamba/hood-linux-x64-musl/ocamba-hood.node");
      case "@ocamba/hood-linux-arm64-gnu":
        return require(/* turbopackIgnore: true */ "@ocamba/hood-linux-arm64-gnu/ocamba-hood.node");
      case "@ocamba/hood-linux-arm64-musl":
        return require(/* turbopackIgnore: true */ "@ocamba/hood-linux-arm64-musl/ocamba-hood.node");
      case "@ocamba/hood-darwin-arm64":
        return require(/* turbopackIgnore: true */ "@ocamba/hood-darwin-arm64/ocamba-hood.node");
      case "@ocamba/hood-darwin-x64":
        return require(/* turbopackIgnore: true */ "@ocamba/hood-darwin-x64/ocamba-hood.node");
      case "@ocamba/hood-win32-x64-msvc":
        return require(/* turbopackIgnore: true */ "@ocamba/hood-win32-x64-msvc/ocamba-hood.node");
      case "@ocamba/hood-win32-arm64-msvc":
        return require(/* turbopackIgnore: true */ "@ocamba/hood-win32-arm64-msvc/ocamba-hood.node");
    }
    throw new Error("none is published");
  } catch (error) {
    const beside = loaded(() => join(__dirname, "ocamba-hood.node"));
    if (beside) return beside;
    throw new Error(`${name} was not loaded: ${error.message.split("\n")[0]}; ${fix(error)}`, { cause: error });
  }
}

/** Returns the addon in a file, if it loads. Bundles that are modules of ECMAScript may know no `__dirname`. */
function loaded(path) {
  const addon = { exports: {} };
  try {
    process.dlopen(addon, path());
    return addon.exports;
  } catch {}
}

/** Whether Node has loaded glibc. Its report says that too, but takes longer than the rest of `require`. */
function isGlibc() {
  let files;
  try {
    files = readFileSync("/proc/self/maps");
  } catch {}
  // There may be no names, as in an emulator.
  const [library] = /ld-musl-|\/libc(-2|\.so\.6)/.exec(files) ?? [];
  return library ? library !== "ld-musl-" : glibc();
}

/** Returns the version of glibc, if Node uses it. */
function glibc() {
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime;
}

/** Returns what to do about an error. */
function fix({ code, message, requireStack = [] }) {
  const is = (cause) => cause.test(code + message);
  if (!code) return "the README lists the platforms";
  const [, needed] = /GLIBC_([\d.]+)/.exec(message) ?? [];
  if (needed) return `it needs glibc ${needed} or later, and this system has ${glibc()}: use a newer system`;
  if (is(/DISABLED/)) return "start Node with --allow-addons, and without --no-addons";
  if (is(/denied|permitted/)) return "let this user read and execute it (no noexec)";
  if (!is(/NOT_FOUND/)) return "remove node_modules, and install again";
  const others = installed();
  if (others.length) return `only ${others} is installed: remove node_modules, and install on the system that runs it, with its Node`;
  const [from = "the bundle"] = requireStack;
  if (basename(from) === "native.js") return "install without --omit=optional, and without a lock file of another platform";
  return `copy its ocamba-hood.node beside ${from}, or leave ocamba-hood out of it (external, serverExternalPackages)`;
}

/** Returns the installed packages with addons. */
function installed() {
  try {
    return readdirSync(join(__dirname, "../../@ocamba")).filter((name) => name.startsWith("hood-"));
  } catch {
    return [];
  }
}
