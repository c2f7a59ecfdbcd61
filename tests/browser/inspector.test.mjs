// The sandbox's page, as a person uses it.
import assert from "node:assert/strict";
import { request as httpRequest } from "node:http";
import { once } from "node:events";
import { after, before, beforeEach, describe, test } from "node:test";
import { checkAccessibility, clients, openBrowser, openPage, requestFiles, requests, startSandbox } from "./support.mjs";

const [request] = requests;
const A_SECOND = 1_000;
/** Much longer than a busy machine takes. */
const PATIENCE = 20_000;

let browser;
let sandbox;
let page;
before(async () => {
  browser = await openBrowser();
  sandbox = await startSandbox();
});
after(async () => {
  await browser.close();
  await sandbox.stop();
});
beforeEach(openNewPage);

async function openNewPage() {
  await page?.context().close();
  await sandbox.reset();
  page = await openPage(browser, sandbox, "/");
  await page.waitForSelector("body[data-connection=live]");
}

/** Waits for a request's row in the list. */
const line = (attributes, timeout = PATIENCE) => page.waitForSelector(`#requests > li${attributes}`, { timeout });
const used = async (name) => Number(await page.getAttribute(`[data-window="${name}"]`, "aria-valuenow"));
const until = (check, argument) => page.waitForFunction(check, argument, { timeout: PATIENCE });

for (const [name, create] of Object.entries(clients)) {
  test(`a create of ${name} appears within a second`, async () => {
    for (let attempts = 8; ; ) {
      await create(requestFiles[0], sandbox.environment);
      try {
        await line(`[data-client="${name}"][data-status="201"][data-committed="true"]`, A_SECOND);
        await page.waitForSelector("#integrations > li[data-integration-id]", { timeout: A_SECOND });
        break;
      } catch (error) {
        // A busy machine may delay some attempts.
        attempts -= 1;
        if (attempts === 0) throw error;
        await openNewPage();
      }
    }
    assert.deepEqual(page.complaints, []);
  });
}

test("a rejected create shows the invalid field", async () => {
  const [missing, wrong] = Object.keys(request.settings);
  const settings = { ...request.settings, [wrong]: 5 };
  delete settings[missing];
  assert.equal((await sandbox.post({ ...request, settings })).status, 400);
  await (await line('[data-status="400"][data-committed="false"] a')).click();
  for (const field of [missing, wrong]) {
    await page.waitForSelector(`#detail [data-violation="settings.${field}"]`);
    await page.waitForSelector(`#detail [data-field="settings.${field}"][data-wrong]`);
  }
  await checkAccessibility(page, "a refused request");
  assert.deepEqual(page.complaints, []);
});

test("the command to try has the token, if there is one", async () => {
  assert.match(await page.textContent("#try"), /OCAMBA_TOKEN=TOKEN/);
  const open = await startSandbox({ token: "" });
  const there = await openPage(browser, open, "/");
  await there.waitForFunction(() => document.querySelector("#try").textContent.includes("OCAMBA_TOKEN=any"));
  await there.context().close();
  await open.stop();
});

test("the gauges fill and empty", async () => {
  assert.deepEqual([await used("second"), await used("minute")], [0, 0]);
  await Promise.all([1, 2, 3, 4].map(() => sandbox.post(request)));
  await until(() => document.querySelector("[data-window=minute]").getAttribute("aria-valuenow") === "4");
  await until(() => document.querySelector("[data-window=second]").getAttribute("aria-valuenow") === "0");
  assert.equal(await used("minute"), 4);
});

test("an enabled fault affects the next call", async () => {
  const fault = page.locator('[data-fault="server-error"]');
  await fault.click();
  await until(() => document.querySelector("[data-fault=server-error]").getAttribute("aria-checked") === "true");
  assert.ok((await sandbox.post(request)).status >= 500);
  await line("[data-fired]");
  await fault.click();
  await until(() => document.querySelector("[data-fault=server-error]").getAttribute("aria-checked") === "false");
  assert.equal((await sandbox.post(request)).status, 201);
});

test("markup in a name is shown as text", async () => {
  const name = '<img src=x onerror="document.title=1"><b>bold</b>&amp;';
  await sandbox.post({ ...request, name });
  await (await line('[data-status="201"] a')).click();
  await page.waitForSelector("#detail [data-field]");
  assert.ok((await page.textContent("#detail")).includes("<b>bold</b>&amp;"));
  await until(() => document.querySelector("#integrations").textContent.includes("<b>bold</b>"));
  assert.equal(await page.locator('img[src="x"], b:text("bold")').count(), 0);
  assert.deepEqual(page.complaints, []);
});

test("marks that reorder text are escaped", async () => {
  await sandbox.post({ ...request, name: "txt.\u202eexe\u2066" });
  await (await line('[data-status="201"] a')).click();
  await page.waitForSelector("#detail [data-field]");
  await until(() => document.querySelector("#integrations").textContent.includes("txt.\\u{202e}exe\\u{2066}"));
  assert.ok((await page.textContent("#detail")).includes("txt.\\u{202e}exe"));
  const all = await page.evaluate(() => document.body.textContent);
  assert.doesNotMatch(all, /[\u202a-\u202e\u2066-\u2069]/);
});

test("a secret is shown only after a click", async () => {
  const canary = "canary-in-the-page";
  const secret = async () => {
    await page.waitForSelector("#detail button[data-secret]");
    return page.locator("#detail button[data-secret]").first();
  };
  const settings = Object.fromEntries(Object.entries(request.settings).map(([name, value]) => [name, typeof value === "string" ? canary : value]));
  await sandbox.post({ ...request, settings });
  await (await line(':not([data-status="open"]) a')).click();
  const field = await (await secret()).getAttribute("data-secret");
  const value = () => page.textContent(`#detail [data-field="${field}"]`);
  assert.ok(!(await value()).includes(canary));
  await (await secret()).click();
  await until(([field, canary]) => document.querySelector(`#detail [data-field="${field}"]`).textContent.includes(canary), [field, canary]);
  assert.ok((await value()).includes(canary));
});

test("a request has its answer, with the headers of both, and is sent again", async () => {
  await sandbox.post({ ...request, name: "sent twice" });
  await (await line('[data-status="201"] a')).click();
  await page.waitForSelector("#detail [data-body=response]");
  for (const [place, header] of [["sent", "content-type"], ["response", "x-ratelimit-remaining"]]) {
    await page.click(`#detail [data-headers=${place}] summary`);
    assert.ok((await page.textContent(`#detail [data-headers=${place}]`)).includes(header));
  }
  // The token and other secrets are masked until they are clicked.
  assert.doesNotMatch(await page.textContent("#detail"), /token-canary/);
  const [id] = (await sandbox.integrations()).map((it) => it.id);
  assert.ok((await page.textContent("#detail [data-body=response]")).includes(id));
  await page.click("#send-again");
  await line('[data-request-id="2"][data-status="201"][data-client=browser]');
  const [first, second] = await Promise.all([1, 2].map((id) => sandbox.detail(id, "?secrets=shown")));
  assert.deepEqual(second.sent.body.text, first.sent.body.text);
  assert.deepEqual((await sandbox.integrations()).map((it) => it.name), ["sent twice", "sent twice"]);
  assert.deepEqual(page.complaints, []);
});

/** Opens the dialog, which has the request once it is there. */
async function edit() {
  await page.click("#edit-and-send");
  await page.waitForSelector("dialog#edit[open]");
}

test("a request is edited and sent, with the secrets that it had", async () => {
  await sandbox.post({ ...request, name: "before" });
  await (await line('[data-status="201"] a')).click();
  await edit();
  const shown = JSON.parse(await page.inputValue("#edit-body"));
  const [secret] = Object.entries(shown.settings).find(([, value]) => value === "••••••••");
  await page.fill("#edit-body", "{ no JSON ••••••••");
  await page.click("#edit-send");
  await until(() => document.querySelector("#edit-error").textContent.includes("not JSON"));
  await page.fill("#edit-body", JSON.stringify({ ...shown, name: "<b>after</b>" }));
  await page.click("#edit-send");
  await line('[data-request-id="2"][data-status="201"]');
  const { sent } = await sandbox.detail(2, "?secrets=shown");
  assert.deepEqual([sent.body.json.name, sent.body.json.settings[secret]], ["<b>after</b>", request.settings[secret]]);
  await edit();
  await page.fill("#edit-token", "another");
  await page.click("#edit-send");
  await line('[data-request-id="3"][data-status="401"]');
  // A GET has a query and no body.
  await edit();
  await page.selectOption("#edit-method", "GET");
  await page.fill("#edit-target", "/v1/hood/integrations?q=after&view=full");
  await page.click("#edit-send");
  const row = await line('[data-request-id="4"][data-status="200"]');
  assert.match(await row.textContent(), /\?q=after&view=full/);
  assert.deepEqual(page.complaints.filter((text) => !text.includes("401")), []);
});

test("repeated rows are folded, and chips filter", async () => {
  const list = () => fetch(`${sandbox.url}/v1/hood/integrations?sort=-id`, { headers: { authorization: "Bearer token-canary" } });
  await sandbox.post(request);
  for (let number = 0; number < 4; number += 1) await list();
  await sandbox.post({});
  // The rows of requests that are still running are not folded.
  await line('[data-request-id="6"][data-status="400"]');
  const visible = () => page.$$eval("#requests > li:not([hidden])", (all) => all.map((it) => it.dataset.requestId));
  await until(() => document.querySelectorAll("#requests > li:not([hidden])").length === 3);
  assert.deepEqual(await visible(), ["6", "5", "1"]);
  await page.click(".repeats");
  assert.deepEqual(await visible(), ["6", "5", "4", "3", "2", "1"]);
  await page.click(".repeats");
  assert.deepEqual(await visible(), ["6", "5", "1"]);
  await page.click('[data-chip="2xx"]');
  assert.deepEqual(await visible(), ["5", "1"]);
  await page.click('[data-chip="committed"]');
  assert.deepEqual(await visible(), ["1"]);
  await page.click('[data-chip="2xx"]');
  await page.click('[data-chip="committed"]');
  await page.click(`[data-chip="${request.provider_id}"]`);
  assert.deepEqual(await visible(), ["1"]);
});

test("a fault is for an operation, a count and a share", async () => {
  await page.selectOption("#fault-operation", "createIntegration");
  await page.fill("#fault-times", "2");
  await page.fill("#fault-share", "50");
  await page.click('[data-fault="server-error"]');
  await until(() => document.querySelector("[data-fault=server-error]").getAttribute("aria-checked") === "true");
  const [rule] = (await (await fetch(`${sandbox.url}/_sandbox/faults`)).json()).faults;
  const { operation, times, probability } = rule;
  assert.deepEqual({ operation, times, probability }, { operation: "createIntegration", times: 2, probability: 0.5 });
  assert.match(await page.textContent("[data-fault=server-error]"), /createIntegration · 2 more · 50 %/);
  await page.fill("#fault-times", "0");
  await page.click('[data-fault="slow"]');
  await until(() => document.querySelector("#copied").textContent.startsWith("times: "));
  assert.equal((await (await fetch(`${sandbox.url}/_sandbox/faults`)).json()).faults.length, 1);
});

test("the keyboard is sufficient", async () => {
  for (const name of ["first", "second"]) await sandbox.post({ ...request, name });
  await line('[data-request-id="2"]');
  await page.keyboard.press("j");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#detail[data-request-id]");
  assert.match(page.url(), /#request-\d$/);
  await page.keyboard.press("Escape");
  await page.waitForSelector("#detail", { state: "hidden" });
  await page.keyboard.press("/");
  await page.keyboard.type("first");
  await until(() => document.querySelectorAll("#requests > li[data-request-id]:not([hidden])").length === 1);
  await page.keyboard.press("Escape");
  await page.fill("#filter", "");
  await page.locator("h1").click();
  await page.keyboard.press("p");
  assert.equal(await page.getAttribute("#pause", "aria-pressed"), "true");
  await page.keyboard.press("p");
  await page.keyboard.press("?");
  await page.waitForSelector("dialog#help[open]");
  await page.keyboard.press("Escape");
  await page.keyboard.press("c");
  await until(() => document.querySelectorAll("#requests > li[data-request-id]").length === 0);
});

test("each request has its own URL", async () => {
  await sandbox.post(request);
  await page.goto(`${sandbox.url}/#request-1`);
  await page.reload();
  await page.waitForSelector('#detail[data-request-id="1"]');
});

for (const [what, options] of Object.entries({
  "light": { viewport: { width: 1440, height: 900 }, colorScheme: "light" },
  "dark": { viewport: { width: 1440, height: 900 }, colorScheme: "dark" },
  "a tablet": { viewport: { width: 820, height: 1180 }, colorScheme: "light" },
  "a phone": { viewport: { width: 390, height: 844 }, colorScheme: "dark" },
})) {
  test(`axe finds no problem: ${what}`, async () => {
    await sandbox.post(request);
    await sandbox.post({});
    const other = await openPage(browser, sandbox, "/", options);
    await other.waitForSelector("#requests > li[data-request-id]");
    await checkAccessibility(other, what);
    await other.goto(`${sandbox.url}/#request-1`);
    await other.waitForSelector("#detail[data-request-id]");
    await checkAccessibility(other, `${what}, a request`);
    await other.click("#edit-and-send");
    await other.waitForSelector("dialog#edit[open]");
    await checkAccessibility(other, `${what}, a request to edit`);
    await other.keyboard.press("Escape");
    const spare = await other.evaluate(() => document.documentElement.clientWidth - document.documentElement.scrollWidth);
    assert.equal(spare, 0, "nothing is wider than the window");
    // In reach whatever is open.
    await other.click("nav >> text=Integrations");
    await other.waitForSelector("#integrations > li[data-integration-id]", { state: "visible" });
    assert.deepEqual(other.complaints, []);
    await other.context().close();
  });
}

test("the page reports that the sandbox stopped, and reconnects", async () => {
  // A port that the system gives to no one meanwhile.
  const other = await startSandbox({ port: 20_000 + Math.trunc(Math.random() * 10_000) });
  const there = await openPage(browser, other, "/");
  await there.waitForSelector("body[data-connection=live]");
  await other.stop();
  await there.waitForSelector("#gone", { state: "visible", timeout: PATIENCE });
  assert.match(await there.textContent("#gone"), /not reachable/);
  const again = await startSandbox({ port: other.port });
  await there.waitForSelector("body[data-connection=live]", { timeout: PATIENCE });
  await there.context().close();
  await again.stop();
});

describe("no foreign page reads or drives it", () => {
  /** The status of a request that a browser sends for a foreign page. */
  async function answer(path, method, headers) {
    const call = httpRequest({ host: "127.0.0.1", port: sandbox.port, path, method, headers });
    call.end();
    const [response] = await once(call, "response");
    response.resume();
    return response;
  }

  for (const path of ["/", "/docs", "/_sandbox/journal", "/_sandbox/events"]) {
    test(`${path} rejects another name of this machine`, async () => {
      assert.equal((await answer(path, "GET", { host: `evil.example:${sandbox.port}` })).statusCode, 403);
    });
  }

  test("a foreign origin changes nothing", async () => {
    const response = await answer("/_sandbox/reset", "POST", { origin: "http://evil.example" });
    assert.equal(response.statusCode, 403);
  });

  test("a foreign page's script cannot read the journal, or call the API", async () => {
    const elsewhere = await startSandbox();
    const foreign = await openPage(browser, elsewhere, "/");
    const reached = await foreign.evaluate(async (url) => {
      const json = { authorization: "Bearer any", "content-type": "application/json" };
      const tries = [fetch(`${url}/_sandbox/journal`), fetch(`${url}/v1/hood/integrations`, { method: "POST", headers: json, body: "{}" })];
      return (await Promise.allSettled(tries)).filter(({ status }) => status === "fulfilled").length;
    }, sandbox.url);
    assert.equal(reached, 0);
    await foreign.context().close();
    await elsewhere.stop();
  });

  test("the policy allows only its own resources", async () => {
    const { headers } = await answer("/", "GET", {});
    const policy = headers["content-security-policy"];
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*/);
    assert.equal(headers["access-control-allow-origin"], undefined);
  });
});
