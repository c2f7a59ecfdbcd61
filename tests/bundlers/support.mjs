// Lays out applications with the installed packages, and serves what a bundler made of them from another folder.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before } from "node:test";

/** The folder with the packages as npm installs them, and their tests. */
const fresh = process.env.OCAMBA_NODE;
const here = import.meta.dirname;
const { Sandbox } = createRequire(join(fresh, "package.json"))("ocamba-hood/testing");
const [example] = readdirSync(join(fresh, "examples")).filter((folder) => !["errors", "operations"].includes(folder));
const request = readFileSync(join(fresh, "examples", example, "request.json"), "utf8");

let sandbox;
before(async () => (sandbox = await Sandbox.start({ limits: false })));
after(() => sandbox.stop());

/** Returns the folder of an application, with its own files and the installed packages. */
export function application(name, source = "app") {
  const folder = join(here, "work", name);
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(here, source), folder, { recursive: true });
  for (const entry of ["ocamba-hood", "ocamba-cli", "ocamba-fleet", "@ocamba"]) {
    cpSync(join(fresh, "node_modules", entry), join(folder, "node_modules", entry), { recursive: true });
  }
  return folder;
}

/** Runs a program of npm in a folder. */
export function build(folder, script, args, env = {}) {
  const options = { cwd: folder, encoding: "utf8", env: { ...process.env, ...env } };
  try {
    return execFileSync(process.execPath, [join(here, "node_modules", script), ...args], options);
  } catch (error) {
    assert.fail(`${script} failed: ${error.stdout}${error.stderr}`);
  }
}

/** Copies what was built to a folder far from the application, which is out of the way during `use`. */
export async function moved(application, built, use) {
  const target = mkdtempSync(join(tmpdir(), "ocamba-bundle-"));
  cpSync(join(application, built), target, { recursive: true, verbatimSymlinks: true });
  renameSync(application, `${application} away`);
  try {
    return await use(target);
  } finally {
    renameSync(`${application} away`, application);
    rmSync(target, { recursive: true });
  }
}

function environment() {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, OCAMBA_RATE_LIMIT_DIR: process.env.OCAMBA_RATE_LIMIT_DIR, ...sandbox.env, REQUEST: request };
}

/** Starts a script in a folder, sends it a request, and returns the id of the integration, or the script's error. */
export async function created(folder, script, { path = "", ready = /^(\d+)$/, env = {} } = {}) {
  await sandbox.clearJournal();
  const child = spawn(process.execPath, [script], { cwd: folder, env: { ...environment(), ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.on("data", (text) => (errors += text));
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const [, port] = ready.exec(line) ?? [];
      if (!port) continue;
      const response = await fetch(`http://127.0.0.1:${port}/${path}`, { method: "POST" });
      const text = await response.text();
      assert.equal(response.status, 200, `${text}${errors}`);
      const commits = (await sandbox.journal()).filter(({ committed }) => committed);
      assert.equal(commits.length, 1);
      return text;
    }
    return errors;
  } finally {
    child.kill();
  }
}

/** Runs a script in a folder, and returns what it prints. */
export function output(folder, script) {
  return execFileSync(process.execPath, [script], { cwd: folder, encoding: "utf8", env: environment() });
}

/** Copies the addon of an application to a folder. */
export function copyAddon(application, folder) {
  const { optionalDependencies } = JSON.parse(readFileSync(join(application, "node_modules/ocamba-hood/package.json"), "utf8"));
  const addons = Object.keys(optionalDependencies).map((name) => join(application, "node_modules", name, "ocamba-hood.node"));
  cpSync(addons.find((path) => existsSync(path)), join(folder, "ocamba-hood.node"));
}
