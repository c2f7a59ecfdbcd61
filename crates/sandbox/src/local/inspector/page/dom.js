// Makes elements. Text is always set as text, since names and bodies may contain markup, and without characters that reorder
// or hide the text beside it.

// All but those that join letters, and the white space of a body.
const HIDDEN = /(?![\t\n\r\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Escapes the characters of a text that are not shown as themselves. */
export const printable = (text) => String(text).replace(HIDDEN, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);

/** Returns the element with this id. */
export const byId = (id) => document.getElementById(id);

/**
 * Makes an element with attributes and children, which are elements or text. `data` are data attributes. Attributes that
 * are `null` or `undefined` are left out; those that are functions are called on that event.
 */
export function el(tag, { data = {}, ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value != null) made.setAttribute(name, printable(value));
  }
  for (const [name, value] of Object.entries(data)) {
    if (value != null) made.dataset[name] = value;
  }
  const shown = (child) => (child instanceof Node ? child : printable(child));
  made.append(...children.filter((child) => child != null).map(shown));
  return made;
}

/** Makes an SVG element. */
export function drawn(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const whole = new Intl.NumberFormat("en");

/** Formats 1234 as 1,234. */
export const count = (number) => whole.format(number);

/** Formats milliseconds. */
export function duration(ms) {
  if (ms < 10) return `${ms.toFixed(ms < 1 ? 2 : 1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/** Formats the time of day of milliseconds since 1970. */
export const clock = (ms) => new Date(ms).toLocaleTimeString("en-GB");
