// The operations of the API: how each writes its input and reads its result.
"use strict";

const { begin, check, conclude } = require("./calls.js");
const { invalid, unconfirmedCreates, thrownBy } = require("./failure.js");
const { isPlain, write } = require("./json.js");
const { hideInProvider, hideSecrets } = require("./secret.js");
const { trace } = require("./trace.js");
const { UNKNOWN } = require("./unknown-provider.js");

/** Allows a provider that this version does not know: see `Client::call` in src/client.rs. */
const UNKNOWN_PROVIDER = 4;

/** An operation, with its name on the native side, which validates the input. */
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
  listProviders: operation("list_providers", filters, page(({ value }) => hideInProvider(value))),
};

/** Makes a call. Each `await` here appears in the stacks of errors. */
async function call(client, { name, write, read, ofId }, id, given, options, withResponse) {
  if (ofId && typeof id !== "string") throw invalid("id", `must be a string, not ${typeof id}`);
  const text = write(given);
  const unknown = given?.[UNKNOWN] === true ? UNKNOWN_PROVIDER : 0;
  const traced = trace(name);
  try {
    const [signal, optionsText] = split(options, traced?.headers);
    const start = (number, flags) => client.call(number, name, id, text, optionsText, flags | unknown);
    const message = conclude(await begin(start, signal, withResponse, traced), signal);
    const value = read(message, client);
    return withResponse ? { value, ...message.response } : value;
  } catch (error) {
    traced?.fail(error);
    throw error;
  } finally {
    traced?.end();
  }
}

/** Yields the items of a list, and requests each page when its first item is needed. */
async function* items(client, { name, write, read }, given, options) {
  const text = write(given);
  const traced = trace(name);
  try {
    const [signal, optionsText] = split(options, traced?.headers);
    const pages = thrownBy(() => client.paginator(name, text, optionsText));
    for (;;) {
      const message = conclude(await begin((number, flags) => pages.next(number, flags), signal, false, traced), signal);
      if (message.value === null) return;
      for (const item of read(message, client).items) {
        yield item;
        if (signal) check(signal);
      }
    }
  } catch (error) {
    traced?.fail(error);
    throw error;
  } finally {
    traced?.end();
  }
}

/** Returns the signal, and the other options as JSON, with the headers of subscribers. */
function split(options, traced) {
  if (options === undefined) {
    if (!traced) return [undefined, ""];
    options = {};
  }
  if (!isPlain(options)) throw invalid("options", "must be a plain object");
  const { signal, ...others } = options;
  if (others.traced !== undefined) throw invalid("options.traced", "must not be set");
  // The native side leaves out what HTTP cannot carry: a subscriber must not fail the call.
  if (traced) others.traced = Object.entries(traced).filter(([, value]) => typeof value === "string");
  const text = json("options", others);
  if (signal !== undefined) check(signal);
  return [signal, text];
}

/** Returns what the user passed as JSON. The fields of options have a prefix in errors, those of requests have none. */
function json(name, value) {
  const prefix = name === "options" ? [name] : [];
  const text = write(value, (path, message) => invalid([...prefix, ...path].join(".") || name, message));
  if (text === undefined) throw invalid(name, `must be an object, not ${typeof value}`);
  return text;
}

module.exports = { call, items, operations };
