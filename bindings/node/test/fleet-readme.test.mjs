// Runs every JavaScript example of the README of fleets, next to its CSV file.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { sandbox } from "./helpers.mjs";

// Node looks for modules in the folders above a file.
const folder = mkdtempSync(fileURLToPath(new URL("../readme-fleet-", import.meta.url)));
after(() => rmSync(folder, { recursive: true }));
const { url } = await sandbox();
const readme = readFileSync(new URL("../README-fleet.md", import.meta.url), "utf8");
const blocks = [...readme.matchAll(/```(\w+)\n([^]*?)```/g)].map(([, language, text]) => ({ language, text }));
const samples = blocks.filter(({ language }) => language === "js").map(({ text }) => text);
writeFileSync(join(folder, "fleet.csv"), blocks.find(({ language }) => language === "csv").text);

test("README of fleets has examples", () => assert.ok(samples.length > 4));

samples.forEach((sample, index) => {
  test(`example ${index + 1}: ${sample.split("\n").find((line) => line && !line.startsWith("import"))}`, async () => {
    const file = join(folder, `${index + 1}.mjs`);
    writeFileSync(file, sample);
    const account = { OCAMBA_TOKEN: "sandbox-token", OCAMBA_BASE_URL: url, OCAMBA_RATE_LIMIT: "off" };
    const env = { ...process.env, ...account, MITTO_KEY: "AScs8XXX", NODE_TEST_CONTEXT: "" };
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env, cwd: folder, timeout: 60_000 });
    assert.notEqual(stdout, "");
  });
});
