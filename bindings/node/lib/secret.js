// Values that only the server may see.
"use strict";

const visible = require("./visible-fields.js");

const REDACTED = "[REDACTED]";

let revealing = 0;

class Secret {
  #value;

  constructor(value) {
    if (value === undefined) throw new TypeError("a Secret needs a value, not undefined");
    this.#value = value;
  }

  expose() {
    return this.#value;
  }

  toString() {
    return REDACTED;
  }

  toJSON() {
    return revealing > 0 ? this.#value : REDACTED;
  }

  [Symbol.for("nodejs.util.inspect.custom")]() {
    return REDACTED;
  }
}

/** Runs `work`, during which secrets are written to JSON in clear. */
function reveal(work) {
  revealing += 1;
  try {
    return work();
  } finally {
    revealing -= 1;
  }
}

/** Wraps each setting, and each field that this version does not know, in a `Secret`, unless it is known to be none. */
function hideSecrets(integration, client) {
  const { provider_id, settings, provider } = integration;
  hide(integration, visible.Integration);
  if (isObject(settings)) integration.settings = hide(settings, visibleSettings(provider_id, client));
  if (isObject(provider)) integration.provider = hideInProvider(provider);
  return integration;
}

function hideInProvider(provider) {
  const { settings } = provider;
  hide(provider, visible.ProviderDescription);
  if (Array.isArray(settings)) {
    provider.settings = settings.map((setting) => (isObject(setting) ? hide(setting, visible.SettingDescription) : new Secret(setting)));
  }
  return provider;
}

/** Wraps each value of an object in a `Secret`, but for `null`, and for visible ones that are text, a number or a boolean. */
function hide(object, visible) {
  for (const [name, value] of Object.entries(object)) {
    const isVisible = value === null || (typeof value !== "object" && visible.includes(name));
    if (!isVisible) object[name] = new Secret(value);
  }
  return object;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const visibleByProvider = new Map();

function visibleSettings(provider, client) {
  const found = visibleByProvider.get(provider);
  if (found) return found;
  const visible = client.visibleSettings(String(provider));
  // Unknown providers are not cached: the server could name any number of them.
  if (visible.length > 0) visibleByProvider.set(provider, visible);
  return visible;
}

module.exports = { REDACTED, Secret, hideInProvider, hideSecrets, reveal };
