// Yarn's Plug'n'Play keeps packages in archives, but for those of the platform.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { application, build } from "./support.mjs";

test("Plug'n'Play finds addon and program", () => {
  const app = application("yarn");
  const packages = join(app, "node_modules");
  const platform = readdirSync(join(packages, "@ocamba")).map((name) => `@ocamba/${name}`);
  const tarballs = {};
  for (const name of ["ocamba-hood", "ocamba-cli", ...platform]) {
    const folder = join(packages, name);
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const { optionalDependencies = {}, peerDependencies, peerDependenciesMeta, ...rest } = manifest;
    // Those of other platforms are not published.
    const ours = Object.entries(optionalDependencies).filter(([dependency]) => platform.includes(dependency));
    writeFileSync(join(folder, "package.json"), JSON.stringify({ ...rest, optionalDependencies: Object.fromEntries(ours) }));
    const tarball = execFileSync("npm", ["pack", "--silent", "--pack-destination", app], { cwd: folder, encoding: "utf8" }).trim();
    tarballs[name] = `file:../${tarball}`;
  }
  const project = join(app, "project");
  mkdirSync(project);
  const { "ocamba-hood": hood, "ocamba-cli": cli, ...resolutions } = tarballs;
  writeFileSync(join(project, "package.json"), JSON.stringify({ dependencies: { "ocamba-hood": hood, "ocamba-cli": cli }, resolutions }));
  writeFileSync(join(project, "yarn.lock"), "");
  const yarn = "@yarnpkg/cli-dist/bin/yarn.js";
  const settings = { YARN_ENABLE_TELEMETRY: "0", YARN_ENABLE_GLOBAL_CACHE: "false", YARN_ENABLE_IMMUTABLE_INSTALLS: "false" };
  build(project, yarn, ["install"], settings);
  const source = 'console.log(typeof require("ocamba-hood").Client, require("ocamba-cli").binary)';
  const shown = build(project, yarn, ["node", "--eval", source], settings);
  assert.match(shown, new RegExp(`^function ${join(project, ".yarn/unplugged")}`));
});
