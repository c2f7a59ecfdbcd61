// Values that only the server may see.
"use strict";

const visible = require("./visible-fields.js");

const REDACTED = "[REDACTED]";

/** Compares secrets in place of their values. */
const FINGERPRINT = {
  enumerable: true,
  get() {
    return fingerprint(this);
  },
};

let revealing = 0;
let key;

class Secret {
  #value;

  constructor(value) {
    if (value === undefined) throw new TypeError("a Secret needs a value, not undefined");
    // Of another copy of this package, too.
    this.#value = typeof value?.expose === "function" ? value.expose() : value;
    // Of its own, since assertions compare nothing else: two secrets would be equal whatever they hide.
    Object.defineProperty(this, "fingerprint", FINGERPRINT);
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

/** Returns a text that is the same for equal values, and in this process only: nobody can look it up, or try values. */
function fingerprint(secret) {
  const { createHmac, randomBytes } = require("node:crypto");
  key ??= randomBytes(32);
  return createHmac("sha256", key).update(reveal(() => JSON.stringify([secret.expose()], sorted))).digest("base64");
}

/** Sorts the fields of objects, whose order is no part of their value. */
function sorted(_name, value) {
  return isObject(value) ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
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

module.exports = { REDACTED, Secret, hideInProvider, hideSecrets, isObject, reveal };
