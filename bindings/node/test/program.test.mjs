// The program `ocamba` that fleets and the sandbox start: only that of this version gets the token.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterEach, test } from "node:test";
import { Fleet } from "ocamba-fleet";
import { binary } from "ocamba-cli";
import { Sandbox } from "ocamba-hood/testing";
import { CANARY, hides } from "./canary.mjs";
import { folder } from "./fleets.mjs";
import { rejection } from "./helpers.mjs";

const files = folder();
const record = join(files, "environment");
const modules = join(dirname(createRequire(import.meta.url).resolve("ocamba-cli")), "..");
const { version } = JSON.parse(readFileSync(join(modules, "ocamba-cli/package.json")));
const starts = {
  fleet: () => new Fleet([]).check({ token: CANARY }),
  sandbox: async () => (await Sandbox.start()).stop(),
};

/** Writes a program that records its environment and prints a line. Returns its path. */
function foreign(line) {
  const program = join(files, "foreign");
  writeFileSync(program, `#!/bin/sh\n/usr/bin/env >> '${record}'\necho '${line}'\n`, { mode: 0o755 });
  return program;
}

/** Copies the installed packages, gives one of them another version, and runs a script with them. */
function runWith(wrong, script) {
  const copy = join(files, wrong);
  for (const entry of readdirSync(modules).filter((entry) => /^@?ocamba/.test(entry))) {
    cpSync(join(modules, entry), join(copy, "node_modules", entry), { recursive: true });
  }
  const manifest = join(copy, "node_modules", wrong, "package.json");
  writeFileSync(manifest, JSON.stringify({ ...JSON.parse(readFileSync(manifest)), version: "0.0.9" }));
  const source = `(async () => { ${script} })().catch((error) => console.log(error.message))`;
  const env = { ...process.env, OCAMBA_TOKEN: CANARY };
  return execFileSync(process.execPath, ["--eval", source], { cwd: copy, env, encoding: "utf8" });
}

afterEach(() => {
  delete process.env.OCAMBA_BINARY;
  delete process.env.OCAMBA_TOKEN;
});

for (const [name, start] of Object.entries(starts)) {
  test(`another program gets no token: ${name}`, async () => {
    process.env.OCAMBA_TOKEN = CANARY;
    for (const line of ["ocamba 0.0.9", `ocamba ${version}0`, `another ${version}`, `ocamba ${version} of others`, ""]) {
      process.env.OCAMBA_BINARY = foreign(line);
      const error = await rejection(start());
      assert.ok(error.message.includes(`foreign of OCAMBA_BINARY is not ocamba ${version}`), error.message);
      if (name === "fleet") assert.deepEqual([error.code, error.outcome], ["not_started", "not_sent"]);
      hides(error, "the error");
    }
    assert.ok(!readFileSync(record, "utf8").includes(CANARY));
  });

  test(`variable names an absolute path: ${name}`, async () => {
    for (const path of ["ocamba", "./ocamba", "../ocamba"]) {
      process.env.OCAMBA_BINARY = path;
      assert.match((await rejection(start())).message, /OCAMBA_BINARY is .* absolute/);
    }
    process.env.OCAMBA_BINARY = join(files, "missing");
    assert.match((await rejection(start())).message, /missing of OCAMBA_BINARY did not start: ENOENT/);
  });

  test(`program of this version is started: ${name}`, async () => {
    const [wrapper, started] = [join(files, "wrapper"), join(files, `${name} started`)];
    writeFileSync(wrapper, `#!/bin/sh\necho >> '${started}'\nexec '${binary}' "$@"\n`, { mode: 0o755 });
    process.env.OCAMBA_BINARY = wrapper;
    await start();
    assert.ok(existsSync(started));
  });
}

const fleet = 'await new (require("ocamba-fleet").Fleet)([]).check()';
const sandbox = 'await require("ocamba-hood/testing").Sandbox.start()';
const platform = `@ocamba/${readdirSync(join(modules, "@ocamba")).find((entry) => entry.startsWith("cli-"))}`;

for (const [wrong, script] of [
  ["ocamba-cli", fleet],
  ["ocamba-cli", sandbox],
  [platform, fleet],
]) {
  test(`package of another version is refused: ${wrong}, ${script}`, () => {
    const shown = runWith(wrong, script);
    assert.match(shown, new RegExp(`0\\.0\\.9.*npm install ocamba-cli@${version}`));
  });
}
