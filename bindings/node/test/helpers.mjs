// Helpers of several tests.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { Client } from "ocamba-hood";
import { Sandbox } from "ocamba-hood/testing";

// Tests, and the processes that they start, neither read the user's settings nor write to the user's folders.
for (const name of Object.keys(process.env)) if (/^OCAMBA_(?!BINARY)/.test(name)) delete process.env[name];
const userFolder = mkdtempSync(join(tmpdir(), "ocamba-hood-"));
Object.assign(process.env, { OCAMBA_RATE_LIMIT_DIR: userFolder, OCAMBA_CONFIG_DIR: userFolder, OCAMBA_KEYRING: "off" });
process.on("exit", () => rmSync(userFolder, { recursive: true, force: true }));

/** Nothing listens on this privileged port. */
export const NOWHERE = "http://127.0.0.1:1";

/** The example requests, by folder. */
export const examples = Object.fromEntries(
  readdirSync(new URL("../examples", import.meta.url))
    .filter((folder) => !["errors", "operations"].includes(folder))
    .map((folder) => [folder, JSON.parse(readFileSync(new URL(`../examples/${folder}/request.json`, import.meta.url)))]),
);
export const [example] = Object.values(examples);

/** Starts a sandbox that stops after the tests of the file. */
export async function sandbox(options = { limits: false }) {
  const sandbox = await Sandbox.start(options);
  after(() => sandbox.stop());
  return sandbox;
}

/** Sets the faults of a sandbox. */
export async function misbehave({ url }, ...faults) {
  const response = await fetch(`${url}/_sandbox/faults`, { method: "PUT", body: JSON.stringify({ faults }) });
  if (!response.ok) throw new Error(await response.text());
}

/** Returns how often a sandbox created each name. */
export async function created({ url }) {
  const journal = await (await fetch(`${url}/_sandbox/journal`)).json();
  const counts = {};
  for (const { operation, committed, name } of journal) {
    if (operation === "createIntegration" && committed) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** Returns the operations that a sandbox received during `work`. */
export async function requestsDuring({ url }, work) {
  const journal = `${url}/_sandbox/journal`;
  await fetch(journal, { method: "DELETE" });
  await work();
  return (await (await fetch(journal)).json()).map(({ operation }) => operation);
}

/** Starts a server with one response, and keeps the requests. */
export async function recording(status, body) {
  const sent = [];
  const made = await server(async (request, response) => {
    const text = Buffer.concat(await request.toArray()).toString();
    sent.push({ method: request.method, url: request.url, headers: request.headers, body: text && JSON.parse(text) });
    response.writeHead(status, { "content-type": "application/json" }).end(body && JSON.stringify(body));
  });
  return { ...made, sent };
}

/** Starts an HTTP server in this process, and counts its connections. */
export async function server(handle) {
  const server = createServer(handle);
  return listening(server);
}

/** Starts a TCP server in this process. */
export async function socketServer(handle) {
  return listening(net.createServer((socket) => handle(socket.on("error", () => {}))));
}

async function listening(server) {
  let connections = 0;
  server.on("connection", () => (connections += 1));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => {
    server.closeAllConnections?.();
    server.close();
  });
  const url = `http://127.0.0.1:${server.address().port}`;
  return {
    url,
    client: (options) => new Client({ token: "test-token", baseUrl: url, rateLimit: "off", maxRetries: 0, ...options }),
    connections: () => connections,
  };
}

/** Starts a server with one response. */
export function answering(status, body, headers = { "content-type": "application/json" }) {
  return server((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
}

/** Returns the reason of a rejected promise. */
export async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("the promise was not rejected");
}
