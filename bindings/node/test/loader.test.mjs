// Why the addon or the program is not found, and where they are looked for.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";

const require = createRequire(import.meta.url);
const modules = join(dirname(require.resolve("ocamba-hood")), "../..");
const { optionalDependencies, version } = require("ocamba-hood/package.json");
const addon = readdirSync(join(modules, "@ocamba")).find((name) => name.startsWith("hood-"));
const cli = readdirSync(join(modules, "@ocamba")).find((name) => name.startsWith("cli-"));
const isGnu = addon.endsWith("-gnu");
const folder = mkdtempSync(join(tmpdir(), "ocamba-loader-"));
after(() => rmSync(folder, { recursive: true }));

/** Lays out a project with the installed packages, but for those of the platform, and returns its folder. */
function project(name) {
  for (const entry of ["ocamba-hood", "ocamba-cli", "ocamba-fleet"]) {
    cpSync(join(modules, entry), join(folder, name, "node_modules", entry), { recursive: true });
  }
  return join(folder, name);
}

/** Lays out a package of the platform in a folder, and returns its path. */
function install(into, name) {
  const target = join(into, "node_modules/@ocamba", name);
  cpSync(join(modules, "@ocamba", name), target, { recursive: true });
  return target;
}

/** Runs a script in a folder, and returns what it prints, or its error. */
function run(cwd, script, flags = [], env = {}) {
  const source = `try { ${script} } catch (error) { console.log(error.message) }`;
  const options = { cwd, encoding: "utf8", env: { ...process.env, OCAMBA_BINARY: "", ...env } };
  const { stdout, stderr } = spawnSync(process.execPath, [...flags, "--eval", source], options);
  return stdout || stderr;
}

const LOAD = 'console.log(typeof require("ocamba-hood").Client)';
const FIND = 'console.log(require("ocamba-cli").binary)';

test("each package of the table has its literal", () => {
  const source = readFileSync(join(modules, "ocamba-hood/lib/native.js"), "utf8");
  // Without the comment, Turbopack fails to bundle the addon.
  const literals = [...source.matchAll(/require\(\/\* turbopackIgnore: true \*\/ ?"(.+?)"\)/g)].map(([, literal]) => literal);
  assert.deepEqual(literals.sort(), Object.keys(optionalDependencies).map((name) => `${name}/ocamba-hood.node`).sort());
});

test("stack of an error has the user's lines, also where they are in one folder with the package, as in a bundle", () => {
  const here = join(folder, "together");
  const lib = join(here, "node_modules/app/lib");
  cpSync(join(modules, "ocamba-hood"), dirname(lib), { recursive: true });
  install(here, addon);
  writeFileSync(join(lib, "mine.js"), 'new (require("./index.js").Client)({ token: 7 })');
  assert.match(run(here, 'try { require("./node_modules/app/lib/mine.js") } catch ({ stack }) { console.log(stack) }'), /mine\.js:1/);
  const similar = join(here, "acme-ocamba-hood/lib");
  cpSync(lib, similar, { recursive: true });
  writeFileSync(join(similar, "mine.js"), 'new (require("../../node_modules/app/lib/index.js").Client)({ token: 7 })');
  assert.match(run(here, 'try { require("./acme-ocamba-hood/lib/mine.js") } catch ({ stack }) { console.log(stack) }'), /mine\.js:1/);
});

test("missing package is named, with what to install", () => {
  const message = run(project("missing"), LOAD);
  assert.match(message, new RegExp(`^@ocamba/${addon} was not loaded: Cannot find .*--omit=optional.*lock file`));
});

test("package of another platform is named", () => {
  const here = project("other");
  mkdirSync(join(here, "node_modules/@ocamba/hood-darwin-arm64"), { recursive: true });
  assert.match(run(here, LOAD), new RegExp(`^@ocamba/${addon} .*only hood-darwin-arm64 is installed: remove node_modules`));
});

test("damaged addon is named", () => {
  const here = project("damaged");
  const file = join(install(here, addon), "ocamba-hood.node");
  for (const content of ["", "<html>".repeat(1_000), readFileSync(file).subarray(0, 40)]) {
    writeFileSync(file, content);
    const message = run(here, LOAD);
    assert.match(message, /ocamba-hood\.node.*; remove node_modules, and install again$/m);
  }
});

test("package without its file is named", () => {
  const here = project("partial");
  rmSync(join(install(here, addon), "ocamba-hood.node"));
  assert.match(run(here, LOAD), /remove node_modules, and install/);
});

test("glibc that is too old is named, with both versions", { skip: !isGnu }, () => {
  const here = project("glibc");
  const file = join(install(here, addon), "ocamba-hood.node");
  const text = readFileSync(file, "latin1");
  const [newest] = text.match(/GLIBC_2\.\d\d/g);
  writeFileSync(file, Buffer.from(text.replaceAll(newest, "GLIBC_9.99"), "latin1"));
  const found = process.report.getReport().header.glibcVersionRuntime;
  assert.match(run(here, LOAD), new RegExp(`it needs glibc 9\\.99 or later, and this system has ${found.replace(".", "\\.")}`));
});

for (const [name, stub] of [
  ["by its loaded files", 'fs.readFileSync = (path, ...rest) => path === "/proc/self/maps" ? "/lib/ld-musl-x86_64.so.1" : read(path, ...rest);'],
  ["by its report", 'fs.readFileSync = (path, ...rest) => { if (path === "/proc/self/maps") throw new Error("hidden"); return read(path, ...rest); };'],
]) {
  test(`musl is recognized ${name}`, { skip: !isGnu }, () => {
    const here = project(`musl ${name}`);
    install(here, addon);
    const report = "process.report.getReport = () => ({ header: {} });";
    writeFileSync(join(here, "stub.cjs"), `const fs = require("node:fs"); const read = fs.readFileSync; ${stub} ${report}`);
    const message = run(here, LOAD, ["--require", "./stub.cjs"]);
    assert.match(message, new RegExp(`^@ocamba/${addon.replace("-gnu", "-musl")} .*only ${addon} is installed`));
  });
}

test("glibc is recognized where loaded files have no names", { skip: !isGnu }, () => {
  const here = project("nameless");
  install(here, addon);
  const stub = 'const fs = require("node:fs"); const read = fs.readFileSync; fs.readFileSync = (path, ...rest) => path === "/proc/self/maps" ? "7f00-7f01 r-xp 00000000 00:00 0" : read(path, ...rest);';
  writeFileSync(join(here, "stub.cjs"), stub);
  assert.equal(run(here, LOAD, ["--require", "./stub.cjs"]), "function\n");
});

test("platform without a package is named", () => {
  const here = project("freebsd");
  writeFileSync(join(here, "stub.cjs"), 'Object.defineProperty(process, "platform", { value: "freebsd" });');
  const message = run(here, LOAD, ["--require", "./stub.cjs"]);
  assert.match(message, new RegExp(`^@ocamba/hood-freebsd-${process.arch} was not loaded: none is published; the README`));
});

test("flags of Node that forbid addons are named", () => {
  const here = project("flags");
  install(here, addon);
  const permission = process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission";
  assert.match(run(here, LOAD, [permission, "--allow-fs-read=*"]), /start Node with --allow-addons/);
  assert.match(run(here, LOAD, ["--no-addons"]), /without --no-addons/);
  assert.match(run(here, LOAD, [permission, "--allow-addons", "--allow-fs-read=*"]), /^function/);
});

test("bundle without its addon says what to copy, and loads it then", () => {
  const here = join(folder, "bundle");
  mkdirSync(here);
  cpSync(join(modules, "ocamba-hood/lib/native.js"), join(here, "server.js"));
  const load = 'console.log(typeof require("./server.js").Client)';
  const message = run(here, load);
  assert.match(message, new RegExp(`^@ocamba/${addon} .*copy its ocamba-hood.node beside ${join(here, "server.js")}, or .*serverExternalPackages`));
  cpSync(join(modules, "@ocamba", addon, "ocamba-hood.node"), join(here, "ocamba-hood.node"));
  assert.match(run(here, load), /^function/);
});

test("files that Electron unpacks are found", () => {
  const here = project("app.asar");
  const unpacked = join(folder, "app.asar.unpacked");
  install(unpacked, addon);
  const program = install(unpacked, cli);
  assert.match(run(here, LOAD), /^function/);
  assert.equal(dirname(run(here, FIND)), program);
});

test("missing program lists where it was looked for, and what to do", () => {
  const here = project("no program");
  const message = run(here, FIND);
  const packages = join(here, "node_modules");
  for (const place of [join(packages, "@ocamba", cli, "ocamba"), join(packages, "ocamba-cli/ocamba")]) assert.ok(message.includes(place), message);
  assert.match(message, new RegExp(`ocamba-cli@${version}.*--omit=optional.*OCAMBA_BINARY`));
  const npx = spawnSync(process.execPath, [join(packages, "ocamba-cli/ocamba.js")], {
    encoding: "utf8",
    env: { ...process.env, OCAMBA_BINARY: "" },
  });
  assert.deepEqual([npx.status, npx.stderr], [1, `ocamba: ${message}`]);
  const fleet = run(here, 'new (require("ocamba-fleet").Fleet)([]).check().catch(({ code, message }) => console.log(code, message))');
  assert.match(fleet, /^not_started the program ocamba could not be started: .*OCAMBA_BINARY/);
});

test("program beside the package is started if it is of this version", () => {
  const here = project("beside");
  const program = join(here, "node_modules/ocamba-cli/ocamba");
  const record = join(folder, "environment");
  writeFileSync(program, `#!/bin/sh\n/usr/bin/env > '${record}'\necho "ocamba ${version}"\n`, { mode: 0o755 });
  assert.equal(run(here, FIND, [], { OCAMBA_TOKEN: "hidden-token" }).trim(), program);
  assert.ok(!readFileSync(record, "utf8").includes("hidden-token"));
  writeFileSync(program, `#!/bin/sh\necho "ocamba 0.0.9"\n`);
  assert.match(run(here, FIND), new RegExp(`is not ocamba ${version}`));
});
