// The list of requests, the newest first.

import { byId, clock, count, el } from "./dom.js";
import { Filter } from "./filter.js";
import { data, likeness, link } from "./row.js";

/** Maximum number in the list. The server keeps more. */
const MOST = 500;

export class Requests {
  #list = byId("requests");
  /** Rows and their elements, by id. */
  #shown = new Map();
  /** Requests that arrived while the list is paused. */
  #waiting = null;
  #filter = new Filter(() => this.#arrange());
  /** Number of requests that fit the filter. */
  #fitting = 0;
  /** What the requests of each unfolded group look like. */
  #unfolded = new Set();
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
    this.#arrange();
  }

  /** Shows only requests with all these words. */
  filter(text) {
    this.#filter.text = text;
  }

  /** Sets the names of providers, by id. */
  set names(names) {
    this.#filter.names = names;
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
    this.#arrange();
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
    this.#shown.set(row.id, { row, element, likeness: likeness(row) });
    this.#draw(row, element);
    return row;
  }

  #change(row) {
    const shown = this.#shown.get(row.id);
    Object.assign(shown, { row, likeness: likeness(row) });
    this.#draw(row, shown.element);
  }

  #draw(row, element) {
    const hasFocus = element.contains(document.activeElement);
    Object.assign(element.dataset, data(row));
    const about = { time: this.clock(row), names: this.#filter.names, isOpen: row.id === this.#openId, hasFocus };
    element.replaceChildren(link(row, about));
    if (hasFocus) element.firstElementChild.focus();
    this.#filter.meet(row);
  }

  /** Hides requests that do not fit the filter, and folds those that repeat the one above them. */
  #arrange() {
    let [head, repeats] = [null, 0];
    this.#fitting = 0;
    for (const element of this.#list.children) {
      const shown = this.#shown.get(Number(element.dataset.requestId));
      const fits = shown != null && this.#filter.fits(shown.row);
      if (fits) this.#fitting += 1;
      const isOpen = shown?.row.id === this.#openId;
      if (fits && !isOpen && head?.likeness != null && shown.likeness === head.likeness) {
        repeats += 1;
        element.hidden = !this.#unfolded.has(head.likeness);
        this.#showRepeats(shown, 0);
        continue;
      }
      // Others in between do not count while they are hidden.
      if (shown != null && !fits) {
        element.hidden = true;
        continue;
      }
      if (head) this.#showRepeats(head, repeats);
      element.hidden = false;
      [head, repeats] = [shown, 0];
    }
    if (head) this.#showRepeats(head, repeats);
    this.#count();
  }

  #showRepeats({ element, likeness }, repeats) {
    const button = element.querySelector(".repeats");
    if (repeats === 0) return button?.remove();
    const isUnfolded = this.#unfolded.has(likeness);
    const click = () => {
      if (!this.#unfolded.delete(likeness)) this.#unfolded.add(likeness);
      this.#arrange();
    };
    const label = `${count(repeats + 1)} like this: ${isUnfolded ? "fold" : "show each"}`;
    const attributes = { type: "button", class: "repeats small", "aria-expanded": isUnfolded, "aria-label": label, title: label, click };
    if (button?.getAttribute("aria-label") === label) return;
    const made = el("button", attributes, `×${count(repeats + 1)}`);
    if (!button) return element.append(made);
    const hadFocus = button === document.activeElement;
    button.replaceWith(made);
    if (hadFocus) made.focus();
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
    this.#unfolded.clear();
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
    const isFiltered = this.#filter.isOn;
    const seen = this.#fitting;
    const total = this.#total === 0 ? "none yet" : isFiltered ? `${count(seen)} match` : count(this.#total);
    byId("count").textContent = this.isPaused ? `${total} · ${count(waiting)} waiting` : total;
    byId("empty").hidden = this.#list.childElementCount > 0;
    byId("no-match").hidden = !isFiltered || seen > 0 || this.#shown.size === 0;
  }
}
