// Lists: item by item, page by page, or all at once. Nothing is asked for until then.
"use strict";

const { call, items } = require("./operations.js");

class List {
  #native;
  #operation;
  #filters;
  #options;
  /** Whether a page resolves to its result together with the response. */
  #isWithResponse;

  constructor(native, operation, filters = {}, options, isWithResponse = false) {
    this.#native = native;
    this.#operation = operation;
    this.#filters = filters;
    this.#options = options;
    this.#isWithResponse = isWithResponse;
  }

  get withResponse() {
    return new List(this.#native, this.#operation, this.#filters, this.#options, true);
  }

  [Symbol.asyncIterator]() {
    return items(this.#native, this.#operation, this.#filters, this.#options);
  }

  async all() {
    const all = [];
    for await (const item of this) all.push(item);
    return all;
  }

  page(number) {
    const filters = this.#filters;
    // What is no number would be left out, and is as wrong as 0.
    const page = Number.isInteger(number) ? number : 0;
    const paged = typeof filters === "object" && filters !== null ? { ...filters, page } : filters;
    return call(this.#native, this.#operation, undefined, paged, this.#options, this.#isWithResponse);
  }
}

module.exports = { List };
