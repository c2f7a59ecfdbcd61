// A secret to plant, and all the ways to search for it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { format, inspect } from "node:util";
import v8 from "node:v8";
import { Secret } from "ocamba-hood";
import { answering, example } from "./helpers.mjs";

export const CANARY = "canary-4711";

/** What servers may quote of a secret, in all encodings, and how to recognise each. */
export const quoted = JSON.parse(readFileSync(new URL("../canary/quotes.json", import.meta.url), "utf8"));

/** Returns everything that people and programs see of a value. */
export function views(value) {
  const views = {
    inspect: inspect(value, { depth: Infinity, showHidden: true, getters: true, showProxy: true }),
    plain: inspect(value, { depth: Infinity, customInspect: false, showHidden: true, getters: true }),
    format: format("%s %o %O %j", value, value, value, value),
    json: JSON.stringify(value),
    string: `${value} ${value?.stack} ${value?.message}`,
    keys: Reflect.ownKeys(Object(value)).map((key) => `${String(key)} ${inspect(value[key])}`).join(),
    spread: inspect({ ...value }, { depth: Infinity }),
  };
  try {
    views.clone = inspect(structuredClone(value), { depth: Infinity });
    views.serialized = v8.serialize(value).toString("latin1");
  } catch {
    // A value that cannot be cloned shows nothing.
  }
  return views;
}

/** Fails if the canary, or another trace of it, shows in the value. */
export function hides(value, what, traces = [CANARY]) {
  for (const [view, text] of Object.entries(views(value))) {
    const trace = traces.find((trace) => String(text).includes(trace));
    assert.equal(trace, undefined, `${view} of ${what} shows it: ${text}`);
  }
}

/** Returns a request with the canary, a response that echoes it, and the name of the setting with it. */
export async function planted() {
  const { settings } = example;
  const provider = { id: "1", key: CANARY, settings: [{ name: "a", default: CANARY }, CANARY] };
  const unknown = { webhook_secret: CANARY, hooks: [CANARY], company_id: { secret: CANARY }, provider, nothing: null };
  const echoed = { id: "7", provider_id: example.provider_id, settings: { ...settings, unheard_of: CANARY }, ...unknown };
  const { client } = await answering(201, { ...echoed });
  const created = await client().integrations.create(example);
  const isSecret = (name) => name in settings && created.settings[name] instanceof Secret;
  const secretName = Object.keys(created.settings).find(isSecret);
  echoed.settings[secretName] = CANARY;
  return { request: { ...example, settings: { ...settings, [secretName]: CANARY } }, echoed, secretName };
}
