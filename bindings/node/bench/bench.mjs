// `cargo xtask bench node`: creates per second, compared with other clients of Node.
//
// All take many turns against one server in another process, so that a noisy machine slows each alike. The results are
// medians of ratios within a turn.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "ocamba-hood";

const WARM_UP = 2_000;
const TURNS = 15;
// Milliseconds before each response, and whether the server speaks TLS.
const WAYS = { plain: [0, false], TLS: [0, true], "TLS, 1 ms before each response": [1, true] };

const peers = createRequire(process.env.OCAMBA_BENCH_PEERS);
const { Pool } = peers("undici");
const axios = peers("axios");

const examples = new URL("../examples/", import.meta.url);
const [folder] = readdirSync(examples).filter((name) => !["errors", "operations"].includes(name));
const request = JSON.parse(readFileSync(new URL(`${folder}/request.json`, examples)));
const path = "/v1/hood/integrations";
const headers = { authorization: "Bearer token", "content-type": "application/json" };

const [title, origin] = process.argv.slice(2);
if (origin === undefined) {
  await startEach();
} else {
  for (const inFlight of [32, 1]) await bench(origin, inFlight);
}
process.exit();

/** Starts a server for each way, and a process for its clients, since Node reads the certificates to trust when it starts. */
async function startEach() {
  const folder = mkdtempSync(join(tmpdir(), "ocamba-bench-"));
  const authority = join(folder, "authority.pem");
  for (const [title, [delay, tls]] of Object.entries(WAYS)) {
    const options = ["serve", String(delay), ...(tls ? [authority] : [])];
    const server = spawn(process.env.OCAMBA_BENCH_SERVER, options, { stdio: ["ignore", "pipe", "inherit"] });
    const line = await new Promise((resolve) => server.stdout.once("data", resolve));
    const env = tls ? { ...process.env, NODE_EXTRA_CA_CERTS: authority } : process.env;
    spawnSync(process.execPath, [process.argv[1], title, /http\S+/.exec(line)[0]], { stdio: "inherit", env });
    server.kill();
  }
  rmSync(folder, { recursive: true });
}

async function bench(origin, inFlight) {
  const client = new Client({ token: "token", baseUrl: origin, rateLimit: "off" });
  const pool = new Pool(origin, { connections: inFlight });
  // Each writes the request as JSON, checks the status, and parses the response.
  const contenders = {
    "ocamba-hood": () => client.integrations.create(request),
    "undici Pool": async () => {
      const { statusCode, body } = await pool.request({ path, method: "POST", headers, body: JSON.stringify(request) });
      if (statusCode !== 201) throw new Error(`status ${statusCode}`);
      return body.json();
    },
    fetch: async () => {
      const response = await fetch(origin + path, { method: "POST", headers, body: JSON.stringify(request) });
      if (response.status !== 201) throw new Error(`status ${response.status}`);
      return response.json();
    },
    axios: async () => (await axios.post(origin + path, request, { headers })).data,
  };
  await measure(contenders, inFlight);
  await pool.close();
}

async function measure(contenders, inFlight) {
  const names = Object.keys(contenders);
  const calls = {};
  for (const name of names) {
    const began = performance.now();
    let made = 0;
    for (; performance.now() - began < WARM_UP; made += 500) await turn(contenders[name], inFlight, 500);
    // So that each turn takes a fifth of a second.
    calls[name] = Math.ceil(made / (WARM_UP / 200) / inFlight) * inFlight;
  }
  const turns = [];
  for (let i = 0; i < TURNS; i += 1) {
    const costs = {};
    for (const name of names) costs[name] = await turn(contenders[name], inFlight, calls[name]);
    turns.push(costs);
  }
  const of = (value) => median(turns.map(value));
  console.log(`\n${title}, ${inFlight} in flight, ${TURNS} turns; ratios of ${names[0]} to each`);
  console.log(`${"".padEnd(14)}${["calls/s", "CPU µs/call", "rate", "CPU"].map((text) => text.padStart(12)).join("")}`);
  for (const name of names) {
    const numbers = [
      of((costs) => 1e6 / costs[name].wall).toFixed(0),
      of((costs) => costs[name].cpu).toFixed(1),
      of((costs) => costs[name].wall / costs[names[0]].wall).toFixed(2),
      of((costs) => costs[names[0]].cpu / costs[name].cpu).toFixed(2),
    ];
    console.log(name.padEnd(14) + numbers.map((text) => text.padStart(12)).join(""));
  }
}

/** Makes the calls of a turn, and returns the cost of one in microseconds. */
async function turn(create, inFlight, calls) {
  const [wall, cpu] = [performance.now(), process.cpuUsage()];
  let left = calls;
  await Promise.all(Array.from({ length: inFlight }, async () => {
    while (left-- > 0) await create();
  }));
  const { user, system } = process.cpuUsage(cpu);
  return { wall: ((performance.now() - wall) * 1e3) / calls, cpu: (user + system) / calls };
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
