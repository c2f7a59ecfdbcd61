// The client. Only the native side holds the token, so nothing in JavaScript can show it.
"use strict";

const { begin, calls, conclude } = require("./calls.js");
const { failure, thrownBy } = require("./failure.js");
const { Integrations, Providers } = require("./integrations.js");
const { withPlainHeaders, write } = require("./json.js");
const { REDACTED } = require("./secret.js");
const native = require("./native.js");

class Client {
  #native;
  #integrations;
  #providers;

  constructor(options = {}) {
    if (typeof options !== "object" || options === null) throw misconfigured("options must be an object");
    // From `process.env`, not from the process: a worker may have its own environment.
    const { OCAMBA_TOKEN, OCAMBA_BASE_URL } = process.env;
    // JSON leaves out options that are `undefined`.
    const given = JSON.parse(write(withPlainHeaders(options), (path, message, cause) => misconfigured(`${path.join(".") || "options"} ${message}`, cause)));
    const all = { token: OCAMBA_TOKEN || undefined, baseUrl: OCAMBA_BASE_URL || undefined, ...given };
    this.#native = thrownBy(() => new native.Client(JSON.stringify(all), calls));
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

  async rateLimitStatus() {
    const { value } = conclude(await begin((number) => this.#native.rateLimitStatus(number)));
    return { ...value, blocked_for: value.blocked_for * 1000 };
  }

  toJSON() {
    return { baseUrl: this.baseUrl, token: REDACTED };
  }

  [Symbol.for("nodejs.util.inspect.custom")](_depth, options, inspect) {
    return `Client ${inspect(this.toJSON(), options)}`;
  }
}

function misconfigured(message, cause) {
  return failure({ class: "ConfigurationError", outcome: "not_sent", code: "configuration", message }, cause);
}

module.exports = { Client };
