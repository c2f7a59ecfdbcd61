// What several tests need.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { Client } from "ocamba-hood";
import { Sandbox } from "ocamba-hood/testing";

// Clients of tests keep the state of rate limits out of the user's cache folder.
process.env.OCAMBA_RATE_LIMIT_DIR = mkdtempSync(join(tmpdir(), "ocamba-hood-"));
process.on("exit", () => rmSync(process.env.OCAMBA_RATE_LIMIT_DIR, { recursive: true, force: true }));

/** The example requests, by folder. */
export const examples = Object.fromEntries(
  readdirSync(new URL("../examples", import.meta.url))
    .filter((folder) => !["errors", "operations"].includes(folder))
    .map((folder) => [folder, JSON.parse(readFileSync(new URL(`../examples/${folder}/request.json`, import.meta.url)))]),
);
export const [example] = Object.values(examples);

/** A client of a sandbox that ends with the tests of the file. */
export async function sandbox(options = { limits: false }) {
  const sandbox = await Sandbox.start(options);
  after(() => sandbox.stop());
  return sandbox;
}

/** Has a sandbox misbehave so from now on. */
export async function misbehave({ url }, ...faults) {
  const answer = await fetch(`${url}/_sandbox/faults`, { method: "PUT", body: JSON.stringify({ faults }) });
  if (!answer.ok) throw new Error(await answer.text());
}

/** The operations that a sandbox was asked for while `work` was done. */
export async function requestsDuring({ url }, work) {
  const journal = `${url}/_sandbox/journal`;
  await fetch(journal, { method: "DELETE" });
  await work();
  return (await (await fetch(journal)).json()).map(({ operation }) => operation);
}

/** A server that answers every request with the same, and keeps what it was sent. */
export async function recording(status, body) {
  const sent = [];
  const made = await server(async (request, response) => {
    const text = Buffer.concat(await request.toArray()).toString();
    sent.push({ method: request.method, url: request.url, body: text && JSON.parse(text) });
    response.writeHead(status, { "content-type": "application/json" }).end(body && JSON.stringify(body));
  });
  return { ...made, sent };
}

/** A server in this process that does as `handle` says; counts its connections. */
export async function server(handle) {
  const server = createServer(handle);
  return listening(server);
}

/** A server that speaks to the socket. */
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

/** A server that answers every request with the same. */
export function answering(status, body, headers = { "content-type": "application/json" }) {
  return server((request, response) => {
    request.resume().on("end", () => {
      response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
}

/** What a promise is rejected with. */
export async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it was not rejected");
}
