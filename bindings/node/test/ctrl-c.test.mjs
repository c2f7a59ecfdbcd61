// Ctrl-C, which a terminal sends to all of its programs at once.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { account, folder, rows, slow } from "./fleets.mjs";
import { sandbox } from "./helpers.mjs";

const require = createRequire(import.meta.url);

/** Runs Node in a group of its own, sends Ctrl-C to the group after its first output, and resolves to how it ended. */
async function interrupted(args) {
  const child = spawn(process.execPath, args, { detached: true, stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  await once(child.stdout, "data");
  let output = "";
  child.stdout.on("data", (text) => (output += text));
  process.kill(-child.pid, "SIGINT");
  const [code, signal] = await ended;
  return { code, signal, output };
}

test("Ctrl-C that aborts a fleet reaches its program only once", async () => {
  const server = await sandbox();
  await slow(server, 0);
  const source = `
    const { Fleet } = require(${JSON.stringify(require.resolve("ocamba-fleet"))});
    const controller = new AbortController();
    process.once("SIGINT", () => controller.abort());
    const options = ${JSON.stringify({ ...account(server), ledger: join(folder(), "ledger"), inFlight: 4 })};
    const onProgress = ({ done }) => done && console.log("now");
    new Fleet(${JSON.stringify(rows(60))}).apply({ ...options, onProgress, signal: controller.signal })
      .then(({ stopped, counts }) => console.log(stopped, counts.unknown), ({ message }) => console.log(message));`;
  const { output } = await interrupted(["--eval", source]);
  assert.match(output, /cancelled undefined\n$/);
});

test("command line ends with its script, however that ends", { skip: process.platform === "win32", timeout: 60_000 }, async () => {
  const script = join(require.resolve("ocamba-cli"), "../ocamba.js");
  for (const [signal, ended] of [["SIGTERM", [0, null]], ["SIGHUP", [0, null]], ["SIGINT", [0, null]], ["SIGKILL", [null, "SIGKILL"]]]) {
    const child = spawn(process.execPath, [script, "sandbox", "--listen", "127.0.0.1:0"], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = await once(child.stdout, "data");
    // To the script alone, as from a supervisor or a test runner.
    child.kill(signal);
    assert.deepEqual(await once(child, "exit"), ended, signal);
    const health = `${/http\S+/.exec(line)[0]}/health`;
    for (let isServed = true; isServed; ) isServed = await fetch(health).then((response) => response.text(), () => false);
  }
});

test("Ctrl-C lets the command line end as it wants", async () => {
  const script = join(require.resolve("ocamba-cli"), "../ocamba.js");
  const { code, signal } = await interrupted([script, "sandbox", "--listen", "127.0.0.1:0"]);
  assert.deepEqual([code, signal], [0, null]);
});
