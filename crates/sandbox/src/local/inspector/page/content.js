// Headers and body of a request or a response, in which secrets are masked until they are clicked.

import { get, lines, set } from "./body.js";
import { count, el, printable } from "./dom.js";
import { ask } from "./server.js";

/** What the server puts in the place of a secret. */
export const MASK = "••••••••";
/** What stands for a secret in a command. */
const HIDDEN = "********";

export class Content {
  #id;
  #place;
  #body = null;
  /** The same without masks, once requested. */
  #clear = null;
  /** The pointers of the secrets that are shown. */
  #shown = new Set();

  /** `place` is `sent` or `response`. */
  constructor(id, place) {
    this.#id = id;
    this.#place = place;
  }

  /** Returns a title, the headers and the body. */
  parts(title, { headers, body }, violations, none) {
    this.#body = body;
    const size = body && body.size > 0 ? el("span", { class: "muted" }, ` ${count(body.size)} bytes`) : "";
    const name = this.#place === "sent" ? "Body" : "Response body";
    const content = body && body.size > 0 ? this.#code(name, violations) : el("p", { class: "muted" }, none);
    return [el("h3", {}, title, size), this.#headers(headers), content];
  }

  /** Returns the body for a new request, in which masked values stay hidden. Null for none. */
  text() {
    if (!this.#body) return null;
    const { json, masked } = this.#body;
    if (json == null) return this.#shown.has("") ? this.#clear.body.text : HIDDEN;
    const value = (pointer) => (this.#shown.has(pointer) ? get(this.#clear.body.json, pointer) : HIDDEN);
    return JSON.stringify(masked.reduce((all, pointer) => set(all, pointer, value(pointer)), structuredClone(json)));
  }

  #headers(headers) {
    const value = (name, value, index) => (value === MASK ? this.#secret(`header ${name}`, {}, (clear) => clear.headers[index][1]) : value);
    const pair = ([name, text], index) => el("div", {}, el("dt", {}, name), el("dd", {}, value(name, text, index)));
    const list = el("dl", { class: "mono" }, ...headers.map(pair));
    return el("details", { class: "headers", data: { headers: this.#place } }, el("summary", {}, "Headers ", el("span", { class: "muted" }, count(headers.length))), list);
  }

  #code(name, violations) {
    const { json, masked } = this.#body;
    const whole = () => [el("div", { class: "line" }, this.#isGone() ? "" : this.#ofBody("", ""), this.#why())];
    const content = json == null ? whole() : lines(json, masked, violations, (...at) => this.#ofBody(...at));
    // Its lines may be longer than the page is wide, so the keyboard must be able to move it.
    return el("div", { class: "code mono", role: "group", tabindex: "0", "aria-label": name, data: { body: this.#place } }, ...content);
  }

  /** Whether nothing of the body was kept. */
  #isGone() {
    return this.#place === "response" && this.#body.cut;
  }

  #why() {
    const why = this.#body.cut ? "It is too large to be kept in full" : "It is not JSON";
    return el("span", { class: "muted" }, this.#isGone() ? `${why}.` : ` ${why}, so the positions of its secrets are unknown.`);
  }

  #ofBody(pointer, field) {
    const text = ({ body: { json, text } }) => (json == null ? text : JSON.stringify(get(json, pointer)));
    return this.#secret(field || "the body", { secret: field }, text, pointer);
  }

  /** `text` returns the secret from the content without masks. */
  #secret(what, data, text, pointer = null) {
    const label = `Show ${what}`;
    const button = el("button", { type: "button", class: "secret", "aria-pressed": "false", title: label, "aria-label": label, data }, MASK);
    button.addEventListener("click", async () => {
      this.#clear ??= (await ask(`requests/${this.#id}?secrets=shown`))[this.#place];
      const isShown = button.getAttribute("aria-pressed") === "false";
      if (pointer != null) this.#shown[isShown ? "add" : "delete"](pointer);
      button.setAttribute("aria-pressed", isShown);
      button.setAttribute("aria-label", isShown ? `${what}, shown: press to hide` : label);
      button.textContent = isShown ? printable(text(this.#clear)) : MASK;
    });
    return button;
  }
}
