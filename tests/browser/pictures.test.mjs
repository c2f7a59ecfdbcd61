// The pictures of the README.
import { after, before, test } from "node:test";
import { join } from "node:path";
import { bundle, clients, openBrowser, openPage, requestFiles, requests, startSandbox } from "./support.mjs";

let browser;
let sandbox;
before(async () => {
  browser = await openBrowser();
  sandbox = await startSandbox();
});
after(async () => {
  await browser.close();
  await sandbox.stop();
});

const take = (page, name) => page.screenshot({ path: join(process.env.OCAMBA_PICTURES, name), animations: "disabled" });

test("the inspector", async () => {
  // Wide enough to show everything.
  const page = await openPage(browser, sandbox, "/", { viewport: { width: 1700, height: 950 } });
  await page.waitForSelector("body[data-connection=live]");
  for (const [index, create] of Object.values(clients).entries()) {
    await create(requestFiles[index % requestFiles.length], sandbox.environment);
  }
  const { [Object.keys(requests[0].settings)[0]]: _, ...settings } = requests[0].settings;
  await sandbox.post({ ...requests[0], settings });
  await (await page.waitForSelector('#requests > li[data-status="400"] a')).click();
  await page.waitForSelector("#detail [data-violation]");
  await take(page, "inspector.png");
});

test("the reference", async () => {
  const page = await openPage(browser, sandbox, "/docs", { viewport: { width: 1400, height: 850 } });
  await page.waitForLoadState("networkidle");
  await page.getByRole("link", { name: bundle.paths["/v1/hood/integrations"].post.summary }).first().click();
  await page.getByRole("button", { name: /^cURL\s*$/ }).first().click();
  await page.getByRole("option", { name: "Python", exact: true }).click();
  await page.locator("pre", { hasText: "client.integrations.create(" }).waitFor();
  await take(page, "reference.png");
});
