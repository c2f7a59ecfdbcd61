// The operations of the API: how each writes what it is given, and what it makes of its answer.
"use strict";

const { begin, check, conclude } = require("./calls.js");
const { invalid, unconfirmedCreates, thrownBy } = require("./errors.js");
const { hideSecrets, reveal } = require("./secret.js");
const { UNKNOWN } = require("./unknown-provider.js");

/** A provider that this version does not know is meant: see `Client::call` in src/client.rs. */
const UNKNOWN_PROVIDER = 4;

/** Named as on the native side, which checks what it is given. */
const operation = (name, write, read, ofId = false) => ({ name, write, read, ofId });

const request = (given) => json("request", given);
const filters = (given) => json("filters", given);
const none = () => "";

const nothing = () => undefined;
const integration = ({ value }, client) => value && hideSecrets(value, client);
const ensured = ({ value: { action, integration: value } }, client) => ({ integration: hideSecrets(value, client), action });
const page = (read) => ({ value: { total, items } }, client) => ({
  total: Number.isSafeInteger(total) && total >= 0 ? total : null,
  items: items.map((value) => read({ value }, client)),
});

const operations = {
  create: operation("create", request, integration),
  validate: operation("validate", request, nothing),
  ensure: operation("ensure", request, ensured),
  get: operation("get", none, integration, true),
  update: operation("update", (given) => json("update", given), nothing, true),
  test: operation("send_test", none, nothing, true),
  testRequest: operation("send_test", request, nothing),
  findCreated: operation("find_created", (error) => unconfirmedCreates.get(error) ?? "", integration),
  list: operation("list", filters, page(integration)),
  listProviders: operation("list_providers", filters, page(({ value }) => value)),
};

/** Makes a call. All that is awaited here is seen in the stacks of errors. */
async function call(client, { name, write, read, ofId }, id, given, options, withResponse) {
  if (ofId && typeof id !== "string") throw invalid("id", `must be a string, not ${typeof id}`);
  const text = write(given);
  const [signal, optionsText] = split(options);
  const unknown = given?.[UNKNOWN] === true ? UNKNOWN_PROVIDER : 0;
  const start = (number, flags) => client.call(number, name, id, text, optionsText, flags | unknown);
  const message = conclude(await begin(start, signal, withResponse), signal);
  const value = read(message, client);
  return withResponse ? { value, ...message.response } : value;
}

/** The items of a list, for which pages are asked for as they are needed. */
async function* items(client, { name, write, read }, given, options) {
  const text = write(given);
  const [signal, optionsText] = split(options);
  const pages = thrownBy(() => client.paginator(name, text, optionsText));
  for (;;) {
    const message = conclude(await begin((number, flags) => pages.next(number, flags), signal), signal);
    if (message.value === null) return;
    for (const item of read(message, client).items) {
      yield item;
      if (signal) check(signal);
    }
  }
}

/** The signal, which is for here, and the text of the other options. */
function split(options) {
  if (options === undefined) return [undefined, ""];
  if (typeof options !== "object" || options === null) throw invalid("options", "must be an object");
  const { signal, ...others } = options;
  const text = json("options", others);
  if (signal !== undefined) check(signal);
  return [signal, text];
}

/** The text of what is sent, with its secrets in clear. */
function json(name, value) {
  let text;
  try {
    text = reveal(() => JSON.stringify(value));
  } catch (error) {
    throw invalid(name, "cannot be written as JSON", error);
  }
  if (text === undefined) throw invalid(name, `must be an object, not ${typeof value}`);
  return text;
}

module.exports = { call, items, operations };
