// Making elements. Text is only ever set as text: names and bodies may have markup in them.

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/**
 * An element with attributes and children, which are elements or text. `data` are data attributes. An attribute that is
 * `null` or `undefined` is left out.
 */
export function el(tag, { data = {}, ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value != null) made.setAttribute(name, value);
  }
  for (const [name, value] of Object.entries(data)) {
    if (value != null) made.dataset[name] = value;
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

/** The same for what is drawn. */
export function drawn(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

const whole = new Intl.NumberFormat("en");

/** 1234 is 1,234. */
export const count = (number) => whole.format(number);

/** Milliseconds as people read them. */
export function duration(ms) {
  if (ms < 10) return `${ms.toFixed(ms < 1 ? 2 : 1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}

/** The time of day of milliseconds since 1970. */
export const clock = (ms) => new Date(ms).toLocaleTimeString("en-GB");
