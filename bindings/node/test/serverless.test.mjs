// A function of AWS Lambda: its home read-only, its process stopped between two invocations.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { example } from "./helpers.mjs";

const HANDLER = `
const { createInterface } = require("node:readline");
const { Client } = require("ocamba-hood");
const client = new Client();
createInterface({ input: process.stdin }).on("line", async (line) => {
  console.log((await client.integrations.create(JSON.parse(line))).id);
});
`;
// The system's root may write to any folder but one of a read-only file system.
const READ_ONLY = process.geteuid() === 0 ? ["unshare", "--mount", "sh", "-c", 'mount --bind -o ro "$HOME" "$HOME" && exec "$@"', "sh"] : [];

const home = join(mkdtempSync(join(tmpdir(), "ocamba-serverless-")), "home");
mkdirSync(home, { mode: 0o555 });
after(() => rmSync(join(home, ".."), { recursive: true }));

test("function works with a read-only home, and after a stop", { skip: process.platform !== "linux" }, async () => {
  let [requests, connections] = [0, 0];
  const server = createServer((request, response) => {
    requests += 1;
    request.resume().on("end", () => response.writeHead(201, { "content-type": "application/json" }).end('{"id":"1165"}'));
  });
  server.on("connection", () => (connections += 1));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  after(() => server.close());
  const env = { PATH: process.env.PATH, HOME: home, OCAMBA_TOKEN: "token", OCAMBA_BASE_URL: `http://127.0.0.1:${server.address().port}` };
  const [program, ...args] = [...READ_ONLY, process.execPath, "--eval", HANDLER];
  const handler = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
  after(() => handler.kill("SIGKILL"));
  let errors = "";
  handler.stderr.on("data", (text) => (errors += text));
  const ids = createInterface({ input: handler.stdout })[Symbol.asyncIterator]();
  const invoke = async () => {
    handler.stdin.write(`${JSON.stringify(example)}\n`);
    return (await ids.next()).value;
  };

  assert.equal(await invoke(), "1165", errors);
  handler.kill("SIGSTOP");
  while (!/\) T /.test(readFileSync(`/proc/${handler.pid}/stat`, "latin1"))) await setImmediate();
  // As load balancers do with connections that idle.
  server.closeIdleConnections();
  handler.kill("SIGCONT");
  assert.equal(await invoke(), "1165", errors);
  handler.stdin.end();
  const code = await new Promise((resolve) => handler.once("close", resolve));
  assert.deepEqual([code, requests, connections], [0, 2, 2], errors);
  assert.ok(errors.includes("HoodWarning") && errors.includes(home), errors);
});
