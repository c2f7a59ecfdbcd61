// The sandbox for users' tests.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { Client, ConnectionError } from "ocamba-hood";
import { Sandbox } from "ocamba-hood/testing";
import { example, rejection } from "./helpers.mjs";

test("sandbox serves until it is stopped", async () => {
  const sandbox = await Sandbox.start({ token: "mine" });
  const client = sandbox.client({ maxRetries: 0 });
  assert.equal((await client.integrations.create(example)).name, example.name);
  const stranger = new Client({ token: "other", baseUrl: sandbox.url, rateLimit: "off" });
  assert.equal((await rejection(stranger.integrations.create(example))).name, "AuthenticationError");
  await sandbox.stop();
  await sandbox.stop();
  assert.ok((await rejection(client.integrations.create(example))) instanceof ConnectionError);
});

test("sandbox speaks TLS with a certificate of its own", async () => {
  const sandbox = await Sandbox.start({ tls: true, limits: false });
  assert.match(sandbox.url, /^https:/);
  assert.equal((await sandbox.client().integrations.create(example)).name, example.name);
  const stranger = new Client({ token: "sandbox-token", baseUrl: sandbox.url, rateLimit: "off", maxRetries: 0 });
  assert.ok((await rejection(stranger.integrations.create(example))) instanceof ConnectionError);
  await sandbox.stop();
});

test("variables of the language name trusted certificates", async () => {
  const sandbox = await Sandbox.start({ tls: true, limits: false });
  const folder = await mkdtemp(join(tmpdir(), "ocamba-certificates-"));
  const file = join(folder, "authority.pem");
  await writeFile(file, sandbox.caCertificate);
  const source = `import("ocamba-hood").then(async ({ Client }) => {
    const client = new Client({ token: "sandbox-token", baseUrl: "${sandbox.url}", rateLimit: "off", maxRetries: 0, proxy: "off" });
    console.log((await client.integrations.create(${JSON.stringify(example)})).name);
  });`;
  for (const variable of [
    { NODE_EXTRA_CA_CERTS: file },
    { SSL_CERT_FILE: file },
    { SSL_CERT_DIR: folder },
    { OCAMBA_ROOT_CERTIFICATES: file },
    { OCAMBA_ROOT_CERTIFICATES: sandbox.caCertificate },
  ]) {
    const { NODE_EXTRA_CA_CERTS, SSL_CERT_FILE, SSL_CERT_DIR, ...others } = process.env;
    const { stdout } = await promisify(execFile)(process.execPath, ["--eval", source], { env: { ...others, ...variable } });
    assert.equal(stdout.trim(), example.name);
  }
  await rm(folder, { recursive: true });
  await sandbox.stop();
});

test("sandbox ends with its process", { timeout: 60_000 }, async () => {
  const source = `import("ocamba-hood/testing").then(async ({ Sandbox }) => console.log((await Sandbox.start()).url));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--eval", source]);
  const client = new Client({ token: "sandbox-token", baseUrl: stdout.trim(), rateLimit: "off", maxRetries: 0 });
  // It ends a moment after its process.
  let error;
  while (!(error instanceof ConnectionError)) error = await client.integrations.create(example).catch((error) => error);
});

test("sandbox reports why it could not start", async () => {
  const error = await rejection(Sandbox.start({ burst: 0.5 }));
  assert.match(error.message, /sandbox ended .*0\.5/s);
  for (const [options, message] of [
    [{ limit: false }, /no option limit; it has .*limits/],
    [{ limits: "no" }, /limits of a sandbox must be a boolean/],
    [null, /must be an object/],
  ]) {
    assert.match((await rejection(Sandbox.start(options))).message, message);
  }
});
