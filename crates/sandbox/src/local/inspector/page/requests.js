// The list of requests, the newest first.

import { client } from "./clients.js";
import { byId, clock, count, duration, el } from "./dom.js";

/** Maximum number in the list. The server keeps more. */
const MOST = 500;

export class Requests {
  #list = byId("requests");
  /** Rows and their elements, by id. */
  #shown = new Map();
  /** Requests that arrived while the list is paused. */
  #waiting = null;
  #words = [];
  #total = 0;
  #openId = null;
  #epoch = 0;

  /** Start of the server's time, in milliseconds since 1970. */
  set epoch(ms) {
    this.#epoch = ms;
  }

  set total(total) {
    this.#total = total;
    this.#count();
  }

  get isPaused() {
    return this.#waiting != null;
  }

  clock(row) {
    return clock(this.#epoch + row.at_ms);
  }

  /** Shows new requests and changes of others; `leftOut` older ones are only counted. */
  update({ cleared, requests, left_out: leftOut }) {
    if (cleared) this.#forget();
    if (this.#waiting) return this.#wait(requests, leftOut);
    const isNew = (row) => !this.#shown.has(row.id);
    const added = requests.filter(isNew).map((row) => this.#add(row));
    for (const row of requests) {
      if (!added.includes(row)) this.#change(row);
    }
    const elements = added.map((row) => this.#shown.get(row.id).element).reverse();
    if (leftOut > 0) elements.push(el("li", { class: "left-out small muted", data: { leftOut } }, `${count(leftOut)} more not listed`));
    this.#list.prepend(...elements);
    this.#trim();
    this.#count();
  }

  /** Shows only requests with all these words. */
  filter(text) {
    this.#words = text.toLowerCase().split(/\s+/).filter(Boolean);
    for (const { row, element } of this.#shown.values()) element.hidden = !this.#fits(row);
    this.#count();
  }

  pause() {
    if (!this.#waiting) {
      this.#waiting = { requests: new Map(), leftOut: 0 };
      return this.#count();
    }
    const { requests, leftOut } = this.#waiting;
    this.#waiting = null;
    this.update({ requests: [...requests.values()], left_out: leftOut });
  }

  /** Marks the open request. Null for none. */
  open(id) {
    this.#mark(this.#openId, false);
    this.#openId = id;
    this.#mark(id, true);
  }

  /** Moves the focus by this number of visible requests, and returns the id. */
  move(by) {
    const links = [...this.#list.querySelectorAll("li:not([hidden]) > a")];
    if (links.length === 0) return null;
    const focused = links.indexOf(document.activeElement);
    const current = focused >= 0 ? focused : links.findIndex((link) => link.getAttribute("aria-current"));
    const link = links[Math.min(Math.max(current + by, 0), links.length - 1)];
    this.#list.querySelector('a[tabindex="0"]')?.setAttribute("tabindex", "-1");
    link.setAttribute("tabindex", "0");
    link.focus();
    return Number(link.parentElement.dataset.requestId);
  }

  #add(row) {
    const element = el("li");
    this.#shown.set(row.id, { row, element });
    this.#draw(row, element);
    return row;
  }

  #change(row) {
    const shown = this.#shown.get(row.id);
    shown.row = row;
    this.#draw(row, shown.element);
  }

  #draw(row, element) {
    const { kind, mark, title } = client(row.user_agent);
    const hadFocus = element.contains(document.activeElement);
    Object.assign(element.dataset, {
      requestId: row.id,
      status: status(row),
      committed: row.committed,
      client: kind,
      operation: row.operation ?? "",
    });
    if (row.fault) element.dataset.fired = row.fault;
    element.hidden = !this.#fits(row);
    const isOpen = row.id === this.#openId;
    const link = el(
      "a",
      { href: `#request-${row.id}`, tabindex: hadFocus ? "0" : "-1", "aria-current": isOpen ? "true" : null },
      el("span", { class: "tag status tint" }, statusText(row)),
      " ",
      el("div", { class: "text" }, el("div", { class: "mono cut" }, el("b", {}, row.method), " ", row.path), about(row)),
      " ",
      el("span", { class: "client row small" }, el("span", { class: "tag", "aria-hidden": "true" }, mark), el("span", { class: "cut" }, title)),
      " ",
      el("span", { class: "took small" }, row.duration_ms == null ? "in flight" : duration(row.duration_ms)),
      " ",
      el("time", { class: "small muted" }, this.clock(row)),
    );
    element.replaceChildren(link);
    if (hadFocus) link.focus();
  }

  #fits(row) {
    if (this.#words.length === 0) return true;
    const words = [row.method, row.path, row.operation, row.name, row.fault, row.integration_id, row.user_agent];
    words.push(statusText(row), client(row.user_agent).title, row.committed ? "committed" : null, row.error?.message);
    const text = words.filter(Boolean).join(" ").toLowerCase();
    return this.#words.every((word) => text.includes(word));
  }

  #wait(requests, leftOut) {
    const waiting = this.#waiting;
    for (const row of requests) waiting.requests.set(row.id, row);
    waiting.leftOut += leftOut;
    // The oldest are left out first.
    for (const id of waiting.requests.keys()) {
      if (waiting.requests.size <= MOST) break;
      waiting.requests.delete(id);
      waiting.leftOut += 1;
    }
    this.#count();
  }

  #forget() {
    this.#shown.clear();
    this.#list.replaceChildren();
    if (this.#waiting) this.#waiting = { requests: new Map(), leftOut: 0 };
  }

  #trim() {
    while (this.#list.childElementCount > MOST) {
      const oldest = this.#list.lastElementChild;
      this.#shown.delete(Number(oldest.dataset.requestId));
      oldest.remove();
    }
    // The Tab key reaches one of them: the newest, unless another had the focus.
    if (!this.#list.querySelector('a[tabindex="0"]')) this.#list.querySelector("a")?.setAttribute("tabindex", "0");
  }

  #mark(id, isOpen) {
    const link = this.#shown.get(id)?.element.firstElementChild;
    if (isOpen) link?.setAttribute("aria-current", "true");
    else link?.removeAttribute("aria-current");
  }

  #count() {
    const waiting = this.#waiting?.requests.size ?? 0;
    const isFiltered = this.#words.length > 0;
    // Counted only when needed, since this runs for each update of a flood.
    const seen = isFiltered ? [...this.#shown.values()].filter(({ element }) => !element.hidden).length : this.#shown.size;
    const total = this.#total === 0 ? "none yet" : isFiltered ? `${count(seen)} match` : count(this.#total);
    byId("count").textContent = this.isPaused ? `${total} · ${count(waiting)} waiting` : total;
    byId("empty").hidden = this.#list.childElementCount > 0;
    byId("no-match").hidden = !isFiltered || seen > 0 || this.#shown.size === 0;
  }
}

/** The status for styles and tests. */
export function status(row) {
  if (row.duration_ms == null) return "open";
  return row.status == null ? "none" : String(row.status);
}

export function statusText(row) {
  if (row.duration_ms == null) return "···";
  return row.status == null ? "cut" : String(row.status);
}

/** The second line: operation, name, effect and error. */
function about(row) {
  const parts = [el("span", { class: "operation cut" }, row.operation ?? "no operation")];
  if (row.name) parts.push(" ", el("span", { class: "name cut" }, row.name));
  if (row.fault) parts.push(" ", el("span", { class: "chip other tint" }, `fault: ${row.fault}`));
  if (row.committed) {
    const id = row.integration_id ? ` ${row.integration_id}` : "";
    parts.push(" ", el("span", { class: "chip good tint" }, `committed${id}`));
  }
  const violations = row.error?.violations.map((it) => it.field || "the body") ?? [];
  if (violations.length > 0) parts.push(" ", el("span", { class: "chip bad tint cut" }, violations.join(", ")));
  else if (row.error?.message) parts.push(" ", el("span", { class: "cut" }, row.error.message));
  return el("div", { class: "about row small muted cut" }, ...parts);
}
