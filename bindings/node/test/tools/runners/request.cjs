// The request of the first provider's example, and its settings as a result has them.
const { readFileSync, readdirSync } = require("node:fs");
const { join } = require("node:path");
const { Secret } = require("ocamba-hood");

const examples = join(__dirname, "../../../examples");
const [provider] = readdirSync(examples).filter((folder) => !["errors", "operations"].includes(folder));
const request = JSON.parse(readFileSync(join(examples, provider, "request.json"), "utf8"));

/** Returns the settings of the request, in which those are secrets that are secrets in `settings`. */
function expected(settings) {
  const all = Object.entries(request.settings);
  return Object.fromEntries(all.map(([name, value]) => [name, settings[name] instanceof Secret ? new Secret(value) : value]));
}

/** Returns settings with another secret. */
function wrong(settings) {
  const [name] = Object.keys(settings).filter((name) => settings[name] instanceof Secret);
  return { ...expected(settings), [name]: new Secret("wrong") };
}

module.exports = { expected, request, wrong };
