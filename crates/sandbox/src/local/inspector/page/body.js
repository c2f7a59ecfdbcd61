// The body of a request, one line per value, with the violations at their fields.

import { el } from "./dom.js";

/** Maximum length of a field's name in the server's violations. */
const LONGEST_NAME = 64;

/**
 * Returns the lines of a body with its violations. `secret` makes the element of a masked value from its pointer and field.
 */
export function lines(json, masked, violations, secret) {
  const wrong = new Map(violations.map(({ field, message }) => [field, message]));
  const made = [];
  const line = (depth, field, message, ...children) => {
    const element = el("div", { class: "line", data: { field, wrong: message && "" } }, ...children);
    // A property of the element, since the page's policy forbids styles in markup.
    element.style.setProperty("--depth", depth);
    if (message) element.append(" ", el("span", { class: "bad", data: { violation: field } }, message));
    made.push(element);
  };
  const walk = (value, { depth, field, pointer, key, comma }) => {
    const message = wrong.get(field);
    const head = key == null ? [] : [el("span", { class: "accent" }, JSON.stringify(key)), ": "];
    if (masked.includes(pointer)) return line(depth, field, message, ...head, secret(pointer, field), comma);
    if (value === null || typeof value !== "object") {
      const kind = typeof value === "string" ? "good" : "other";
      return line(depth, field, message, ...head, el("span", { class: kind }, JSON.stringify(value)), comma);
    }
    const isList = Array.isArray(value);
    const missing = isList ? [] : [...wrong].filter(([name]) => isMissing(name, field, value));
    const entries = Object.entries(value);
    const [open, close] = isList ? ["[", "]"] : ["{", "}"];
    if (entries.length + missing.length === 0) return line(depth, field, message, ...head, open + close, comma);
    line(depth, field, message, ...head, open);
    entries.forEach(([name, inner], index) => {
      walk(inner, {
        depth: depth + 1,
        field: joined(field, short(name)),
        pointer: `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`,
        key: isList ? null : name,
        comma: index < entries.length - 1 ? "," : "",
      });
    });
    for (const [name, message] of missing) {
      line(depth + 1, name, message, el("span", { class: "accent missing" }, JSON.stringify(name.split(".").pop())));
    }
    line(depth, null, null, close, comma);
  };
  walk(json, { depth: 0, field: "", pointer: "", key: null, comma: "" });
  return made;
}

/** Sets the value at a JSON pointer. */
export function set(json, pointer, value) {
  const names = parts(pointer);
  if (names.length === 0) return value;
  const last = names.pop();
  names.reduce((within, name) => within[name], json)[last] = value;
  return json;
}

/** The value at a JSON pointer. */
export const get = (json, pointer) => parts(pointer).reduce((within, name) => within?.[name], json);

const parts = (pointer) => pointer.split("/").slice(1).map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));

const joined = (field, name) => (field ? `${field}.${name}` : name);

function short(name) {
  const letters = [...name];
  return letters.length > LONGEST_NAME ? `${letters.slice(0, LONGEST_NAME).join("")}...` : name;
}

/** Returns whether this is a missing field of the object. */
function isMissing(name, field, value) {
  const start = field ? `${field}.` : "";
  const rest = name.startsWith(start) ? name.slice(start.length) : "";
  return rest !== "" && !Object.keys(value).some((key) => rest === short(key) || rest.startsWith(`${short(key)}.`));
}
