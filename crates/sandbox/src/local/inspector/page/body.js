// The body of a request, a line for each value, with what is wrong at its place.

import { el } from "./dom.js";

/** How much of a field's name the server tells. */
const LONGEST_NAME = 64;

/**
 * Its lines. `findings` say what is wrong with which field; `secret` makes what stands for a masked value, from its
 * pointer and its field.
 */
export function lines(json, masked, findings, secret) {
  const wrong = new Map(findings.map(({ field, says }) => [field, says]));
  const made = [];
  const line = (depth, field, says, ...children) => {
    const element = el("div", { class: "line", data: { field, wrong: says && "" } }, ...children);
    // A property of the element, since the page's policy lets no markup have styles.
    element.style.setProperty("--depth", depth);
    if (says) element.append(" ", el("span", { class: "finding", data: { finding: field } }, says));
    made.push(element);
  };
  const walk = (value, { depth, field, pointer, key, comma }) => {
    const says = wrong.get(field);
    const head = key == null ? [] : [el("span", { class: "key" }, JSON.stringify(key)), ": "];
    if (masked.includes(pointer)) return line(depth, field, says, ...head, secret(pointer, field), comma);
    if (value === null || typeof value !== "object") {
      const kind = value === null ? "null" : typeof value;
      return line(depth, field, says, ...head, el("span", { class: kind }, JSON.stringify(value)), comma);
    }
    const isList = Array.isArray(value);
    const missing = isList ? [] : [...wrong].filter(([name]) => isMissing(name, field, value));
    const entries = Object.entries(value);
    const [open, close] = isList ? ["[", "]"] : ["{", "}"];
    if (entries.length + missing.length === 0) return line(depth, field, says, ...head, open + close, comma);
    line(depth, field, says, ...head, open);
    entries.forEach(([name, inner], index) => {
      walk(inner, {
        depth: depth + 1,
        field: joined(field, short(name)),
        pointer: `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`,
        key: isList ? null : name,
        comma: index < entries.length - 1 ? "," : "",
      });
    });
    for (const [name, says] of missing) {
      line(depth + 1, name, says, el("span", { class: "key missing" }, JSON.stringify(name.split(".").pop())));
    }
    line(depth, null, null, close, comma);
  };
  walk(json, { depth: 0, field: "", pointer: "", key: null, comma: "" });
  return made;
}

/** Sets the value at a JSON pointer. */
export function set(json, pointer, value) {
  const names = pointer.split("/").slice(1).map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
  if (names.length === 0) return value;
  const last = names.pop();
  names.reduce((within, name) => within[name], json)[last] = value;
  return json;
}

/** The value at a JSON pointer. */
export function get(json, pointer) {
  const names = pointer.split("/").slice(1).map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
  return names.reduce((within, name) => within?.[name], json);
}

const joined = (field, name) => (field ? `${field}.${name}` : name);

function short(name) {
  const letters = [...name];
  return letters.length > LONGEST_NAME ? `${letters.slice(0, LONGEST_NAME).join("")}...` : name;
}

/** Whether it is a field of this object that is not there. */
function isMissing(name, field, value) {
  const start = field ? `${field}.` : "";
  const rest = name.startsWith(start) ? name.slice(start.length) : "";
  return rest !== "" && !Object.keys(value).some((key) => rest === short(key) || rest.startsWith(`${short(key)}.`));
}
