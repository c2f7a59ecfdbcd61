// The package as npm installs it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

const require = createRequire(import.meta.url);
const entry = require.resolve("ocamba-hood");
const modules = join(dirname(entry), "../..");

test("JavaScript has at most 8 kB gzipped, the addon 4 MB", () => {
  const lib = dirname(entry);
  const scripts = readdirSync(lib).filter((name) => name.endsWith(".js")).map((name) => readFileSync(join(lib, name)));
  const javascript = gzipSync(Buffer.concat(scripts)).length;
  const platform = readdirSync(join(modules, "@ocamba")).find((name) => name.startsWith("hood-"));
  const addon = statSync(join(modules, "@ocamba", platform, "ocamba-hood.node")).size;
  console.log(`JavaScript ${javascript} bytes gzipped, addon ${addon} bytes`);
  assert.ok(javascript <= 8_000 && addon <= 4_000_000);
});

test("require takes at most 10 ms", () => {
  const milliseconds = (...names) => {
    const source = `const before = process.cpuUsage(); for (const name of ${JSON.stringify(names)}) require(name); const { user, system } = process.cpuUsage(before); console.log((user + system) / 1e3)`;
    return Number(execFileSync(process.execPath, ["--eval", source]).toString());
  };
  const theirs = ["http2", "https", "inspector", "readline", "repl", "worker_threads"].map((name) => `node:${name}`);
  const times = Array.from({ length: 31 }, () => [milliseconds(entry), milliseconds(...theirs)]);
  // In time of the CPU, and the fastest. On a slow or busy machine, modules of Node take more of it, too.
  const [ours, reference] = [0, 1].map((index) => Math.min(...times.map((both) => both[index])));
  console.log(`require takes ${ours.toFixed(1)} ms, modules of Node ${reference.toFixed(1)} ms`);
  assert.ok(ours <= Math.max(10, 0.7 * reference), `${times}`);
});

test("package depends only on its platform packages", () => {
  const { dependencies, optionalDependencies, version } = require("ocamba-hood/package.json");
  assert.equal(dependencies, undefined);
  for (const [name, wanted] of Object.entries(optionalDependencies)) {
    assert.match(name, /^@ocamba\/hood-/);
    assert.equal(wanted, version);
  }
});

test("command line runs as a program of npm", () => {
  assert.match(execFileSync(join(modules, ".bin/ocamba"), ["--version"]).toString(), /^ocamba \d/);
});
