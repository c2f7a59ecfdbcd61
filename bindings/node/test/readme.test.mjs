// Runs every JavaScript example of the README.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { sandbox } from "./helpers.mjs";

const { url } = await sandbox();
const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const samples = [...readme.matchAll(/```(js|ts)\n([^]*?)```/g)].map(([, , text]) => text);

test("README has examples", () => assert.ok(samples.length > 3));

samples.forEach((sample, index) => {
  test(`example ${index + 1}: ${sample.split("\n").find((line) => line && !line.startsWith("import"))}`, async () => {
    const file = new URL(`../readme-${index + 1}.${/from "node:test"/.test(sample) ? "test." : ""}mjs`, import.meta.url);
    writeFileSync(file, sample);
    const env = { ...process.env, OCAMBA_TOKEN: "sandbox-token", OCAMBA_BASE_URL: url, NODE_TEST_CONTEXT: "" };
    await promisify(execFile)(process.execPath, [fileURLToPath(file)], { env, timeout: 60_000 });
  });
});
