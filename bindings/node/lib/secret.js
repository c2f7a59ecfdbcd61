// Values that only the server may see.
"use strict";

const REDACTED = "[REDACTED]";

let revealing = 0;

class Secret {
  #value;

  constructor(value) {
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

/** Wraps each setting in a `Secret`, unless it is known not to be secret. */
function hideSecrets(integration, client) {
  const { provider_id, settings } = integration;
  if (settings === undefined || settings === null) return integration;
  if (typeof settings !== "object" || Array.isArray(settings)) {
    integration.settings = new Secret(settings);
    return integration;
  }
  const visible = visibleSettings(provider_id, client);
  for (const name of Object.keys(settings)) {
    if (!visible.includes(name)) settings[name] = new Secret(settings[name]);
  }
  return integration;
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

module.exports = { REDACTED, Secret, hideSecrets, reveal };
