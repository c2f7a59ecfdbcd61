// Shared by the browser tests: Debian's Chromium, a sandbox, and the clients.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const TOKEN = "token-canary";
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const examples = new URL("../../openapi/examples/", import.meta.url);

/** The path of each provider's example request. */
export const requestFiles = readdirSync(examples)
  .map((folder) => new URL(`${folder}/request.json`, examples))
  .filter((file) => !/errors|operations/.test(file.pathname))
  .map(fileURLToPath);
/** The parsed example requests. */
export const requests = requestFiles.map((file) => JSON.parse(readFileSync(file, "utf8")));
export const bundle = JSON.parse(readFileSync(new URL("../../openapi/hood.json", import.meta.url), "utf8"));

export async function openBrowser(...args) {
  // Chromium has no sandbox for root; the pages here are ours.
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", ...args] });
}

/** A sandbox of the program `ocamba`, on a free port or on this one; it accepts one token, or any if it is empty. */
export async function startSandbox({ port = 0, token = TOKEN, tls = false, cors = [] } = {}) {
  const args = ["sandbox", "--listen", `127.0.0.1:${port}`, ...(token ? ["--token", token] : []), ...(tls ? ["--tls"] : []), ...cors.flatMap((origin) => ["--cors", origin])];
  const child = spawn(process.env.OCAMBA_BINARY, args, { stdio: ["ignore", "pipe", "inherit"] });
  let url;
  for await (const line of createInterface({ input: child.stdout })) {
    // Its own routes are also served in plain HTTP.
    url = line.match(/^listening on https?(:.*)$/)?.[1];
    if (url) break;
  }
  url = `http${url}`;
  const control = async (path) => (await fetch(`${url}/_sandbox/${path}`)).json();
  const api = `${url}/v1/hood/integrations`;
  const headers = { authorization: `Bearer ${TOKEN}`, "content-type": "application/json" };
  return {
    url,
    port: Number(new URL(url).port),
    environment: { ...process.env, OCAMBA_TOKEN: TOKEN, OCAMBA_BASE_URL: url, OCAMBA_RATE_LIMIT: "off" },
    post: (body) => fetch(api, { method: "POST", headers, body: JSON.stringify(body) }),
    reset: () => fetch(`${url}/_sandbox/reset`, { method: "POST" }),
    integrations: () => control("integrations"),
    detail: (id, query = "") => control(`requests/${id}${query}`),
    /** Adds an integration without a request to the API. */
    add: (body) => fetch(`${url}/_sandbox/integrations`, { method: "POST", headers, body: JSON.stringify(body) }),
    /** All that a request can change. */
    state: async () => ({
      integrations: await control("integrations"),
      journal: await control("journal"),
      arrivals: await control("arrivals"),
      faults: await control("faults"),
    }),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill();
      await once(child, "exit");
    },
  };
}

/** A page that must not log an error, and must send requests only to the sandbox. */
export async function openPage(browser, sandbox, path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  page.complaints = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) page.complaints.push(message.text());
  });
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== sandbox.url && url.protocol.startsWith("http")) page.complaints.push(`asked ${url.origin}`);
  });
  await page.goto(sandbox.url + path);
  return page;
}

/** Creates an integration with each of the three clients, from the same file. */
export const clients = {
  rust: (file, env) => run(process.env.OCAMBA_RUST, [file], env),
  python: (file, env) => run(process.env.OCAMBA_PYTHON, ["-I", fileURLToPath(new URL("create.py", import.meta.url)), file], env),
  node: (file, env) => run(process.execPath, [process.env.OCAMBA_NODE, file], env),
};

async function run(program, args, env) {
  await promisify(execFile)(program, args, { env });
}

/** Fails if axe finds a problem. */
export async function checkAccessibility(page, what) {
  // Not as an element: the page's policy allows only its own scripts.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  const lines = violations.map(({ id, help, nodes }) => `${id}: ${help}\n  ${nodes.map((node) => node.html).join("\n  ")}`);
  assert.deepEqual(lines, [], `of ${what}`);
}
