// Lists: item by item, page by page, or all at once. No request is sent before.
"use strict";

const { isPlain } = require("./json.js");
const { call, items } = require("./operations.js");

class List {
  #native;
  #operation;
  #filters;
  #options;
  /** Whether pages resolve to responses. */
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
    // JSON would leave out other values, or write them as null: 0 is as wrong.
    const page = Number.isInteger(number) ? number : 0;
    const paged = isPlain(filters) ? { ...filters, page } : filters;
    return call(this.#native, this.#operation, undefined, paged, this.#options, this.#isWithResponse);
  }
}

module.exports = { List };
