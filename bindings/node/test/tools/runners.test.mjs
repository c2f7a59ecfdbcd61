// Test runners of users: Jest in two environments and in workers, and Vitest in its four pools.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import "../helpers.mjs";

const require = createRequire(import.meta.url);
const cwd = fileURLToPath(new URL("runners", import.meta.url));

/** Runs a program of a package, which must succeed, and returns its output. */
function run(name, program, ...words) {
  const path = join(dirname(require.resolve(`${name}/package.json`)), program);
  // The runner of this test leaves variables, which other runners take for their own.
  const env = { ...process.env, NO_COLOR: "1", CI: "1" };
  for (const name of ["NODE_TEST_CONTEXT", "NODE_OPTIONS", "NODE_ENV"]) delete env[name];
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...words], { cwd, env, encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
  return stdout + stderr;
}

const jest = (...words) => run("jest", "bin/jest.js", "--config", "jest.config.json", ...words);

test("jest finds no open handle, in Node's environment and jsdom's", () => {
  const output = jest("--detectOpenHandles");
  assert.match(output, /Tests: +16 passed, 16 total/);
  assert.doesNotMatch(output, /open handle|did not exit/);
});

for (const how of ["--no-workerThreads", "--workerThreads"]) {
  test(`jest runs in workers: ${how}`, () => {
    const output = jest("--maxWorkers=2", how);
    assert.match(output, /Tests: +16 passed, 16 total/);
    assert.doesNotMatch(output, /failed to exit|did not exit/);
  });
}

for (const pool of ["forks", "threads", "vmForks", "vmThreads"]) {
  test(`vitest runs in its pool ${pool}`, () => {
    assert.match(run("vitest", "vitest.mjs", "run", `--pool=${pool}`), /Tests +8 passed \(8\)/);
  });
}
