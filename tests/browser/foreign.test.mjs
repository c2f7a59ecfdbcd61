// Pages of other origins, in a browser that trusts nobody: they read nothing of the sandbox and change nothing.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, beforeEach, describe, test } from "node:test";
import { openBrowser, requests, startSandbox } from "./support.mjs";

const SECRET = "canary-of-the-account";
/** How long an attack may take: much longer than on a busy machine. */
const PATIENCE = 20_000;

let browser;
let sandbox;
let elsewhere;
before(async () => {
  // As after DNS rebinding: the name of a foreign page leads to this machine.
  // Some versions of Chromium protect local networks; the sandbox must not rely on that.
  browser = await openBrowser("--host-resolver-rules=MAP *.example 127.0.0.1", "--disable-features=LocalNetworkAccessChecks");
  elsewhere = createServer((_, response) => response.setHeader("content-type", "text/html").end("<!doctype html><title>foreign</title>"));
  await once(elsewhere.listen(0, "127.0.0.1"), "listening");
});
after(async () => {
  elsewhere.close();
  await browser.close();
});

/**
 * Sends, from within a page, each request that it can make: with `fetch` in each mode, by a stream, a socket, frames and
 * scripts. Returns all text that it could read.
 */
async function attack({ target, body, patience }) {
  const read = [];
  const paths = [
    ["GET", "/v1/hood/integrations?view=full"],
    ["GET", "/v1/hood/providers"],
    ["POST", "/v1/hood/integrations"],
    ["PATCH", "/v1/hood/integrations/1164"],
    ["POST", "/v1/hood/test-notification"],
    ["GET", "/_sandbox/journal"],
    ["GET", "/_sandbox/arrivals"],
    ["GET", "/_sandbox/integrations"],
    ["GET", "/_sandbox/requests/1?secrets=shown"],
    ["GET", "/_sandbox/events"],
    ["POST", "/_sandbox/integrations"],
    ["PUT", "/_sandbox/faults"],
    ["DELETE", "/_sandbox/journal"],
    ["POST", "/_sandbox/reset"],
    ["GET", "/_sandbox/page/app.js"],
    ["GET", "/docs/openapi.json"],
  ];
  const attempts = [];
  const attempt = (work) => {
    const late = new Promise((resume) => setTimeout(resume, patience));
    // A failure: the browser or the sandbox has refused it.
    attempts.push(Promise.race([work(), late]).then((text) => text && read.push(String(text)), () => {}));
  };
  for (const [method, path] of paths) {
    const content = method === "GET" ? undefined : path.endsWith("faults") ? '{"faults":[{"fault":{"hang":{}}}]}' : body;
    const token = { Authorization: "Bearer any" };
    for (const [mode, headers] of [
      ["cors", { ...token, "Content-Type": "application/json" }],
      ["cors", { "Content-Type": "text/plain" }],
      ["no-cors", {}],
      ["same-origin", { ...token, "Content-Type": "application/json" }],
    ]) {
      attempt(async () => {
        const response = await fetch(target + path, { method, mode, headers, body: content, credentials: "include" });
        // A stream has no end.
        return path.endsWith("events") && response.ok ? `stream ${response.status}` : response.text();
      });
    }
    navigator.sendBeacon(target + path, content ?? "");
  }
  attempt(() => new Promise((resume) => {
    const events = new EventSource(`${target}/_sandbox/events`);
    events.onmessage = ({ data }) => resume(data);
    events.onerror = () => resume(events.close());
  }));
  attempt(() => new Promise((resume) => {
    const socket = new WebSocket(`${target.replace("http", "ws")}/_sandbox/events`);
    socket.onmessage = ({ data }) => resume(data);
    socket.onerror = () => resume();
  }));
  for (const tag of ["iframe", "script", "img"]) {
    for (const path of ["/_sandbox/journal", "/v1/hood/integrations", "/"]) {
      attempt(() => new Promise((resume) => {
        const element = document.createElement(tag);
        element.onload = () => resume(element.contentDocument?.documentElement.textContent);
        element.onerror = () => resume();
        element.src = target + path;
        document.body.append(element);
      }));
    }
  }
  await Promise.all(attempts);
  return read;
}

const PAGES = [
  ["served on another port", () => `http://localhost:${elsewhere.address().port}`],
  ["with a name that leads to this machine, on another port", () => `http://rebound.example:${elsewhere.address().port}`],
  ["with a name that leads to the sandbox itself", () => `http://rebound.example:${sandbox.port}`],
];

for (const tls of [false, true]) {
  describe(tls ? "over TLS" : "in plain HTTP", () => {
    before(async () => {
      sandbox = await startSandbox({ token: "", tls });
    });
    after(() => sandbox.stop());
    beforeEach(async () => {
      await sandbox.reset();
      await sandbox.add({ ...requests[0], name: SECRET });
    });

    for (const [name, origin] of tls ? PAGES.slice(-1) : PAGES) {
      test(`a page ${name} reads nothing and changes nothing`, async () => {
        const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
        // The page itself is the attacker's, as if the name had led elsewhere before.
        await page.route(`${origin()}/attack`, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><body></body>" }));
        await page.goto(`${origin()}/attack`);
        const state = await sandbox.state();
        for (const host of ["localhost", "127.0.0.1", "rebound.example"]) {
          for (const scheme of tls ? ["http", "https"] : ["http"]) {
            const target = `${scheme}://${host}:${sandbox.port}`;
            const read = await page.evaluate(attack, { target, body: JSON.stringify(requests[0]), patience: PATIENCE });
            for (const text of read) assert.match(text, /^\{"code":403,/, `read by ${target}`);
          }
        }
        assert.deepEqual(await sandbox.state(), state);
        assert.ok(state.integrations.some((it) => it.name === SECRET));
        await page.context().close();
      });
    }
  });
}

describe("a page whose origin is named", () => {
  test("uses the API with its token, and nothing else", async () => {
    const origin = `http://localhost:${elsewhere.address().port}`;
    const open = await startSandbox({ cors: [origin], token: "" });
    const page = await (await browser.newContext()).newPage();
    await page.route(`${origin}/app`, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html><body></body>" }));
    await page.goto(`${origin}/app`);
    const call = async ({ target, body, method = "POST", token = "any" }) => {
      const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json", traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
      try {
        const response = await fetch(target, { method, headers, body });
        return [response.status, response.headers.get("x-ratelimit-remaining") != null, response.headers.get("retry-after")];
      } catch {
        return null;
      }
    };
    const api = `${open.url}/v1/hood/integrations`;
    const body = JSON.stringify(requests[0]);
    assert.deepEqual(await page.evaluate(call, { target: api, body }), [201, true, null]);
    const [{ id }] = await open.integrations();
    assert.deepEqual(await page.evaluate(call, { target: `${api}/${id}`, method: "PATCH", body: '{"name":"renamed"}' }), [204, true, null]);
    assert.deepEqual(await page.evaluate(call, { target: api, body: "{}" }), [400, true, null]);
    for (const [method, path] of [["POST", "reset"], ["DELETE", "journal"], ["PUT", "faults"]]) {
      assert.equal(await page.evaluate(call, { target: `${open.url}/_sandbox/${path}`, method, body }), null, path);
    }
    for (const path of ["/_sandbox/journal", "/health", "/"]) {
      assert.equal(await page.evaluate(call, { target: open.url + path, method: "GET" }), null, path);
    }
    assert.deepEqual((await open.integrations()).map((it) => it.name), ["renamed"]);
    // The answers to the browser's questions are no requests.
    assert.equal((await open.state()).journal.length, 3);
    await page.context().close();
    await open.stop();
  });
});
