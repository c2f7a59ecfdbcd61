// What the list shows: requests with all words of the filter and, of each group, one of its pressed chips.

import { client } from "./clients.js";
import { byId, el } from "./dom.js";
import { statusText } from "./row.js";

const isIn = (first) => (row) => row.status >= first && row.status < first + 100;
const CHIPS = [
  { group: "status", id: "2xx", title: "2xx", fits: isIn(200) },
  { group: "status", id: "4xx", title: "4xx", fits: isIn(400) },
  { group: "status", id: "5xx", title: "5xx", fits: isIn(500) },
  { group: "status", id: "none", title: "no response", fits: (row) => row.duration_ms != null && row.status == null },
  { group: "effect", id: "committed", title: "committed", fits: (row) => row.committed },
  { group: "effect", id: "fault", title: "fault", fits: (row) => row.fault != null },
];

export class Filter {
  /** The names of providers, by id. */
  names = {};
  #words = [];
  #chips = new Map();
  #pressed = new Set();
  #changed;

  /** `changed` is called when other requests fit. */
  constructor(changed) {
    this.#changed = changed;
    for (const chip of CHIPS) this.#add(chip);
  }

  get isOn() {
    return this.#words.length > 0 || this.#pressed.size > 0;
  }

  /** Shows only requests with all these words. */
  set text(text) {
    this.#words = text.toLowerCase().split(/\s+/).filter(Boolean);
    this.#changed();
  }

  /** Adds a chip for the provider of a request. */
  meet({ provider_id: provider }) {
    const name = this.names[provider];
    // Only those that exist: a request may name anything.
    if (name == null || this.#chips.has(provider)) return;
    this.#add({ group: "provider", id: provider, title: name, fits: (row) => row.provider_id === provider });
  }

  fits(row) {
    const pressed = [...this.#pressed];
    const fitsGroup = ({ group }) => pressed.some((chip) => chip.group === group && chip.fits(row));
    return pressed.every(fitsGroup) && this.#hasWords(row);
  }

  #hasWords(row) {
    if (this.#words.length === 0) return true;
    const words = [row.method, row.path, row.query, row.operation, row.name, row.fault, row.integration_id, row.user_agent];
    words.push(statusText(row), client(row.user_agent).title, row.committed ? "committed" : null, row.error?.message);
    words.push(this.names[row.provider_id], row.account);
    const text = words.filter(Boolean).join(" ").toLowerCase();
    return this.#words.every((word) => text.includes(word));
  }

  #add(chip) {
    const click = ({ currentTarget }) => {
      const isPressed = !this.#pressed.delete(chip);
      if (isPressed) this.#pressed.add(chip);
      currentTarget.setAttribute("aria-pressed", isPressed);
      this.#changed();
    };
    this.#chips.set(chip.id, chip);
    byId("chips").append(el("button", { type: "button", "aria-pressed": "false", click, data: { chip: chip.id } }, chip.title));
  }
}
