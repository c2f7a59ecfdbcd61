// One request in full.

import { get, lines, set } from "./body.js";
import { client } from "./clients.js";
import { byId, count, duration, el, printable } from "./dom.js";
import { status, statusText } from "./requests.js";
import { ask } from "./server.js";

const HIDDEN = "********";

export class Detail {
  #section = byId("detail");
  #clock;
  #copy;
  #id = null;

  /** `clock` returns the time of a row; `copy` copies a text and shows what it was. */
  constructor(clock, copy) {
    this.#clock = clock;
    this.#copy = copy;
  }

  get id() {
    return this.#id;
  }

  /** Shows a request, or why it cannot be shown. */
  async open(id) {
    this.#id = id;
    const detail = await ask(`requests/${id}`).catch((error) => ({ error: error.message }));
    // Another may have been opened meanwhile.
    if (this.#id !== id) return;
    this.#section.dataset.requestId = id;
    const parts = detail.error ? [el("p", { data: { wrong: "" } }, detail.error)] : this.#parts(detail);
    this.#section.replaceChildren(this.#head(id), ...parts);
    this.#section.hidden = false;
    document.body.classList.add("has-detail");
  }

  close() {
    this.#id = null;
    this.#section.hidden = true;
    this.#section.replaceChildren();
    document.body.classList.remove("has-detail");
  }

  #head(id) {
    const click = () => (location.hash = "");
    const close = el("button", { type: "button", id: "close-detail", class: "quiet", "aria-label": "Close", click }, "✕");
    return el("div", { class: "row" }, el("h2", { id: "detail-title", class: "spring" }, `Request ${id}`), close);
  }

  #parts({ row, sent }) {
    const violations = row.error?.violations ?? [];
    const body = sent.body && new Body(row.id, sent.body, violations);
    return [
      el("p", { class: "row", data: { status: status(row) } },
        el("span", { class: "tag status tint" }, statusText(row)), " ", el("code", { class: "mono" }, el("b", {}, row.method), " ", row.path, sent.query ? `?${sent.query}` : "")),
      row.error?.message && violations.length === 0 ? el("p", { data: { wrong: "" } }, row.error.message) : null,
      violations.length > 0 ? this.#violations(violations) : null,
      this.#facts(row),
      el("h3", {}, "Body", body ? el("span", { class: "muted" }, ` ${count(sent.body.size)} bytes`) : ""),
      body ? body.element : el("p", { class: "muted" }, "No body was read."),
      this.#buttons(row, sent, body),
    ].filter(Boolean);
  }

  #violations(violations) {
    const item = ({ field, message }) =>
      el("li", { data: { violation: field } }, el("b", {}, field || "the body"), " ", message);
    return el("ul", { data: { wrong: "" } }, ...violations.map(item));
  }

  #facts(row) {
    const committed = row.committed ? (row.integration_id ? `yes, integration ${row.integration_id}` : "yes") : "no";
    const took = row.duration_ms == null ? "in flight" : duration(row.duration_ms);
    const facts = [
      ["Operation", row.operation ?? "none at this address"],
      ["Name", row.name],
      ["Committed", committed],
      ["Response", row.duration_ms != null && row.status == null ? "none was sent" : null],
      ["Fault", row.fault],
      ["Arrived", this.#clock(row)],
      ["Took", took],
      ["Client", client(row.user_agent).title],
      ["User agent", row.user_agent],
      ["Trace ID", row.error?.trace_id],
    ];
    const pair = ([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, String(value)));
    return el("dl", {}, ...facts.filter(([, value]) => value != null).map(pair));
  }

  #buttons(row, sent, body) {
    const button = (id, text, click) => el("button", { type: "button", id, click }, text);
    return el(
      "div",
      { class: "row" },
      button("copy-curl", "Copy as cURL", () => this.#copy(curl(row, sent, body?.text()), "the command")),
      button("copy-link", "Copy link", () => this.#copy(`${location.origin}/#request-${row.id}`, "the link")),
    );
  }
}

/** A body, in which secrets are masked until they are clicked. */
class Body {
  #id;
  #body;
  /** The unmasked body, once requested. */
  #clear = null;
  /** The pointers of the secrets that are shown. */
  #shown = new Set();

  constructor(id, body, violations) {
    this.#id = id;
    this.#body = body;
    const whole = () => [el("div", { class: "line" }, this.#secret("", ""), this.#why())];
    const content = body.json == null ? whole() : lines(body.json, body.masked, violations, (...at) => this.#secret(...at));
    this.element = el("div", { class: "code mono", role: "group", "aria-label": "Body" }, ...content);
  }

  /** Returns the text for a new request, in which masked values stay hidden. */
  text() {
    const { json, masked } = this.#body;
    if (json == null) return this.#shown.has("") ? this.#clear.text : HIDDEN;
    const value = (pointer) => (this.#shown.has(pointer) ? get(this.#clear.json, pointer) : HIDDEN);
    return JSON.stringify(masked.reduce((all, pointer) => set(all, pointer, value(pointer)), structuredClone(json)));
  }

  #why() {
    const why = this.#body.cut ? "It is too large to be kept in full" : "It is not JSON";
    return el("span", { class: "muted" }, ` ${why}, so the positions of its secrets are unknown.`);
  }

  #secret(pointer, field) {
    const mask = "••••••••";
    const label = `Show ${field || "the body"}`;
    const button = el("button", { type: "button", class: "secret", "aria-pressed": "false", title: label, data: { secret: field } }, mask);
    button.setAttribute("aria-label", label);
    button.addEventListener("click", async () => {
      this.#clear ??= (await ask(`requests/${this.#id}?secrets=shown`)).sent.body;
      const isShown = !this.#shown.delete(pointer);
      if (isShown) this.#shown.add(pointer);
      button.setAttribute("aria-pressed", isShown);
      button.setAttribute("aria-label", isShown ? `${field || "The body"}, shown: press to hide` : label);
      button.textContent = isShown ? printable(this.#text(pointer)) : mask;
    });
    return button;
  }

  #text(pointer) {
    const { json, text } = this.#clear;
    return json == null ? text : JSON.stringify(get(json, pointer));
  }
}

/** Returns the cURL command that sends a request again. In `body`, all secrets are masked except those that are shown. */
function curl({ method, path }, { query, content_type: contentType }, body) {
  const address = quote(`${location.origin}${path}${query ? `?${query}` : ""}`);
  const lines = [`curl ${method === "GET" ? "" : `--request ${quote(method)} `}${address}`];
  // The shell inserts the token.
  lines.push(`--header "Authorization: Bearer $OCAMBA_TOKEN"`);
  if (body != null) {
    lines.push(`--header ${quote(`Content-Type: ${contentType ?? "application/json"}`)}`);
    lines.push(`--data-raw ${quote(body)}`);
  }
  return lines.join(" \\\n  ");
}

/** Quotes a text for a POSIX shell. */
function quote(text) {
  return /^[A-Za-z0-9_./:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
