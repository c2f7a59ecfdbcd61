// `client.integrations` and `client.providers`.
"use strict";

const { List } = require("./list.js");
const { call, operations } = require("./operations.js");

class Integrations {
  #native;
  /** Whether calls resolve to responses. */
  #isWithResponse;

  constructor(native, isWithResponse = false) {
    this.#native = native;
    this.#isWithResponse = isWithResponse;
  }

  get withResponse() {
    return new Integrations(this.#native, true);
  }

  create(request, options) {
    return this.#call(operations.create, undefined, request, options);
  }

  validate(request, options) {
    return this.#call(operations.validate, undefined, request, options);
  }

  ensure(request, options) {
    return this.#call(operations.ensure, undefined, request, options);
  }

  findCreated(error, options) {
    return this.#call(operations.findCreated, undefined, error, options);
  }

  get(id, options) {
    return this.#call(operations.get, id, undefined, options);
  }

  update(id, update, options) {
    return this.#call(operations.update, id, update, options);
  }

  /** Tests an existing integration by its id, or one that is not created yet by its request. */
  sendTest(target, options) {
    const [operation, id] = typeof target === "string" ? [operations.test, target] : [operations.testRequest];
    return this.#call(operation, id, target, options);
  }

  list(filters, options) {
    return new List(this.#native, operations.list, filters, options);
  }

  #call(operation, id, given, options) {
    return call(this.#native, operation, id, given, options, this.#isWithResponse);
  }
}

class Providers {
  #native;

  constructor(native) {
    this.#native = native;
  }

  list(filters, options) {
    return new List(this.#native, operations.listProviders, filters, options);
  }
}

module.exports = { Integrations, Providers };
