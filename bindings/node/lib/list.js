// Lists: item by item, page by page, or all at once. Nothing is asked for until then.
"use strict";

const { call, items } = require("./operations.js");

class List {
  #native;
  #operation;
  #filters;
  #options;

  constructor(native, operation, filters = {}, options) {
    this.#native = native;
    this.#operation = operation;
    this.#filters = filters;
    this.#options = options;
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
    return this.#page(number, false);
  }

  pageWithResponse(number) {
    return this.#page(number, true);
  }

  #page(number, withResponse) {
    const filters = this.#filters;
    // What is no number would be left out, and is as wrong as 0.
    const page = Number.isInteger(number) ? number : 0;
    const paged = typeof filters === "object" && filters !== null ? { ...filters, page } : filters;
    return call(this.#native, this.#operation, undefined, paged, this.#options, withResponse);
  }
}

module.exports = { List };
