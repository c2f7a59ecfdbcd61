// The client. The token is on the native side only, so nothing in JavaScript can show it.
"use strict";

const { calls } = require("./calls.js");
const { failure, thrownBy } = require("./errors.js");
const { Integrations, Providers } = require("./integrations.js");
const { REDACTED, reveal } = require("./secret.js");
const native = require("./native.js");

const NO_OBJECT = {
  class: "ConfigurationError",
  outcome: "not_sent",
  code: "configuration",
  message: "options must be an object",
};

class Client {
  #native;
  #integrations;
  #providers;

  constructor(options = {}) {
    if (typeof options !== "object" || options === null) throw failure(NO_OBJECT);
    // From `process.env`, not from the process: a worker may have an environment of its own.
    const { OCAMBA_TOKEN, OCAMBA_BASE_URL } = process.env;
    this.#native = open({ token: OCAMBA_TOKEN || undefined, baseUrl: OCAMBA_BASE_URL || undefined, ...defined(options) });
    this.#integrations = new Integrations(this.#native);
    this.#providers = new Providers(this.#native);
  }

  get baseUrl() {
    return this.#native.baseUrl;
  }

  get integrations() {
    return this.#integrations;
  }

  get providers() {
    return this.#providers;
  }

  toJSON() {
    return { baseUrl: this.baseUrl, token: REDACTED };
  }

  [Symbol.for("nodejs.util.inspect.custom")](_depth, options, inspect) {
    return `Client ${inspect(this.toJSON(), options)}`;
  }
}

function open(options) {
  const text = reveal(() => JSON.stringify(options));
  return thrownBy(() => new native.Client(text, calls));
}

/** The options that are given: one that is `undefined` is not. */
function defined(options) {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

module.exports = { Client };
