// One request in full.

import { client } from "./clients.js";
import { Content } from "./content.js";
import { curl } from "./curl.js";
import { byId, duration, el } from "./dom.js";
import { status, statusText } from "./row.js";
import { ask } from "./server.js";

export class Detail {
  #section = byId("detail");
  #clock;
  #actions;
  #id = null;

  /** `clock` returns the time of a row. `copy` copies a text and shows what it was; `again` and `edit` send a request. */
  constructor(clock, actions) {
    this.#clock = clock;
    this.#actions = actions;
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

  #parts({ row, sent, response }) {
    const violations = row.error?.violations ?? [];
    const [asked, answered] = [new Content(row.id, "sent"), new Content(row.id, "response")];
    return [
      el("p", { class: "row address", data: { status: status(row) } },
        el("span", { class: "tag status tint" }, statusText(row)), " ", el("code", { class: "mono" }, el("b", {}, row.method), " ", row.path, sent.query ? `?${sent.query}` : "")),
      this.#buttons(row, sent, asked),
      row.error?.message && violations.length === 0 ? el("p", { data: { wrong: "" } }, row.error.message) : null,
      violations.length > 0 ? this.#violations(violations) : null,
      this.#facts(row),
      ...asked.parts("Request", sent, violations, "No body was read."),
      ...(response ? answered.parts(`Response ${response.status}`, response, [], "No body.") : [el("h3", {}, "Response"), el("p", { class: "muted" }, "None yet, or none that the API has made.")]),
      response && row.duration_ms != null && row.status == null ? el("p", { class: "muted" }, "A fault has kept it from the client.") : null,
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
      ["Provider", row.provider_id],
      ["Name", row.name],
      ["Account", row.account],
      ["Committed", committed],
      ["Sent back", row.duration_ms != null && row.status == null ? "nothing" : null],
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

  #buttons(row, sent, content) {
    const button = (id, text, click) => el("button", { type: "button", id, click }, text);
    const { again, copy, edit } = this.#actions;
    return el(
      "div",
      { class: "row wrap" },
      button("send-again", "Send again", () => again(row.id)),
      button("edit-and-send", "Edit and send", () => edit(row.id)),
      button("copy-curl", "Copy as cURL", () => copy(curl(row, sent, content.text()), "the command")),
      button("copy-link", "Copy link", () => copy(`${location.origin}/#request-${row.id}`, "the link")),
    );
  }
}
