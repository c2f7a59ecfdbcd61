// The reference of the API, as a person uses it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { bundle, checkAccessibility, openBrowser, openPage, requests, startSandbox } from "./support.mjs";

const create = bundle.paths["/v1/hood/integrations"].post;
const samples = create["x-codeSamples"].map(({ label, source }) => [...label.split(" · "), source]);
const languages = new Set(samples.map(([language]) => language));
const providers = new Set(samples.map(([, provider]) => provider));

let browser;
let sandbox;
let page;
/** The button that tries a create, and the card with its samples. */
let tryIt;
let card;
before(async () => {
  browser = await openBrowser();
  // Any token is accepted, as in a sandbox for people.
  sandbox = await startSandbox({ token: "" });
  page = await openPage(browser, sandbox, "/docs", { viewport: { width: 1400, height: 1000 } });
  await page.getByRole("link", { name: create.summary }).first().click();
  tryIt = page.getByRole("button", { name: /Test Request.*post \/v1\/hood\/integrations\)/ });
  card = tryIt.locator("xpath=ancestor::*[.//pre][1]");
  await card.locator("pre").waitFor();
});
after(async () => {
  await browser.close();
  await sandbox.stop();
});

/** Chooses from one of the card's lists, which shows the choice. */
async function choose(from, wanted) {
  const names = [...from].map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  await card.getByRole("button", { name: new RegExp(`^(${names.join("|")})\\s*$`) }).click();
  await page.getByRole("option", { name: wanted, exact: true }).click();
}

test("each provider has samples in seven languages", () => {
  assert.deepEqual([languages.size, providers.size], [7, requests.length]);
  assert.equal(samples.length, languages.size * providers.size);
});

test("the samples of each provider are shown", async () => {
  const words = (text) => text.replace(/\s+/g, " ").trim();
  for (const provider of providers) {
    await choose(providers, provider);
    for (const [language, , source] of samples.filter(([, of]) => of === provider)) {
      await choose(languages, language);
      const shown = card.locator("pre", { hasText: source.split("\n").find((line) => line.length > 20).trim() });
      await shown.waitFor({ timeout: 20_000 });
      assert.equal(words(await shown.innerText()), words(source), `${language}, ${provider}`);
    }
  }
  assert.deepEqual(page.complaints, []);
});

test("axe finds no problem", () => checkAccessibility(page, "the reference"));

test("the try-out creates an integration", async () => {
  assert.deepEqual(await sandbox.integrations(), []);
  await tryIt.click();
  await page.getByRole("button", { name: /^Send post request/ }).click();
  await page.getByText("201 Created").waitFor();
  await page.waitForFunction(async () => (await (await fetch("/_sandbox/integrations")).json()).length === 1);
  assert.deepEqual(page.complaints, []);
});
