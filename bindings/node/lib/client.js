// The client. Only the native side holds the token, so nothing in JavaScript can show it.
"use strict";

const { begin, calls, conclude } = require("./calls.js");
const { failure, thrownBy } = require("./failure.js");
const { Integrations, Providers } = require("./integrations.js");
const { write } = require("./json.js");
const { REDACTED } = require("./secret.js");
const native = require("./native.js");

class Client {
  #native;
  #integrations;
  #providers;

  constructor(options = {}) {
    const text = write(options, (path, message) => {
      message = `${path.join(".") || "options"} ${message}`;
      return failure({ class: "ConfigurationError", outcome: "not_sent", code: "configuration", message });
    });
    // From `process.env`, not from the process: workers and tests may have their own environment.
    const variables = native.Client.variables().map((name) => process.env[name]?.toString());
    this.#native = thrownBy(() => new native.Client(text, variables, calls));
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

module.exports = { Client };
